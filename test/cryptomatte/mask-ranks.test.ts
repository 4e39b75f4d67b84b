import fc from 'fast-check';
import t from 'tap';
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { MaskRanks } from '../../lib/cryptomatte/mask-ranks.js';

const masksOf = (count: number, step: number | 'half') =>
  Array.from({ length: count }, (_, at) => ({ name: `mask ${at}`, step }));

/** IDs and coverages of all ranks of one pixel. */
function pixel(ranks: MaskRanks, width: number, x: number, used: number): [number, number][] {
  return Array.from({ length: used }, (_, rank) => {
    const ids = new Uint32Array(width);
    const coverages = new Float32Array(width);
    ranks.rank(rank, ids, coverages);
    return [ids[x] as number, coverages[x] as number];
  });
}

for (const bits of [8, 16])
  t.test(`masks of ${bits} bits come back exactly, and never add up to more than 1`, async (t) => {
    const most = 2 ** bits - 1;
    // True coverages, which add up to 1 or less, rounded as any program does that stores masks.
    const pixels = fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 24 }), { minLength: 1, maxLength: 8 });
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(pixels, fc.boolean(), (weights, isFull) => {
          const count = Math.max(...weights.map((own) => own.length));
          const values = weights.map((own) => {
            const sum = own.reduce((all, one) => all + one, 0) || 1;
            return Array.from({ length: count }, (_, at) =>
              Math.round(((own[at] ?? 0) / sum) * (isFull ? 1 : 0.7) * most),
            );
          });
          const ranks = new MaskRanks(masksOf(count, 1 / most), values.length);
          for (let mask = 0; mask < count; mask++)
            ranks.add(
              mask,
              Float32Array.from(values, (own) => (own[mask] as number) / most),
              0,
            );
          const used = ranks.settle(0);
          values.forEach((own, x) => {
            const found = pixel(ranks, values.length, x, used);
            const coverages = found.map(([, coverage]) => coverage);
            if (coverages.some((one, at) => one > (coverages[at - 1] ?? 1))) throw new Error('not in order');
            if (coverages.reduce((all, one) => all + one, 0) > 1 + 1e-5) throw new Error('more than 1');
            own.forEach((value, mask) => {
              const coverage = found.find(([id]) => id === nameBits(`mask ${mask}`))?.[1] ?? 0;
              if (Math.round(coverage * most) !== value) throw new Error(`${value} became ${coverage * most}`);
            });
          });
        }),
        { numRuns: 300 },
      ),
    );
  });

t.test('two halves of 128 become 0.5 again', async (t) => {
  const ranks = new MaskRanks(masksOf(2, 1 / 255), 1);
  for (const mask of [0, 1]) ranks.add(mask, Float32Array.of(128 / 255), 0);
  t.equal(ranks.settle(0), 2);
  t.same(
    pixel(ranks, 1, 0, 2).map(([, coverage]) => coverage),
    [0.5, 0.5],
  );
});

t.test('what rounding does not explain is refused with pixel and names, or scaled', async (t) => {
  const values = [Float32Array.of(0, 0.75), Float32Array.of(0, 0.5)];
  const fill = (normalise: boolean) => {
    const ranks = new MaskRanks(masksOf(2, 0), 2, { x: 100, normalise });
    for (const [at, own] of values.entries()) ranks.add(at, own, 7);
    ranks.settle(7);
    return ranks;
  };
  t.throws(() => fill(false), {
    code: 'MASKS_OVERFULL',
    message: /1\.25 at pixel 101, 7: "mask 0 \(0\.75\)", "mask 1/,
  });
  t.same(
    pixel(fill(true), 2, 1, 2).map(([, coverage]) => coverage),
    [Math.fround(0.6), Math.fround(0.4)],
  );
  const alone = new MaskRanks(masksOf(1, 0), 1);
  alone.add(0, Float32Array.of(1.5), 0);
  t.throws(() => alone.settle(0), { code: 'MASKS_OVERFULL', message: /is above 1 at pixel 0, 0/ });
});

t.test('values of half may be off by their own rounding', async (t) => {
  // 1/3 and 2/3 as half add up to 1.0000, 0.7001953 and 0.3000488 to more than 1.
  const ranks = new MaskRanks(masksOf(2, 'half'), 1);
  ranks.add(0, Float32Array.of(0.7001953125), 0);
  ranks.add(1, Float32Array.of(0.300048828125), 0);
  ranks.settle(0);
  const sum = pixel(ranks, 1, 0, 2).reduce((all, [, coverage]) => all + coverage, 0);
  t.ok(sum <= 1 + 1e-7, `${sum}`);
});

t.test('no more masks than a Cryptomatte has ranks, and only numbers', async (t) => {
  const ranks = new MaskRanks(masksOf(25, 0), 1);
  const thin = Float32Array.of(0.01);
  for (let mask = 0; mask < 24; mask++) ranks.add(mask, thin, 0);
  t.throws(() => ranks.add(24, thin, 3), { code: 'TOO_MANY_RANKS', message: /at pixel 0, 3/ });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => new MaskRanks(masksOf(1, 0), 1).add(0, Float32Array.of(value), 0), { code: 'MASK_NOT_FINITE' });
  const empty = new MaskRanks(masksOf(1, 0), 1);
  empty.add(0, Float32Array.of(-0.5), 0);
  t.equal(empty.settle(0), 0);
  t.equal(empty.covered(), undefined);
});
