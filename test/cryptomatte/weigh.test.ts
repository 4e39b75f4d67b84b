import fc from 'fast-check';
import t from 'tap';
import { nameBits, pixelBits } from '../../lib/cryptomatte/hash.js';
import { IdStatistics, judgeIds } from '../../lib/cryptomatte/ids.js';
import { holdsIds, weighLayers } from '../../lib/cryptomatte/layer-weights.js';
import { claimantsOf } from '../../lib/cryptomatte/weigh.js';
import { doubtfulLayers, guardedChannels, suspectLayers } from '../../lib/layers/guard.js';
import { layersOf } from '../../lib/layers/rank-groups.js';
import { headerSets } from '../../lib/layers/sets.js';
import type { Header } from '../../lib/model/header.js';
import { layer, makeHeader, makePart, setStrings } from './fixtures.js';
import { rankPlanes, readerOf } from './pixels.js';

/** Statistics of one rank, from its IDs and coverages. */
function counted(ids: ArrayLike<number>, coverages: ArrayLike<number>): IdStatistics {
  const statistics = new IdStatistics();
  const region = { x: 0, y: 0, width: ids.length, height: 1 };
  statistics.add(region, [Float32Array.from(ids), Float32Array.from(coverages)], [{ id: 0, coverage: 1 }]);
  return statistics;
}

function floatOf(bits: number): number {
  const float = new Float32Array(1);
  new Uint32Array(float.buffer)[0] = bits;
  return float[0] ?? 0;
}

const never = () => false;

t.test('a few names decide', (t) => {
  const [hero] = [nameBits('Hero')];
  const rank = counted([floatOf(hero), floatOf(hero), 0], [1, 0.5, 0]);
  t.equal(holdsIds(rank, [new Set([hero])]), true);
  t.equal(holdsIds(counted([0, 0], [0, 0]), [new Set([hero])]), undefined, 'nothing covered decides nothing');
  t.equal(holdsIds(counted([1, 2, 3], [0, 0, 2]), []), false, 'what is over 1 is no coverage');
  t.equal(holdsIds(counted([1, 1, 0.5], [1, 1, 1]), []), undefined, 'a mask, or a name with an odd hash');
  t.end();
});

t.test('property: hashes are distinguished from colour', (t) => {
  const salts = fc.integer({ min: 0, max: 1 << 30 });
  fc.assert(
    fc.property(salts, (salt) => {
      const ids = Array.from({ length: 40 }, (_, at) => floatOf(nameBits(`${salt} ${at}`)));
      return (
        holdsIds(
          counted(
            ids,
            ids.map(() => 1),
          ),
          [],
        ) === true
      );
    }),
  );
  const colours = fc.array(fc.double({ min: 0.001, max: 200, noNaN: true }), { minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(colours, colours, (red, green) => {
      const length = Math.min(red.length, green.length);
      return holdsIds(counted(red.slice(0, length), green.slice(0, length)), []) !== true;
    }),
  );
  t.end();
});

t.test('property: blended IDs are distinguished from whole ones, named or not', (t) => {
  const scene = fc.record({
    salt: fc.integer({ min: 0, max: 1 << 30 }),
    objects: fc.integer({ min: 2, max: 60 }),
    named: fc.boolean(),
    step: fc.integer({ min: 3, max: 16 }),
  });
  fc.assert(
    fc.property(scene, ({ salt, objects, named, step }) => {
      const bits = Array.from({ length: objects }, (_, at) => nameBits(`${salt} ${at}`));
      const known = new Set(bits);
      const test = named ? (one: number) => known.has(one) : never;
      const whole = bits.flatMap((one) => Array(20).fill(floatOf(one)));
      if (
        judgeIds(
          counted(
            whole,
            whole.map(() => 1),
          ),
          test,
        ) === 'mixed'
      )
        return false;
      if (objects > 8) return true;
      // The edge between neighbours, as a wide filter leaves it.
      const edges = bits.flatMap((one, at) => {
        const [a, b] = [floatOf(one), floatOf(bits[(at + 1) % objects] ?? 0)];
        return Array.from({ length: 15 }, (_, index) => a + ((b - a) * ((index * step + 1) % 17)) / 17);
      });
      const all = [...whole, ...edges];
      return (
        judgeIds(
          counted(
            all,
            all.map(() => 1),
          ),
          test,
        ) === 'mixed'
      );
    }),
  );
  t.end();
});

t.test('what was multiplied by alpha has coverages beyond measure', (t) => {
  const bits = nameBits('Hero');
  const ids = Array(200).fill(floatOf(bits));
  const coverages = ids.map((_, at) => (at === 7 ? 5.8e31 : 1));
  t.equal(
    judgeIds(counted(ids, coverages), (one) => one === bits),
    'mixed',
  );
  t.equal(
    judgeIds(
      counted(
        ids,
        ids.map(() => 1.28),
      ),
      never,
    ),
    'sound',
    'what EEVEE adds up to is none of that',
  );
  t.end();
});

t.test('objects without a name to hash are sound', (t) => {
  const nothing = Array(50).fill(floatOf(pixelBits(0)));
  t.equal(
    judgeIds(
      counted(
        nothing,
        nothing.map(() => 1),
      ),
      never,
    ),
    'sound',
  );
  t.end();
});

t.test('a few chunks are read, and all where they show nothing', async (t) => {
  const header = makeHeader(makePart([...layer('a00', 'rgba'), ...layer('b00', 'rgba')]));
  const read: string[] = [];
  const samples = readerOf(header, rankPlanes(['a00'], ['Hero']), read);
  await weighLayers(header, layersOf(header), samples);
  const components = ['r', 'g', 'b', 'a'];
  const names = (layer: string) => components.map((component) => `${layer}.${component}`);
  t.strictSame(read.splice(0), [...names('a00'), ...names('b00'), ...names('b00').map((name) => `${name} (all)`)]);
  await weighLayers(header, layersOf(header), samples, false);
  t.strictSame(read, [...names('a00'), ...names('b00')]);
});

t.test('copies of metadata are one claimant, empty ones none', (t) => {
  const manifest = '{"Hero":"00000001","Sidekick":"00000002"}';
  const header = makeHeader(
    makePart([{ name: 'Z' }], {
      ...setStrings('1234567', 'a', manifest),
      ...setStrings('1234568', 'b', '{"Sidekick":"00000002", "Hero":"00000001"}'),
      ...setStrings('1234569', 'c', '{}'),
      ...setStrings('123456a', 'd'),
    }),
  );
  const found = claimantsOf(headerSets(header)).map(({ sets, ids }) => [sets.map(({ name }) => name), ids.size]);
  t.strictSame(found, [
    [['a', 'b'], 2],
    [['c'], 0],
    [['d'], 0],
  ]);
  t.end();
});

t.test('decisions of pixels or the user precede names, and end doubt', (t) => {
  const dangling = setStrings('1234567', 'lost', '{}');
  const told = (header: Header, ids: 'yes' | 'no'): Header => ({
    ...header,
    parts: header.parts.map((part) => ({ ...part, channels: part.channels.map((channel) => ({ ...channel, ids })) })),
  });
  const suspect = makeHeader(makePart(layer('x', 'RGBA'), dangling));
  t.equal(suspectLayers(suspect).length, 1);
  for (const ids of ['yes', 'no'] as const) {
    t.strictSame(suspectLayers(told(suspect, ids)), []);
    t.strictSame(
      doubtfulLayers(told(suspect, ids), () => true),
      [],
    );
    t.equal(guardedChannels(told(suspect, ids)).size, ids === 'yes' ? 4 : 0);
  }
  const series = makeHeader(makePart([...layer('light00', 'RGBA'), ...layer('light01', 'RGBA')]));
  t.equal(guardedChannels(series).size, 8);
  t.equal(guardedChannels(told(series, 'no')).size, 0);
  t.end();
});

t.test('layers with crypto in their name that are not ranks by name are doubtful', (t) => {
  const names = (header: Header, isCrypto = false) => doubtfulLayers(header, () => isCrypto).map((one) => one.layer);
  const preview = makeHeader(makePart([...layer('crypto', 'RGB'), ...layer('crypto00', 'RGBA'), ...layer('N', 'RGB')]));
  t.strictSame(names(preview), ['crypto']);
  t.strictSame(names(preview, true).sort(), ['N', 'crypto']);
  const plain = makeHeader(makePart([...'RGBA'].map((name) => ({ name }))));
  t.strictSame(names(plain), [], 'plain colour is no suspect');
  t.strictSame(names(plain, true), [''], 'but in a file that is called so');
  const half = makeHeader(makePart(layer('crypto', 'RGB', 'half')));
  t.strictSame(names(half), []);
  const deep = makeHeader(makePart(layer('crypto', 'RGB'), {}, { type: 'deepscanline' }));
  t.strictSame(names(deep), []);
  t.end();
});
