import fc from 'fast-check';
import t from 'tap';
import { DifferenceFinder } from '../../lib/look/difference.js';

const line = (x: number, values: readonly number[]) => ({ x, samples: Float32Array.from(values) });

t.test('counts, the largest and the first; outside of a window there is 0', async (t) => {
  const finder = new DifferenceFinder();
  finder.add(3, line(0, [1, 2, 3]), line(0, [1, 2, 3]));
  finder.add(4, line(0, [1, 2, 3]), line(1, [2, 5, 0]));
  finder.add(5, undefined, line(1, [0, -7]));
  finder.add(6, undefined, undefined);
  t.strictSame(finder.difference, { count: 3, of: 9, largest: 7, first: { x: 0, y: 4, a: 1, b: 0 } });
});

t.test('NaN is NaN, infinity is infinity, and either is infinitely far from a number', async (t) => {
  const same = new DifferenceFinder();
  same.add(0, line(0, [Number.NaN, Number.POSITIVE_INFINITY, -0]), line(0, [Number.NaN, Number.POSITIVE_INFINITY, 0]));
  t.strictSame(same.difference, { count: 0, of: 3, largest: 0, first: undefined });
  const other = new DifferenceFinder(1e9);
  other.add(0, line(0, [Number.NaN, 1]), line(0, [1, Number.NEGATIVE_INFINITY]));
  t.match(other.difference, { count: 2, largest: Number.POSITIVE_INFINITY, first: { x: 0 } });
});

t.test('as a plain loop has it, whatever the tolerance', async () => {
  const samples = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), samples, fc.nat(5), samples, (tolerance, a, shift, b) => {
      const finder = new DifferenceFinder(tolerance);
      finder.add(0, line(0, a), line(shift, b));
      let count = 0;
      let largest = 0;
      const end = Math.max(a.length, shift + b.length);
      for (let x = 0; x < end; x++) {
        const apart = Math.abs((a[x] ?? 0) - (b[x - shift] ?? 0));
        largest = Math.max(largest, apart);
        if (apart > tolerance) count += 1;
      }
      const found = finder.difference;
      return found.count === count && found.largest === largest && found.of === end;
    }),
  );
});
