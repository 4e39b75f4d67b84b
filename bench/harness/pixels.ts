/** Whether outputs hold the pixels of the inputs, as the reference library reads them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is known about a channel: pixel type, window and a digest of the samples. */
interface ChannelDigest {
  readonly type: string;
  readonly samples: string;
}

export type ChannelDigests = ReadonlyMap<string, ChannelDigest>;

/**
 * The channels of files by name; the part or file of a channel does not matter. `digest` is a program that prints
 * part, channel, type, window and digest of each channel of a file, with tabs between.
 */
export async function channelDigests(digest: string, files: readonly string[]): Promise<ChannelDigests> {
  const channels = new Map<string, ChannelDigest>();
  for (const file of files) {
    const { stdout } = await run(digest, [file], { maxBuffer: 1 << 28 });
    for (const line of stdout.trim().split('\n')) {
      const [, channel = '', type = '', ...samples] = line.split('\t');
      channels.set(channel, { type, samples: samples.join('\t') });
    }
  }
  return channels;
}

/** In a few words for a table. `newName` maps an input channel's name to the output's. */
export function compareChannels(
  expected: ChannelDigests,
  found: ChannelDigests,
  newName: (channel: string) => string = (channel) => channel,
): string {
  const pairs = [...expected].map(([name, digest]) => [digest, found.get(newName(name))] as const);
  const counts = {
    missing: pairs.filter(([, now]) => !now).length,
    'of another type': pairs.filter(([was, now]) => now && now.type !== was.type).length,
    different: pairs.filter(([was, now]) => now && now.type === was.type && now.samples !== was.samples).length,
    'too many': Math.max(0, found.size - expected.size),
  };
  const wrong = Object.entries(counts).filter(([, count]) => count > 0);
  return wrong.length === 0 ? 'same' : wrong.map(([what, count]) => `${count} channels ${what}`).join('; ');
}
