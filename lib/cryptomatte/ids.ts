/** What the pixels of a Cryptomatte hold: which IDs, how much coverage each has, and whether they can be IDs at all. */
import type { Region } from '../model/geometry.js';
import type { Header, Part, Samples } from '../model/header.js';
import { groupBy } from './group-by.js';
import { type RankLayer, slots } from './ranks.js';

/** Streams samples of channels of one part; a filter context's `samples` is one. */
export type SampleReader = (
  part: Part,
  channels: readonly string[],
) => AsyncIterable<{ readonly region: Region; readonly samples: readonly Samples[] }>;

/** One ID in the picture. */
export interface FoundId {
  readonly bits: number;
  /** Sum of its coverage over all pixels. */
  readonly coverage: number;
  /** The first pixel, in reading order of the chunks, that it covers. */
  readonly x: number;
  readonly y: number;
}

/** Positions in the list of samples that hold one rank: its ID and its coverage. */
interface RankPair {
  readonly id: number;
  readonly coverage: number;
}

/** Distinct IDs that are counted one by one. Scenes have thousands; pictures with more hold no IDs but noise. */
const maxIds = 1 << 20;

/** Open-addressing table from IDs to their sums: a Map of this size would need several times the memory. */
class IdTable {
  #keys = new Uint32Array(1024);
  #coverage = new Float64Array(1024);
  #x = new Int32Array(1024);
  #y = new Int32Array(1024);
  size = 0;

  /** Adds coverage to an ID, which is never 0. False when the table is full. */
  add(bits: number, coverage: number, x: number, y: number): boolean {
    let at = this.#find(bits);
    if (this.#keys[at] === 0) {
      if (this.size >= maxIds) return false;
      if (this.size * 2 >= this.#keys.length) {
        this.#grow();
        at = this.#find(bits);
      }
      this.#keys[at] = bits;
      this.#x[at] = x;
      this.#y[at] = y;
      this.size += 1;
    }
    this.#coverage[at] = (this.#coverage[at] as number) + coverage;
    return true;
  }

  *entries(): Generator<FoundId> {
    for (let at = 0; at < this.#keys.length; at++)
      if (this.#keys[at] !== 0)
        yield {
          bits: this.#keys[at] as number,
          coverage: this.#coverage[at] as number,
          x: this.#x[at] as number,
          y: this.#y[at] as number,
        };
  }

  #find(bits: number): number {
    const mask = this.#keys.length - 1;
    // IDs are hashes already, except where they were rounded; the multiplication spreads those too.
    let at = (Math.imul(bits, 0x9e3779b1) >>> 8) & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== bits) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = [...this.entries()];
    const length = this.#keys.length * 4;
    this.#keys = new Uint32Array(length);
    this.#coverage = new Float64Array(length);
    this.#x = new Int32Array(length);
    this.#y = new Int32Array(length);
    for (const { bits, coverage, x, y } of old) {
      const at = this.#find(bits);
      this.#keys[at] = bits;
      this.#coverage[at] = coverage;
      this.#x[at] = x;
      this.#y[at] = y;
    }
  }
}

/** Coverage may exceed its bounds by this much from rounding alone. */
const tolerance = 1e-4;

/** Counts made over all pixels of one set. Each `…Pixels` and `…Samples` field counts what the name says is wrong. */
export class IdStatistics {
  readonly #table = new IdTable();
  /** Samples with an ID other than 0 and coverage above 0. */
  samples = 0;
  /** Sum of their coverage. */
  coverage = 0;
  /** More distinct IDs than are counted one by one. */
  overflow = false;
  /** IDs that are infinite, no number or denormal, which no name has. */
  brokenIdSamples = 0;
  /** Coverage below 0, above 1 or no number. */
  badCoverageSamples = 0;
  /** Pixels whose coverages add up to more than 1. */
  overfullPixels = 0;
  /** Pixels whose ranks do not descend by coverage. */
  unsortedPixels = 0;
  /** The first pixel where each kind of trouble was seen. */
  readonly first = new Map<'brokenId' | 'badCoverage' | 'overfull' | 'unsorted', { x: number; y: number }>();

  get ids(): number {
    return this.#table.size;
  }

  /** All IDs found; not all there are when `overflow` is set. */
  found(): Generator<FoundId> {
    return this.#table.entries();
  }

  /** The coverage of the IDs that a test is true for, as a share of all coverage; 1 where nothing is covered. */
  share(test: (bits: number) => boolean): number {
    if (this.coverage === 0) return 1;
    let sum = 0;
    for (const { bits, coverage } of this.found()) if (test(bits)) sum += coverage;
    return Math.min(1, sum / this.coverage);
  }

  /** Counts one block. `ranks` are in the order of their rank. */
  add(region: Region, samples: readonly Samples[], ranks: readonly RankPair[]): void {
    const ids = ranks.map(({ id }) => asBits(samples[id] as Samples));
    const coverages = ranks.map(({ coverage }) => samples[coverage] as Samples);
    const length = Math.min(...ids.map((plane) => plane.length), region.width * region.height);
    for (let i = 0; i < length; i++) {
      let sum = 0;
      let last = Number.POSITIVE_INFINITY;
      let sorted = true;
      for (let rank = 0; rank < ids.length; rank++) {
        const coverage = (coverages[rank] as Samples)[i] as number;
        const bits = (ids[rank] as Uint32Array)[i] as number;
        if (coverage === 0) {
          last = 0;
          continue;
        }
        const x = region.x + (i % region.width);
        const y = region.y + Math.floor(i / region.width);
        if (!(coverage > -tolerance && coverage < 1 + tolerance)) this.#trouble('badCoverage', x, y);
        else if (bits << 1 !== 0) this.#count(bits, coverage, x, y);
        if (coverage > last + tolerance) sorted = false;
        last = coverage;
        sum += coverage;
      }
      if (!sorted) this.#trouble('unsorted', region.x + (i % region.width), region.y + Math.floor(i / region.width));
      if (sum > 1 + tolerance)
        this.#trouble('overfull', region.x + (i % region.width), region.y + Math.floor(i / region.width));
    }
  }

  #count(bits: number, coverage: number, x: number, y: number): void {
    const exponent = (bits >>> 23) & 0xff;
    if (exponent === 0 || exponent === 0xff) this.#trouble('brokenId', x, y);
    this.samples += 1;
    this.coverage += coverage;
    if (!this.#table.add(bits, coverage, x, y)) this.overflow = true;
  }

  #trouble(kind: 'brokenId' | 'badCoverage' | 'overfull' | 'unsorted', x: number, y: number): void {
    if (kind === 'brokenId') this.brokenIdSamples += 1;
    else if (kind === 'badCoverage') this.badCoverageSamples += 1;
    else if (kind === 'overfull') this.overfullPixels += 1;
    else this.unsortedPixels += 1;
    if (!this.first.has(kind)) this.first.set(kind, { x, y });
  }
}

function asBits(samples: Samples): Uint32Array {
  return samples instanceof Uint32Array ? samples : new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
}

/** Statistics for several sets in one pass over each part: chunks hold all channels, so another pass would unpack them again. */
export async function readIds<Key>(
  header: Pick<Header, 'parts'>,
  sets: ReadonlyMap<Key, readonly RankLayer[]>,
  read: SampleReader,
): Promise<Map<Key, IdStatistics>> {
  const results = new Map([...sets.keys()].map((key) => [key, new IdStatistics()]));
  const jobs = [...sets].flatMap(([key, layers]) =>
    [...groupBy(layers, ({ part, view }) => `${part} ${view}`).values()].map((same) => ({ key, layers: same })),
  );
  for (const [number, wanted] of groupBy(jobs, ({ layers }) => layers[0]?.part ?? 0)) {
    const part = header.parts[number];
    if (!part) continue;
    const names: string[] = [];
    const place = (name: string): number => {
      const known = names.indexOf(name);
      return known < 0 ? names.push(name) - 1 : known;
    };
    const tasks = wanted.map(({ key, layers }) => ({
      statistics: results.get(key) as IdStatistics,
      ranks: layers.flatMap(rankPairs).map(({ id, coverage }) => ({ id: place(id), coverage: place(coverage) })),
    }));
    for await (const { region, samples } of read(part, names))
      for (const { statistics, ranks } of tasks) if (ranks.length > 0) statistics.add(region, samples, ranks);
  }
  return results;
}

/** The ranks a layer holds, as channel names: red with green, blue with alpha. */
function rankPairs(layer: RankLayer): { id: string; coverage: string }[] {
  return [slots.slice(0, 2), slots.slice(2)].flatMap((pair) => {
    const [id, coverage] = pair.map((slot) => layer.slots[slot]?.name);
    return id === undefined || coverage === undefined ? [] : [{ id, coverage }];
  });
}

/**
 * The bits an ID has after PXR24, which keeps the upper 24 bits of a float, rounded (ImfPxr24Compressor.cpp,
 * `floatToFloat24`).
 */
export function pxr24Bits(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  const rounded = (magnitude + (magnitude & 0x80)) >>> 8;
  const kept = rounded >= 0x7f8000 ? magnitude >>> 8 : rounded;
  return ((bits & 0x80000000) | (kept << 8)) >>> 0;
}

/** What has become of a set's IDs, as far as pixels and names tell. */
export type IdState =
  /** Most coverage is named, or nothing speaks against it. */
  | 'sound'
  /** Rounded to 24 bits by PXR24: names determine them, `repair` restores them. */
  | 'rounded'
  /** Stored as half once: lost. */
  | 'half'
  /** About as many IDs as samples: filtered, resampled, premultiplied or colour-managed. */
  | 'mixed'
  /** Good for IDs, but nobody knows their names. */
  | 'unnamed';

/** Judges IDs by their bits, given a test for bits that have a name. */
export function judgeIds(statistics: IdStatistics, named: (bits: number) => boolean): IdState {
  if (statistics.samples === 0 || statistics.share(named) >= 0.5) return 'sound';
  if (statistics.share((bits) => (bits & 0x1fff) === 0) > 0.99) return 'half';
  if (statistics.share((bits) => (bits & 0xff) === 0) > 0.99) return 'rounded';
  if (statistics.overflow || (statistics.ids > 256 && statistics.ids * 3 > statistics.samples)) return 'mixed';
  return 'unnamed';
}
