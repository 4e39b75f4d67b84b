import type { ChunkReader, ChunkSource, ExrDocument } from '../engine/document.js';
import { execute } from '../engine/execute.js';
import type { SampleBlock, SampleOptions } from '../engine/filter.js';
import { planSamples } from '../engine/plan.js';
import { schedule, type Unit } from '../engine/schedule.js';
import { planeLength } from '../format/block-length.js';
import { Geometry, type Region } from '../format/geometry.js';
import type { Limits } from '../format/limits.js';
import { type ChunkRef, chunkKey } from '../format/offset-table.js';
import { asSamples } from '../jobs/planes.js';
import { ExrError } from '../model/error.js';
import { type Box, type Header, isDeep, type Part, type Samples } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { Runners } from './host.js';

export interface ReadOptions extends SampleOptions {
  readonly signal?: AbortSignal | undefined;
  readonly runners: Runners;
  readonly limits?: Limits | undefined;
  /** A mip level instead of full resolution; of a ripmap the one that is halved as often both ways. Regions are in its own pixels. */
  readonly level?: number | undefined;
}

/** Bytes of chunks in flight while pixels are read. */
const readingMemory = 128 << 20;

/** How many chunks `spread` takes. */
const spreadChunks = 8;

/**
 * The samples of some channels of one part as wanted, at full resolution, chunk by chunk in bounded memory. What a source
 * with missing chunks does not have does not come.
 * A source that cannot seek is copied to a temporary file first, so that the pixels can be read again; not where a few chunks
 * are wanted that can be looked at without it.
 */
export async function* readSamples(
  document: Pick<ExrDocument, 'arrived' | 'source'>,
  part: Part,
  names: readonly string[],
  { chunks, window, signal, runners, limits, level }: ReadOptions,
): AsyncGenerator<SampleBlock> {
  const { arrived, source } = document;
  const wanted = onlyChannels(part, names, chunks !== undefined, level);
  const header: Header = { parts: [wanted], longNames: false, multiPart: false };
  const plan = [planSamples(wanted, arrived, limits)];
  const geometry = new Geometry(wanted);
  const planned = (indices: readonly number[], apart = false) =>
    schedule(plan, header, arrived, source.order, { planar: new Set([0]), only: indices, apart });
  const choice = inFileOrder(
    level === undefined ? choose(geometry, chunks, window) : geometry.levelChunks(level),
    wanted,
  );
  const { units, reader } = await inReach(source, choice, chunks === 'spread', planned);
  for await (const { index, payload } of execute(units, reader, {
    runner: runners.pool(),
    inline: runners.inline(),
    budget: readingMemory,
    signal,
  })) {
    const region = geometry.region(index);
    // Channels were sorted for the plan; the caller gets them in the order in which it named them.
    const planes = new Map(split(wanted, region, payload as Uint8Array));
    yield { region, samples: names.map((name) => planes.get(name) as Samples) };
  }
}

/** The part with these channels only. If chunks are requested by number, it keeps its chunks. */
function onlyChannels(part: Part, names: readonly string[], sameChunks: boolean, level: number | undefined): Part {
  const missing = names.filter((name) => !part.channels.some((channel) => channel.name === name));
  if (missing.length > 0) throw new ExrError('usage', 'NO_SUCH_CHANNEL', `there is no channel ${listed(missing)}`);
  if (isDeep(part)) throw new ExrError('unsupported', 'DEEP_UNSUPPORTED', 'the pixels of deep parts cannot be read');
  const channels = part.channels.filter(({ name }) => names.includes(name));
  const tiles = part.tiles && (level === undefined ? { ...part.tiles, levels: 'one' as const } : part.tiles);
  // Sixteen lines at a time are a good size; nothing is ever stored with this compression.
  return { ...part, channels, tiles, compression: sameChunks ? part.compression : 'zip' };
}

/**
 * Numbers of the requested full-resolution chunks.
 *
 * @throws ExrError of kind `usage` for one that does not exist.
 */
function choose(geometry: Geometry, chunks: SampleOptions['chunks'], window: Box | undefined): readonly number[] {
  const all = window
    ? geometry.overlapping({
        x: window.xMin,
        y: window.yMin,
        width: window.xMax - window.xMin + 1,
        height: window.yMax - window.yMin + 1,
      })
    : Array.from({ length: geometry.chunkCount }, (_, index) => index);
  if (chunks === undefined || chunks === 'spread') return all;
  const bad = chunks.find((index) => !(Number.isInteger(index) && index >= 0 && index < geometry.chunkCount));
  if (bad !== undefined) throw new ExrError('usage', 'NO_SUCH_CHUNK', `there is no chunk ${bad}`);
  const wanted = new Set(chunks);
  return all.filter((index) => wanted.has(index));
}

/** Files with decreasing line order are read from the bottom. */
function inFileOrder(indices: readonly number[], { lineOrder }: Part): readonly number[] {
  return lineOrder === 'decreasing' ? indices.toReversed() : indices;
}

/** A few entries of a list, including its ends. */
function spread(indices: readonly number[]): readonly number[] {
  if (indices.length <= spreadChunks) return indices;
  const step = (indices.length - 1) / (spreadChunks - 1);
  return Array.from({ length: spreadChunks }, (_, i) => indices[Math.round(i * step)] as number);
}

/** The units for the requested chunks, as far as they exist, and their reader. */
async function inReach(
  source: ChunkSource,
  choice: readonly number[],
  few: boolean,
  planned: (indices: readonly number[], apart?: boolean) => Iterable<Unit>,
): Promise<{ units: Iterable<Unit>; reader: ChunkReader }> {
  const take = few ? spread : (indices: readonly number[]) => indices;
  if (!source.random) {
    const ahead = new Set(source.ahead.map(chunkKey));
    const near = madeOf(planned(choice, true), (chunk) => ahead.has(chunkKey(chunk)));
    if (near.length === choice.length || (few && near.length > 0)) {
      const units = [...planned(take(near))];
      return { units, reader: await peeked(source, units) };
    }
    await source.makeRandom();
  }
  if (source.missing.length === 0) return { units: planned(take(choice)), reader: source };
  const missing = new Set(source.missing.map(chunkKey));
  const there = madeOf(planned(choice, true), (chunk) => !missing.has(chunkKey(chunk)));
  return { units: planned(take(there)), reader: source };
}

/** Numbers of the wanted chunks that are made only of such arrived chunks. */
function madeOf(units: Iterable<Unit>, accepts: (chunk: ChunkRef) => boolean): number[] {
  const found: number[] = [];
  for (const { sources, targets } of units)
    if (sources.every(accepts)) for (const { index } of targets) found.push(index);
  return found;
}

/** A reader of chunks that are in memory. */
async function peeked(source: ChunkSource, units: readonly Unit[]): Promise<ChunkReader> {
  const needed = units.flatMap(({ sources }) => sources);
  const chunks = [...new Map(needed.map((chunk) => [chunkKey(chunk), chunk])).values()];
  const payloads = await source.peek(chunks);
  const held = new Map(chunks.map((chunk, i) => [chunkKey(chunk), payloads[i] as Uint8Array]));
  return {
    order: chunks,
    random: true,
    space: (chunk) => source.space(chunk),
    // A job takes over the buffer it is given, and two may need the same chunk.
    read: async (chunk) => (held.get(chunkKey(chunk)) as Uint8Array).slice(),
  };
}

function split(part: Part, region: Region, bytes: Uint8Array): [string, Samples][] {
  let at = 0;
  return part.channels.map((channel) => {
    const from = at;
    at += planeLength(channel, region);
    return [channel.name, asSamples(channel.type, bytes.subarray(from, at))];
  });
}
