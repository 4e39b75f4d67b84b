import fc from 'fast-check';
import t from 'tap';
import { type PngFormat, PngWriter } from '../../lib/look/png.js';
import { readPng } from './read-png.js';

async function write(format: PngFormat, rows: readonly Uint8Array[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const png = new PngWriter(format, async (bytes) => void pieces.push(bytes.slice()));
  for (const row of rows) await png.line(row);
  await png.end();
  return Buffer.concat(pieces);
}

t.test('another reader gets every byte back, whatever the format', async (t) => {
  const images = fc
    .record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 20 }),
      channels: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
      depth: fc.constantFrom(8 as const, 16 as const),
      srgb: fc.boolean(),
    })
    .chain((format) => {
      const length = (format.width * format.channels * format.depth) / 8;
      const row = fc.uint8Array({ minLength: length, maxLength: length });
      return fc.tuple(fc.constant(format), fc.array(row, { minLength: format.height, maxLength: format.height }));
    });
  await t.resolves(
    fc.assert(
      fc.asyncProperty(images, async ([format, rows]) => {
        const read = readPng(await write(format, rows));
        const same = read.rows.every((row, y) => Buffer.compare(row, rows[y] as Uint8Array) === 0);
        return same && read.width === format.width && read.height === format.height && read.depth === format.depth;
      }),
      { numRuns: 60 },
    ),
  );
});

t.test('large images go to the compressor in pieces', async (t) => {
  const rows = Array.from({ length: 300 }, (_, y) => Uint8Array.from({ length: 6000 }, (_, x) => (x * y) & 0xff));
  const read = readPng(await write({ width: 2000, height: 300, channels: 3, depth: 8, srgb: true }, rows));
  t.ok(read.rows.every((row, y) => Buffer.compare(row, rows[y] as Uint8Array) === 0));
});

t.test('a palette and words', async (t) => {
  const palette = Uint8Array.of(0, 0, 0, 255, 128, 1);
  const text = new Map([
    ['Software', 'exrpipe'],
    ['Comment', 'Dächer'],
  ]);
  const format = { width: 2, height: 1, channels: 1, depth: 8, srgb: false, palette, text } as const;
  const read = readPng(await write(format, [Uint8Array.of(1, 0)]));
  t.strictSame([...(read.palette ?? [])], [...palette]);
  t.equal(read.colour, 3);
  t.equal(read.text.get('Software'), 'exrpipe');
  t.strictSame([...new Set(read.types)], ['IHDR', 'PLTE', 'tEXt', 'iTXt', 'IDAT', 'IEND']);
});

t.test('what no program opens is refused, and too few lines are a mistake', async (t) => {
  const format = { channels: 1, depth: 8, srgb: false } as const;
  for (const [width, height] of [
    [0, 1],
    [1, 0],
    [70_000, 1],
  ] as const)
    t.throws(() => new PngWriter({ ...format, width, height }, async () => {}), { kind: 'usage', code: 'PNG_SIZE' });
  await t.rejects(write({ ...format, width: 1, height: 2 }, [Uint8Array.of(0)]), RangeError);
});

t.test('an error of whoever takes the bytes ends the writing', async (t) => {
  const png = new PngWriter({ width: 1, height: 1, channels: 1, depth: 8, srgb: false }, async () => {
    throw new Error('disk full');
  });
  await t.rejects(
    (async () => {
      await png.line(Uint8Array.of(0));
      await png.end();
    })(),
    { message: 'disk full' },
  );
  await png.abort();
});
