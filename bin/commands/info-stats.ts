/** `info --stats`: what the samples of each channel are. */

import { makeLimits } from '../../lib/format/index.js';
import { isDeep, type Limits, readSamples } from '../../lib/index.js';
import { type Statistics, StatisticsFinder } from '../../lib/look.js';
import { sharedRunners } from '../../lib/program.js';
import { alignColumns } from '../terminal/table.js';
import { withInput } from './look/open.js';

/** One channel, as `--json` has it. */
export interface ChannelStats extends Statistics {
  readonly part: number;
  readonly channel: string;
}

export interface FileStats {
  readonly channels: readonly ChannelStats[];
  /** Deep parts and missing chunks, which are left out. */
  readonly deepParts: number;
  readonly missingChunks: number;
}

/** All flat channels of a file. */
export async function statsOf(
  file: string,
  limits: Partial<Limits> | undefined,
  signal: AbortSignal,
): Promise<FileStats> {
  return withInput(file, limits, async (document) => {
    const { parts } = document.header;
    const flat = [...parts.entries()].filter(([, part]) => !isDeep(part));
    if (flat.length > 1) await document.source.makeRandom();
    const channels: ChannelStats[] = [];
    for (const [number, part] of flat) {
      const names = part.channels.map(({ name }) => name);
      const finders = names.map(() => new StatisticsFinder());
      const options = { signal, runners: sharedRunners, limits: makeLimits(limits) };
      for await (const { samples } of readSamples(document, part, names, options))
        for (const [at, plane] of samples.entries()) finders[at]?.add(plane);
      for (const [at, finder] of finders.entries())
        channels.push({ part: number, channel: names[at] ?? '', ...finder.statistics });
    }
    return { channels, deepParts: parts.length - flat.length, missingChunks: document.source.missing.length };
  });
}

/** A table for people. */
export async function statsText(
  file: string,
  limits: Partial<Limits> | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { channels, deepParts, missingChunks } = await statsOf(file, limits, signal);
  const several = new Set(channels.map(({ part }) => part)).size > 1;
  const rows = channels.map(({ part, channel, min, max, mean, nan, infinite }) => [
    ...(several ? [String(part)] : []),
    channel,
    short(min),
    short(max),
    short(mean),
    nan === 0 ? '' : String(nan),
    infinite === 0 ? '' : String(infinite),
  ]);
  const head = [...(several ? ['part'] : []), 'channel', 'min', 'max', 'mean', 'NaN', 'Inf'];
  const left = [
    ...(deepParts === 0 ? [] : [`  ${deepParts} deep parts are left out`]),
    ...(missingChunks === 0 ? [] : [`  ${missingChunks} chunks are missing and left out: the file is unfinished`]),
  ];
  const name = file === '-' ? 'stdin' : file;
  return [`${name}: samples of ${channels.length} channels`, ...alignColumns([head, ...rows], '  '), ...left].join(
    '\n',
  );
}

function short(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(6)));
}
