/** Halves and floats: every half, bit by bit, however far V8 has optimised the loops. */
import fc from 'fast-check';
import t from 'tap';
import { beyondHalf, inexactWholes, narrowFloats, widenHalves } from '../../lib/jobs/half.js';

const all = Uint16Array.from({ length: 65536 }, (_, half) => half);

t.test('every half becomes the float of its value, and that the same half again', async (t) => {
  const floats = new Float32Array(65536);
  const words = new Uint32Array(floats.buffer);
  const back = new Uint16Array(65536);
  // Often enough for the loops to be optimised on the way.
  for (let round = 0; round < 60; round++) {
    floats.fill(0);
    widenHalves(all, floats);
    narrowFloats(floats, back);
    if (back.some((half, i) => half !== all[i])) t.fail(`round ${round}`);
  }
  for (const half of all) {
    const [sign, exponent, mantissa] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
    const value = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    // What OpenEXR makes of a NaN: its payload in the upper bits.
    const nonFinite = ((half >> 15) * 0x80000000 + 0x7f800000 + mantissa * 8192) >>> 0;
    const right = exponent === 31 ? words[half] === nonFinite : Object.is(floats[half], sign * value);
    if (!right) t.fail(`half ${half.toString(16)}`);
  }
});

t.test('floats become the nearest half, ties go to even, NaNs stay NaNs', async (t) => {
  const cases: [number, number][] = [
    [0x00000000, 0x0000],
    [0x80000000, 0x8000],
    [0x3f800000, 0x3c00],
    [0x3f801000, 0x3c00],
    [0x3f803000, 0x3c02],
    [0x3f801001, 0x3c01],
    [0x477fefff, 0x7bff],
    [0x477ff000, 0x7c00],
    [0x7f800000, 0x7c00],
    [0xff800000, 0xfc00],
    [0x33000000, 0x0000],
    [0x33000001, 0x0001],
    [0x33800000, 0x0001],
    [0x387fe000, 0x0400],
    // Signalling NaNs keep what of their payload there is room for, and never become infinite.
    [0x7f802000, 0x7c01],
    [0x7f800001, 0x7c01],
    [0xffffffff, 0xffff],
  ];
  const floats = new Float32Array(Uint32Array.from(cases, ([word]) => word).buffer);
  const halves = new Uint16Array(cases.length);
  for (let round = 0; round < 20_000; round++) narrowFloats(floats, halves);
  t.same(
    [...halves],
    cases.map(([, half]) => half),
  );
});

/** Bit patterns of any kind, and numbers around those where something changes. */
const floats = fc
  .array(
    fc.oneof(
      fc.integer(),
      fc
        .tuple(fc.constantFrom(0.5, 1, 2048, 4096, 65504, 65520, 2 ** 23, 2 ** 24), fc.integer({ min: -40, max: 40 }))
        .map(([near, off]) => new Int32Array(new Float32Array([near + off / 4]).buffer)[0] as number),
      fc.constantFrom(0x7f800000, -0x800000, 0x7fc00000, 0x477fe000, 0x477fefff, 0x477ff000, 0),
    ),
    { maxLength: 40 },
  )
  .map((words) => new Float32Array(Int32Array.from(words).buffer));

const wholes = fc.array(
  fc.oneof(
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.constantFrom(0, -0, 1e9, 2 ** 24, Number.POSITIVE_INFINITY, Number.NaN),
  ),
  { maxLength: 40 },
);

t.test('property: finite floats that become infinite are counted', async () => {
  fc.assert(
    fc.property(floats, (list) => {
      const halves = new Uint16Array(list.length);
      const overflows = list.filter((value) => Number.isFinite(value) && Math.abs(value) >= 65520).length;
      return narrowFloats(list, halves) === overflows;
    }),
    { numRuns: 1000 },
  );
});

t.test('property: of whole numbers those are counted that change; anything else ends the count', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        floats,
        wholes.map((list) => Float32Array.from(list)),
      ),
      (list) => {
        const halves = new Uint16Array(list.length);
        const back = new Float32Array(list.length);
        narrowFloats(list, halves);
        widenHalves(halves, back);
        const isWhole = list.every((value) => !Number.isFinite(value) || Number.isInteger(value));
        const changed = list.filter((value, i) => value !== back[i] && Number.isFinite(back[i])).length;
        return inexactWholes(list) === (isWhole ? changed : undefined);
      },
    ),
    { numRuns: 1000 },
  );
});

t.test('property: samples outside the range of half are counted', async (t) => {
  fc.assert(
    fc.property(floats, (list) => beyondHalf(list) === list.filter((value) => !(Math.abs(value) <= 65504)).length),
    { numRuns: 1000 },
  );
  t.equal(beyondHalf(all), 2 * 1024, 'of all halves infinities and NaNs');
});
