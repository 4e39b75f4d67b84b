import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { bitsToFloat, nameBits } from '../../lib/cryptomatte/hash.js';
import { IdStatistics, judgeIds, pxr24Bits, readIds } from '../../lib/cryptomatte/ids.js';
import { headerSets, orphanGroups } from '../../lib/layers/sets.js';
import type { Samples } from '../../lib/model/header.js';
import { layer, makeHeader, makePart, single } from './fixtures.js';

const hero = nameBits('Hero');
const prop = nameBits('Prop');
const region = { x: 10, y: 20, width: 2, height: 2 };

/** Ranks pixel by pixel: for each pixel pairs of ID and coverage. */
function statistics(pixels: readonly (readonly (readonly [number, number])[])[]): IdStatistics {
  const ranks = Math.max(...pixels.map((pixel) => pixel.length));
  const samples: Samples[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    samples.push(new Float32Array(pixels.map((pixel) => bitsToFloat(pixel[rank]?.[0] ?? 0))));
    samples.push(new Float32Array(pixels.map((pixel) => pixel[rank]?.[1] ?? 0)));
  }
  const counted = new IdStatistics();
  counted.add(
    { ...region, height: pixels.length / region.width },
    samples,
    Array.from({ length: ranks }, (_, rank) => ({ id: rank * 2, coverage: rank * 2 + 1 })),
  );
  return counted;
}

t.test('coverage is summed by ID, with the first pixel of each', async (t) => {
  const counted = statistics([
    [[0, 1]],
    [[hero, 1]],
    [
      [hero, 0.5],
      [prop, 0.25],
    ],
    [[prop, 0]],
  ]);
  t.strictSame(
    [...counted.found()].sort((a, b) => b.coverage - a.coverage),
    [
      { bits: hero, coverage: 1.5, x: 11, y: 20 },
      { bits: prop, coverage: 0.25, x: 10, y: 21 },
    ],
  );
  t.equal(counted.samples, 3, 'ID 0 and coverage 0 do not count');
  t.equal(
    counted.share((bits) => bits === hero),
    1.5 / 1.75,
  );
});

t.test('each kind of trouble is counted and placed', async (t) => {
  const broken = statistics([[[0x7f800000, 1]], [[0x00000001, 1]], [[hero, 2]], [[hero, Number.NaN]]]);
  t.equal(broken.brokenIdSamples, 2);
  t.equal(broken.badCoverageSamples, 2);
  const order = statistics([
    [
      [hero, 0.2],
      [prop, 0.5],
    ],
    [
      [hero, 0.9],
      [prop, 0.8],
    ],
  ]);
  t.equal(order.unsortedPixels, 1);
  t.equal(order.overfullPixels, 1);
  t.strictSame(Object.fromEntries(order.first), { unsorted: { x: 10, y: 20 }, overfull: { x: 11, y: 20 } });
});

t.test('counting line by line and rank by rank gives what counting pixel by pixel gives', async () => {
  const ids = fc.constantFrom(0, hero, prop, 1, 0x7f800000, 0x80000000, 0xbf800000);
  const coverage = fc.constantFrom(0, 0, 0.25, 0.5, 1, 1.00005, 2, -0.5, Number.NaN);
  const pixel = fc.array(fc.tuple(ids, coverage), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(pixel, pixel), { minLength: 1, maxLength: 5 }), (lines) => {
      const pixels = lines.flat();
      const counted = statistics(pixels);
      const { brokenIdSamples, badCoverageSamples, overfullPixels, unsortedPixels, first } = counted;
      const seen = {
        found: new Map([...counted.found()].map(({ bits, ...rest }) => [bits, rest])),
        counts: [brokenIdSamples, badCoverageSamples, overfullPixels, unsortedPixels],
        first: kinds.map((kind) => first.get(kind)),
      };
      const { found, troubles } = countPixels(pixels);
      const expected = {
        found,
        counts: kinds.map((kind) => troubles[kind].length),
        first: kinds.map((kind) => troubles[kind][0]),
      };
      if (!isDeepStrictEqual(seen, expected)) throw new Error(inspect({ seen, expected }, { depth: 5 }));
    }),
  );
});

const kinds = ['brokenId', 'badCoverage', 'overfull', 'unsorted'] as const;

interface ChannelPlace {
  readonly x: number;
  readonly y: number;
}

/** What `statistics` should find, by the definitions alone. Coverages here add up without rounding. */
function countPixels(pixels: readonly (readonly (readonly [number, number])[])[]): {
  found: Map<number, ChannelPlace & { coverage: number }>;
  troubles: Record<(typeof kinds)[number], ChannelPlace[]>;
} {
  const found = new Map<number, ChannelPlace & { coverage: number }>();
  const troubles = {
    brokenId: [] as ChannelPlace[],
    badCoverage: [] as ChannelPlace[],
    overfull: [] as ChannelPlace[],
    unsorted: [] as ChannelPlace[],
  };
  const most = Math.max(...pixels.map(({ length }) => length));
  for (const [index, given] of pixels.entries()) {
    const place = { x: region.x + (index % region.width), y: region.y + Math.floor(index / region.width) };
    const ranks = Array.from({ length: most }, (_, rank) => given[rank] ?? ([0, 0] as const));
    const coverages = ranks.map(([, coverage]) => Math.fround(coverage));
    for (const [rank, [bits]] of ranks.entries()) {
      const coverage = coverages[rank] as number;
      if (coverage === 0) continue;
      if (!(coverage > -1e-4 && coverage < 1.0001)) troubles.badCoverage.push(place);
      else if ((bits & 0x7fffffff) !== 0) {
        const before = found.get(bits) ?? { ...place, coverage: 0 };
        found.set(bits, { ...before, coverage: before.coverage + coverage });
        if (bits === 1 || bits === 0x7f800000) troubles.brokenId.push(place);
      }
    }
    if (coverages.some((coverage, rank) => coverage !== 0 && coverage > (coverages[rank - 1] ?? 9) + 1e-4))
      troubles.unsorted.push(place);
    if (coverages.reduce((sum, coverage) => sum + coverage, 0) > 1.0001) troubles.overfull.push(place);
  }
  return { found, troubles };
}

t.test('an empty image is all named', async (t) => {
  t.equal(
    statistics([[], [[0, 0]]]).share(() => false),
    1,
  );
});

t.test('very many IDs are counted up to a bound', async (t) => {
  const counted = new IdStatistics();
  const length = 1 << 17;
  const coverage = new Float32Array(length).fill(1);
  for (let block = 0; block < 10; block++) {
    const ids = new Uint32Array(length).map((_, index) => 0x40000000 + block * length + index);
    counted.add({ x: 0, y: block, width: length, height: 1 }, [ids, coverage], [{ id: 0, coverage: 1 }]);
  }
  t.equal(counted.samples, length * 10);
  t.equal(counted.ids, 1 << 20);
  t.ok(counted.overflow);
});

t.test('destroyed IDs are distinguished from unnamed ones', async (t) => {
  const names = ['Hero', 'Prop', 'Ground', 'Sky', 'Tree'];
  const image = (change: (bits: number) => number) =>
    statistics(names.map((name): [number, number][] => [[change(nameBits(name)), 1]]));
  const named = new Set(names.map(nameBits));
  const judge = (change: (bits: number) => number) => judgeIds(image(change), (bits) => named.has(bits));
  t.equal(
    judge((bits) => bits),
    'sound',
  );
  t.equal(judge(pxr24Bits), 'rounded');
  t.equal(
    judge((bits) => (bits & 0xffffe000) >>> 0),
    'half',
  );
  t.equal(
    judge((bits) => bits ^ 0x1234567),
    'unnamed',
  );
});

t.test('PXR24 rounds to a multiple of 256, half up, and keeps what is one', async (t) => {
  t.equal(pxr24Bits(0x3f80007f), 0x3f800000);
  t.equal(pxr24Bits(0x3f800080), 0x3f800100);
  t.equal(pxr24Bits(0xbf800080), 0xbf800100);
  t.equal(pxr24Bits(0x7f7fffff), 0x7f7fff00, 'the largest float does not become infinite');
  fc.assert(
    fc.property(fc.integer({ min: 0x00800000, max: 0x7f7fff7f }), (bits) => {
      const rounded = pxr24Bits(bits);
      return rounded % 256 === 0 && Math.abs(rounded - bits) <= 128 && pxr24Bits(rounded) === rounded;
    }),
  );
});

t.test('several sets are read in one pass over their part', async (t) => {
  const header = makeHeader(
    makePart([...layer('a.CryptoObject00', 'rgba'), ...layer('b.CryptoObject00', 'RGBA'), ...layer('c', 'RGB')]),
  );
  const passes: (readonly string[])[] = [];
  const results = await readIds(
    header,
    new Map(orphanGroups(header).map(({ name, layers }) => [name, layers])),
    async function* (_, channels) {
      passes.push(channels);
      const values: Record<string, number> = { 'a.CryptoObject00.r': hero, 'b.CryptoObject00.R': prop };
      yield {
        region,
        samples: channels.map((name) =>
          new Float32Array(4).fill(/[gG]$/.test(name) ? 1 : bitsToFloat(values[name] ?? 0)),
        ),
      };
    },
  );
  t.equal(single(passes).length, 8);
  t.strictSame(
    [...results].map(([name, counted]) => [name, [...counted.found()].map(({ bits }) => bits)]),
    [
      ['a.CryptoObject', [hero]],
      ['b.CryptoObject', [prop]],
    ],
  );
  t.strictSame(headerSets(header), []);
});
