/** What the pixels of a Cryptomatte hold: which IDs, how much coverage each has, and whether they can be IDs at all. */
import type { Region } from '../format/geometry.js';
import { slots } from '../layers/components.js';
import type { LayerChannels } from '../layers/rank-groups.js';
import { groupBy } from '../model/group-by.js';
import type { Header, Part, Samples } from '../model/header.js';
import { type FoundId, IdTable } from './id-table.js';

/** Streams samples of channels of one part; a filter context's `samples` is one. */
export type SampleReader = (
  part: Part,
  channels: readonly string[],
  options?: { readonly chunks?: 'spread' | undefined },
) => AsyncIterable<{ readonly region: Region; readonly samples: readonly Samples[] }>;

/** Positions in the list of samples that hold one rank: its ID and its coverage. */
export interface RankPair {
  readonly id: number;
  readonly coverage: number;
}

/** Samples of one rank, with IDs and coverages also available as bits. */
interface RankPlanes {
  readonly ids: Uint32Array;
  readonly coverages: Samples;
  readonly bits: Uint32Array;
}

/** Coverage may exceed its bounds by this much from rounding alone. */
const tolerance = 1e-4;

/** Coverage beyond what any filter, however sharp, or sum of samples produces. Colour divided by a small alpha does. */
const wildCoverage = 16;

/** Counts over all pixels of one set. Each `…Pixels` and `…Samples` field counts the fault in its name. */
export class IdStatistics {
  readonly #table = new IdTable();
  /** Samples with an ID other than 0 and coverage above 0. */
  samples = 0;
  /** Sum of their coverage. */
  coverage = 0;
  /** More distinct IDs than are counted one by one. */
  overflow = false;
  /** IDs that are infinite, NaN or denormal, which no name has. */
  brokenIdSamples = 0;
  /** Coverage below 0, above 1 or NaN. */
  badCoverageSamples = 0;
  /** Those among them that are so far off that the samples must have been processed as colour. */
  wildCoverageSamples = 0;
  /** The largest coverage that is none of these. */
  maxCoverage = 0;
  /** Pixels whose coverages add up to more than 1. */
  overfullPixels = 0;
  /** Pixels whose ranks do not descend by coverage. */
  unsortedPixels = 0;
  /** The first pixel with each kind of fault. */
  readonly first = new Map<'brokenId' | 'badCoverage' | 'overfull' | 'unsorted', { x: number; y: number }>();

  get ids(): number {
    return this.#table.size;
  }

  /** All IDs found; incomplete when `overflow` is set. */
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
    const { x, y, width } = region;
    const planes = ranks.map(({ id, coverage }) => {
      const coverages = samples[coverage] as Samples;
      return { ids: asBits(samples[id] as Samples), coverages, bits: asBits(coverages) };
    });
    const length = Math.min(...planes.map(({ ids }) => ids.length), width * region.height);
    const pixels = new LinePixels(width);
    for (let from = 0; from + width <= length; from += width) {
      const line = y + from / width;
      // Rank by rank, since most pixels have only one rank, and a line of the others is quickly scanned.
      let before: Samples | undefined;
      for (const rank of planes) {
        this.#addRank(pixels, x, line, rank, before, from);
        before = rank.coverages;
      }
      if (pixels.suspicious) this.#judge(pixels, x, line);
    }
  }

  /** Counts one rank of one line, which begins at `from`. `before` are the coverages of the rank before. */
  #addRank(
    pixels: LinePixels,
    x: number,
    y: number,
    { ids, coverages, bits }: RankPlanes,
    before: Samples | undefined,
    from: number,
  ): void {
    const { sums } = pixels;
    const width = sums.length;
    const isFirst = before === undefined;
    const isFloat = coverages instanceof Float32Array;
    const run = { bits: 0, coverage: 0, start: 0 };
    for (let column = 0; column < width; column += stretch) {
      const end = Math.min(column + stretch, width);
      // Most of an image is covered by one object or by none, which the bits of several samples show at once.
      if (end - column === stretch) {
        if (isEach(bits, from + column, 0)) {
          if (isFirst) sums.fill(0, column, end);
          continue;
        }
        if (isFirst && isFloat && isEach(bits, from + column, oneBits) && isEach(ids, from + column, run.bits)) {
          if (isName(run.bits)) {
            sums.fill(1, column, end);
            this.samples += stretch;
            this.maxCoverage = Math.max(this.maxCoverage, 1);
            run.coverage += stretch;
            continue;
          }
        }
      }
      for (let at = column; at < end; at++) {
        const coverage = coverages[from + at] as number;
        if (isFirst) sums[at] = coverage;
        if (coverage === 0) continue;
        if (before !== undefined) pixels.addTo(at, coverage, before[from + at] as number);
        if (!(coverage > -tolerance && coverage < 1 + tolerance)) {
          this.#trouble('badCoverage', x + at, y);
          if (Math.abs(coverage) > wildCoverage) this.wildCoverageSamples += 1;
          pixels.suspicious = true;
          continue;
        }
        const id = ids[from + at] as number;
        if (id << 1 === 0) continue;
        // Neighbours with one ID are added to the table together.
        if (id !== run.bits) {
          this.#addRun(run.bits, run.coverage, x + run.start, y);
          run.bits = id;
          run.coverage = 0;
          run.start = at;
        }
        if (!isName(id)) this.#trouble('brokenId', x + at, y);
        this.samples += 1;
        if (coverage > this.maxCoverage) this.maxCoverage = coverage;
        run.coverage += coverage;
      }
    }
    this.#addRun(run.bits, run.coverage, x + run.start, y);
  }

  #addRun(bits: number, coverage: number, x: number, y: number): void {
    if (bits === 0) return;
    this.coverage += coverage;
    if (!this.#table.add(bits, coverage, x, y)) this.overflow = true;
  }

  /** Counts the faults that need all ranks of a pixel, and resets them. */
  #judge(pixels: LinePixels, x: number, y: number): void {
    pixels.sums.forEach((sum, column) => {
      if (pixels.unsorted[column] === 1) this.#trouble('unsorted', x + column, y);
      if (sum > 1 + tolerance) this.#trouble('overfull', x + column, y);
    });
    pixels.unsorted.fill(0);
    pixels.suspicious = false;
  }

  /** Ranks of one line come one after the other, so the first pixel on it may be found later. */
  #trouble(kind: 'brokenId' | 'badCoverage' | 'overfull' | 'unsorted', x: number, y: number): void {
    if (kind === 'brokenId') this.brokenIdSamples += 1;
    else if (kind === 'badCoverage') this.badCoverageSamples += 1;
    else if (kind === 'overfull') this.overfullPixels += 1;
    else this.unsortedPixels += 1;
    const known = this.first.get(kind);
    if (!known || (known.y === y && x < known.x)) this.first.set(kind, { x, y });
  }
}

/** What is known about the pixels of a line after some of their ranks. */
class LinePixels {
  /** Sums of coverage. */
  readonly sums: Float64Array;
  /** 1 where the ranks do not descend. */
  readonly unsorted: Uint8Array;
  /** Whether any pixel may be faulty. */
  suspicious = false;

  constructor(width: number) {
    this.sums = new Float64Array(width);
    this.unsorted = new Uint8Array(width);
  }

  /** Adds the coverage of a rank to those before it, the last of which is given. */
  addTo(column: number, coverage: number, before: number): void {
    const sum = (this.sums[column] as number) + coverage;
    this.sums[column] = sum;
    if (sum > 1 + tolerance) this.suspicious = true;
    if (coverage > before + tolerance) {
      this.unsorted[column] = 1;
      this.suspicious = true;
    }
  }
}

/** Samples of a line that are checked together. */
const stretch = 8;

/** The bits of 1 as a float. */
const oneBits = 0x3f800000;

/** Whether each sample of a range has these bits. Unrolled, since a loop takes as long as what it saves. */
function isEach(samples: Uint32Array, at: number, bits: number): boolean {
  const differ = (offset: number): number => (samples[at + offset] as number) ^ bits;
  return (differ(0) | differ(1) | differ(2) | differ(3) | differ(4) | differ(5) | differ(6) | differ(7)) === 0;
}

/** False for IDs that are infinite, NaN or denormal. */
function isName(bits: number): boolean {
  const exponent = (bits >>> 23) & 0xff;
  return exponent !== 0 && exponent !== 0xff;
}

function asBits(samples: Samples): Uint32Array {
  return samples instanceof Uint32Array ? samples : new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
}

/** Statistics for several sets in one pass over each part: chunks hold all channels, so another pass would unpack them again. */
export async function readIds<Key>(
  header: Pick<Header, 'parts'>,
  sets: ReadonlyMap<Key, readonly LayerChannels[]>,
  read: SampleReader,
  options: { readonly chunks?: 'spread' | undefined } = {},
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
    for await (const { region, samples } of read(part, names, options))
      for (const { statistics, ranks } of tasks) if (ranks.length > 0) statistics.add(region, samples, ranks);
  }
  return results;
}

/** The ranks a layer holds, as channel names: red with green, blue with alpha. */
function rankPairs(layer: LayerChannels): { id: string; coverage: string }[] {
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

/** The state of a set's IDs, as far as pixels and names show. */
export type IdState =
  /** Most coverage is named, or nothing speaks against it. */
  | 'sound'
  /** Rounded to 24 bits by PXR24: names determine them, `repair` restores them. */
  | 'rounded'
  /** Once stored as half: lost. */
  | 'half'
  /** About as many IDs as samples: filtered, resampled, premultiplied or colour-managed. */
  | 'mixed'
  /** Sound IDs, but without known names. */
  | 'unnamed';

/** The ID of the empty name, which Arnold gives objects without an asset and EEVEE those without a material. No manifest need list it. */
const emptyName = 0x00800000;

/** Judges IDs by their bits, given a test for bits that have a name. */
export function judgeIds(statistics: IdStatistics, inManifest: (bits: number) => boolean): IdState {
  const named = (bits: number): boolean => bits === emptyName || inManifest(bits);
  if (statistics.wildCoverageSamples * 1000 > statistics.samples) return 'mixed';
  if (statistics.samples === 0) return 'sound';
  const share = statistics.share(named);
  if (share >= complete) return 'sound';
  if (isBlended(statistics, named)) return 'mixed';
  if (share >= 0.5) return 'sound';
  if (statistics.share((bits) => (bits & 0x1fff) === 0) > 0.99) return 'half';
  if (statistics.share((bits) => (bits & 0xff) === 0) > 0.99) return 'rounded';
  if (statistics.overflow || (statistics.ids > 256 && statistics.ids * 3 > statistics.samples)) return 'mixed';
  return 'unnamed';
}

/** Coverage beyond this share counts as completely named: the rest is rounding. */
const complete = 0.9999;

/** How many of the largest IDs are compared with all others. */
const heavyIds = 16;

/** The least number of unnamed IDs that is evidence. */
const fewestBlends = 12;

/**
 * Whether IDs were blended with their neighbours, as resizing does. A hash may be any float, so of two IDs one is usually larger by
 * many orders of magnitude, and blends of both are that one times a weight: of its sign, and a little
 * smaller. Few IDs of other objects occur by chance.
 */
function isBlended(statistics: IdStatistics, named: (bits: number) => boolean): boolean {
  const found = [...statistics.found()].sort((a, b) => b.coverage - a.coverage);
  const heavy = found
    .slice(0, heavyIds)
    .filter(({ bits, coverage }) => named(bits) || coverage * 16 > statistics.coverage);
  const unnamed = found.filter((one) => !heavy.includes(one) && !named(one.bits));
  if (unnamed.length < fewestBlends) return false;
  // Exponents from the larger ID's down to a weight of 1/256, of the 254 that IDs have, in two signs.
  const below = new Set(heavy.flatMap(({ bits }) => Array.from({ length: 9 }, (_, down) => (bits >>> 23) - down)));
  const chance = Math.min(1, below.size / 508);
  const hits = unnamed.filter(({ bits }) => below.has(bits >>> 23)).length;
  const expected = unnamed.length * chance;
  return hits > 0.6 * unnamed.length && hits > expected + 5 * Math.sqrt(expected * (1 - chance));
}
