import fc from 'fast-check';
import t from 'tap';
import { AreaFilter } from '../../lib/look/area-filter.js';
import type { Band, Frame, Resampler } from '../../lib/look/band.js';
import { idBits, idNumbers, Majority } from '../../lib/look/majority.js';
import { Nearest } from '../../lib/look/nearest.js';

/** An image cut into bands of some lines. */
function bandsOf(width: number, height: number, planes: readonly Float32Array[], lines: number): Band[] {
  const bands: Band[] = [];
  for (let y = 0; y < height; y += lines) {
    const rows = Math.min(lines, height - y);
    const cut = planes.map((plane) => plane.slice(y * width, (y + rows) * width));
    bands.push({ x: 0, y, width, height: rows, columns: width, rows, planes: cut });
  }
  return bands;
}

function rowsOf(resampler: Resampler, bands: readonly Band[]): number[][] {
  const rows: number[][] = [];
  for (const band of bands) for (const [row] of resampler.add(band)) rows.push([...(row ?? [])]);
  for (const [row] of resampler.end()) rows.push([...(row ?? [])]);
  return rows;
}

function frame(width: number, height: number, columns: number, rows: number): Frame {
  return { x: 0, y: 0, width, height, columns, rows };
}

/** The mean over the area of each pixel of the result, straight from the definition. */
function meanOf(source: Float32Array, { width, height, columns, rows }: Frame, column: number, row: number): number {
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const wide = cover(x, (column * width) / columns, ((column + 1) * width) / columns);
      const high = cover(y, (row * height) / rows, ((row + 1) * height) / rows);
      sum += (source[y * width + x] ?? 0) * wide * high;
    }
  return (sum * columns * rows) / (width * height);
}

function cover(pixel: number, from: number, to: number): number {
  return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
}

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 17 }),
  height: fc.integer({ min: 1, max: 17 }),
  columns: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 20 }),
  lines: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});

t.test('the area filter is the mean of what each pixel covers, however the image is cut', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(sizes, ({ width, height, columns, rows, lines, seed }) => {
        const source = Float32Array.from({ length: width * height }, (_, i) => ((i * 7919 + seed) % 101) / 101);
        const whole = frame(width, height, columns, rows);
        const found = rowsOf(new AreaFilter(whole, 1), bandsOf(width, height, [source], lines));
        return (
          found.length === rows &&
          found.every((own, row) =>
            own.every((value, column) => Math.abs(value - meanOf(source, whole, column, row)) < 1e-4),
          )
        );
      }),
    ),
  );
});

t.test('infinity and what is no number do not spread further than they must', async (t) => {
  const source = Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const [row] = rowsOf(new AreaFilter(frame(4, 1, 2, 1), 1), bandsOf(4, 1, [source], 1));
  t.strictSame(row, [0.5, 0]);
});

t.test('a data window that is smaller than what is shown is surrounded by nothing', async (t) => {
  const band = { x: 1, y: 1, width: 2, height: 1, columns: 2, rows: 1, planes: [Float32Array.of(5, 6)] };
  const rows = rowsOf(new AreaFilter(frame(4, 3, 4, 3), 1), [band]);
  t.strictSame(rows, [
    [0, 0, 0, 0],
    [0, 5, 6, 0],
    [0, 0, 0, 0],
  ]);
  const outside = rowsOf(new Nearest(frame(4, 3, 4, 3), 1, -1), [band]);
  t.strictSame(outside, [
    [-1, -1, -1, -1],
    [-1, 5, 6, -1],
    [-1, -1, -1, -1],
  ]);
});

t.test('nearest and majority give what was there, and nothing between', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(sizes, ({ width, height, columns, rows, lines, seed }) => {
        const source = Float32Array.from({ length: width * height }, (_, i) => 1 + ((i * 7919 + seed) % 5));
        const whole = frame(width, height, columns, rows);
        const bands = bandsOf(width, height, [source], lines);
        const all = [new Nearest(whole, 1), new Majority(whole, [{ id: 0 }], idNumbers)].map((one) =>
          rowsOf(one, bands),
        );
        return all.every(
          (found) => found.length === rows && found.every((row) => row.every((value) => source.includes(value))),
        );
      }),
    ),
  );
});

t.test('at its own size the majority is the image itself', async (t) => {
  const source = Float32Array.from({ length: 30 }, (_, i) => i);
  const found = rowsOf(new Majority(frame(6, 5, 6, 5), [{ id: 0 }], idNumbers), bandsOf(6, 5, [source], 2));
  t.strictSame(found.flat(), [...source]);
});

t.test('the ID with the most coverage over all ranks wins, and nothing counts as one', async (t) => {
  const ids = new Float32Array(new Uint32Array([7, 7, 9, 9]).buffer);
  const others = new Float32Array(new Uint32Array([9, 0, 7, 0]).buffer);
  const planes = [ids, Float32Array.of(0.6, 0.2, 0.5, 0.1), others, Float32Array.of(0.4, 0, 0.4, 0)];
  const pairs = [
    { id: 0, coverage: 1 },
    { id: 2, coverage: 3 },
  ];
  const majority = (columns: number) =>
    rowsOf(new Majority(frame(4, 1, columns, 1), pairs, idBits), bandsOf(4, 1, planes, 1))[0];
  t.strictSame(majority(4), [7, 0, 9, 0]);
  // 7 has 0.6 + 0.2 and 0.4, 9 has 0.4 and 0.5 + 0.1; nothing has 0.8 and 1.
  t.strictSame(majority(2), [7, 0]);
  t.strictSame(majority(1), [0]);
});
