import fc from 'fast-check';
import t from 'tap';
import { coverages } from '../../lib/cryptomatte/coverage.js';
import { bitsToFloat } from '../../lib/cryptomatte/hash.js';
import { mattePlane } from '../../lib/cryptomatte/matte.js';
import { layersOf } from '../../lib/layers/rank-groups.js';
import { layer, makeHeader, makePart } from './fixtures.js';

const ids = [0x3f800001, 0xbf000002, 0x40000003];

t.test('many masks at once are the mattes that are made one by one', async (t) => {
  const layers = layersOf(makeHeader(makePart([...layer('c00', 'rgba'), ...layer('c01', 'rgba')])));
  const ranks = layers.map((own, order) => ({ ...own, text: `0${order}`, order }));
  const pixel = fc.record({ id: fc.constantFrom(...ids, 0), coverage: fc.constantFrom(0, 0.25, 0.5, 0.75) });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.tuple(pixel, pixel, pixel, pixel), { minLength: 1, maxLength: 20 }), (pixels) => {
        const planes = [0, 1, 2, 3].flatMap((rank) => [
          Float32Array.from(pixels, (own) => bitsToFloat(own[rank]?.id ?? 0)),
          Float32Array.from(pixels, (own) => own[rank]?.coverage ?? 0),
        ]);
        const found = coverages(planes, ids);
        return ids.every((id, at) => {
          const out = new Float32Array(pixels.length);
          mattePlane(ranks, new Set([id])).compute(planes, out);
          return out.every((value, i) => Math.abs(value - (found[at]?.[i] ?? -1)) < 1e-6);
        });
      }),
    ),
  );
});
