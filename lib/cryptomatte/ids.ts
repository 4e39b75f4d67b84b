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

/** Coverage may exceed its bounds by this much from rounding alone. */
const tolerance = 1e-4;

/** Coverage that no filter, however sharp, and no sum of samples makes. Colour divided by a small alpha does. */
const wildCoverage = 16;

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
  /** Those among them that are so far off that the samples were calculated with as if they were colour. */
  wildCoverageSamples = 0;
  /** The largest coverage that is none of these. */
  maxCoverage = 0;
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
    const { x, y, width } = region;
    const planes = ranks.map(({ id, coverage }) => ({
      ids: asBits(samples[id] as Samples),
      coverages: samples[coverage] as Samples,
    }));
    const length = Math.min(...planes.map(({ ids }) => ids.length), width * region.height);
    const pixels = new LinePixels(width);
    for (let from = 0; from + width <= length; from += width) {
      const line = y + from / width;
      // Rank by rank, since most pixels have one rank only, and a line of the others is soon looked through.
      let before: Samples | undefined;
      for (const { ids, coverages } of planes) {
        this.#addRank(pixels, x, line, ids, coverages, before, from);
        before = coverages;
      }
      if (pixels.suspicious) this.#judge(pixels, x, line);
    }
  }

  /** Counts one rank of one line, which begins at `from`. `before` are the coverages of the rank before. */
  #addRank(
    pixels: LinePixels,
    x: number,
    y: number,
    ids: Uint32Array,
    coverages: Samples,
    before: Samples | undefined,
    from: number,
  ): void {
    const { sums, unsorted } = pixels;
    const width = sums.length;
    // Neighbours with one ID are added to the table together.
    let run = 0;
    let runCoverage = 0;
    let runStart = 0;
    for (let column = 0; column < width; column++) {
      const coverage = coverages[from + column] as number;
      if (before === undefined) sums[column] = coverage;
      if (coverage === 0) continue;
      if (before !== undefined) {
        const sum = (sums[column] as number) + coverage;
        sums[column] = sum;
        if (sum > 1 + tolerance) pixels.suspicious = true;
        if (coverage > (before[from + column] as number) + tolerance) {
          unsorted[column] = 1;
          pixels.suspicious = true;
        }
      }
      const bits = ids[from + column] as number;
      if (!(coverage > -tolerance && coverage < 1 + tolerance)) {
        this.#trouble('badCoverage', x + column, y);
        if (Math.abs(coverage) > wildCoverage) this.wildCoverageSamples += 1;
        pixels.suspicious = true;
        continue;
      }
      if (bits << 1 === 0) continue;
      if (bits !== run) {
        this.#addRun(run, runCoverage, x + runStart, y);
        run = bits;
        runCoverage = 0;
        runStart = column;
      }
      const exponent = (bits >>> 23) & 0xff;
      if (exponent === 0 || exponent === 0xff) this.#trouble('brokenId', x + column, y);
      this.samples += 1;
      if (coverage > this.maxCoverage) this.maxCoverage = coverage;
      runCoverage += coverage;
    }
    this.#addRun(run, runCoverage, x + runStart, y);
  }

  #addRun(bits: number, coverage: number, x: number, y: number): void {
    if (bits === 0) return;
    this.coverage += coverage;
    if (!this.#table.add(bits, coverage, x, y)) this.overflow = true;
  }

  /** Counts the troubles that take all ranks of a pixel to be seen, and forgets them. */
  #judge(pixels: LinePixels, x: number, y: number): void {
    pixels.sums.forEach((sum, column) => {
      if (pixels.unsorted[column] === 1) this.#trouble('unsorted', x + column, y);
      if (sum > 1 + tolerance) this.#trouble('overfull', x + column, y);
    });
    pixels.unsorted.fill(0);
    pixels.suspicious = false;
  }

  /** Ranks of one line come one after the other, so what is first on it may be seen later. */
  #trouble(kind: 'brokenId' | 'badCoverage' | 'overfull' | 'unsorted', x: number, y: number): void {
    if (kind === 'brokenId') this.brokenIdSamples += 1;
    else if (kind === 'badCoverage') this.badCoverageSamples += 1;
    else if (kind === 'overfull') this.overfullPixels += 1;
    else this.unsortedPixels += 1;
    const known = this.first.get(kind);
    if (!known || (known.y === y && x < known.x)) this.first.set(kind, { x, y });
  }
}

/** What is known of the pixels of a line when some of their ranks have been seen. */
class LinePixels {
  /** Sums of coverage. */
  readonly sums: Float64Array;
  /** 1 where the ranks do not descend. */
  readonly unsorted: Uint8Array;
  /** Whether any pixel may be in trouble. */
  suspicious = false;

  constructor(width: number) {
    this.sums = new Float64Array(width);
    this.unsorted = new Uint8Array(width);
  }
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

/** So many of the largest IDs are compared with all others. */
const heavyIds = 16;

/** Unnamed IDs, at least, that tell anything together. */
const fewestBlends = 12;

/**
 * Whether IDs were blended with their neighbours, as resizing does. A hash may be any float, so of two IDs one is larger by
 * many orders of magnitude as a rule, and blends of both are that one times a weight: of its sign, and a little
 * smaller. Of the IDs of other objects few lie there by chance.
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
