import { asSamples, planeLength } from '../codecs/planes.js';
import type { ExrDocument } from '../engine/document.js';
import { execute } from '../engine/execute.js';
import type { SampleBlock } from '../engine/filter.js';
import { makePlan } from '../engine/plan.js';
import { schedule } from '../engine/schedule.js';
import { ExrError } from '../model/error.js';
import { Geometry, type Region } from '../model/geometry.js';
import type { Header, Part, Samples } from '../model/header.js';
import { sharedRunners } from './runners.js';

/** Bytes of chunks under way while pixels are looked at. */
const readingMemory = 128 << 20;

/**
 * The samples of some channels of one part as wanted, at full resolution, chunk by chunk in bounded memory.
 * A source that cannot seek is copied to a temporary file first, so that the pixels can be read again.
 */
export async function* readSamples(
  document: Pick<ExrDocument, 'arrived' | 'source'>,
  part: Part,
  names: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const { arrived, source } = document;
  const header = onlyChannels(part, names);
  const wanted = header.parts[0] as Part;
  await source.makeRandom();
  // Nothing is coded, so the codec of the part that is put together for reading does not matter.
  const plan = makePlan(header, arrived).map((entry) => ({ ...entry, method: 'transcode' as const }));
  const units = schedule(plan, header, arrived, source.order, { planar: true });
  const geometry = new Geometry(wanted);
  const { pool, inline } = sharedRunners;
  for await (const { index, payload } of execute(units, source, {
    runner: pool(),
    inline: inline(),
    budget: readingMemory,
    releases: true,
    signal,
  })) {
    const region = geometry.region(index);
    // Channels were sorted for the plan; the caller gets them in the order it named them.
    const planes = new Map(split(wanted, region, payload));
    yield { region, samples: names.map((name) => planes.get(name) as Samples) };
  }
}

function onlyChannels(part: Part, names: readonly string[]): Header {
  const missing = names.filter((name) => !part.channels.some((channel) => channel.name === name));
  if (missing.length > 0)
    throw new ExrError('usage', 'NO_SUCH_CHANNEL', `there is no channel "${missing.join('", "')}"`);
  if (part.type === 'deepscanline' || part.type === 'deeptile')
    throw new ExrError('unsupported', 'DEEP_UNSUPPORTED', 'the pixels of deep parts cannot be looked at');
  const channels = part.channels.filter(({ name }) => names.includes(name));
  const tiles = part.tiles && { ...part.tiles, levels: 'one' as const };
  // `none` never loses anything, so no consent is asked; `tiles` at one level leaves mip levels out.
  return { parts: [{ ...part, channels, tiles, compression: 'zip' }], longNames: false, multiPart: false };
}

function split(part: Part, region: Region, bytes: Uint8Array): [string, Samples][] {
  let at = 0;
  return part.channels.map((channel) => {
    const from = at;
    at += planeLength(channel, region);
    return [channel.name, asSamples(channel.type, bytes.subarray(from, at))];
  });
}
