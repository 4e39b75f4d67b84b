import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { isExrError } from '../../lib/index.js';
import { chunk, PngWriter } from '../../lib/look/png.js';
import { PngReader } from '../../lib/look/png-reader.js';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function source(bytes: Uint8Array) {
  return {
    size: bytes.length,
    read: async (position: number, length: number) => {
      if (position + length > bytes.length) throw new RangeError('beyond the end');
      return bytes.slice(position, position + length);
    },
  };
}

async function lines(bytes: Uint8Array, channel: string): Promise<number[][]> {
  const found: number[][] = [];
  for await (const line of (await PngReader.open(source(bytes))).lines(channel)) found.push([...line]);
  return found;
}

interface Image {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  /** Lines with the filter in front. */
  readonly filtered: Uint8Array;
  readonly before?: readonly Uint8Array[];
  readonly interlace?: number;
}

function png({ width, height, depth, colour, filtered, before = [], interlace = 0 }: Image): Uint8Array {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([depth, colour, 0, 0, interlace], 8);
  const packed = new Uint8Array(deflateSync(filtered));
  const cut = Math.floor(packed.length / 2);
  const pixels = [packed.subarray(0, cut), packed.subarray(cut)].map((piece) => chunk('IDAT', piece));
  return Buffer.concat([signature, chunk('IHDR', head), ...before, ...pixels, chunk('IEND', new Uint8Array())]);
}

/** Filters a line as the specification has it, with everything in integers of its own. */
function filter(kind: number, line: Uint8Array, above: Uint8Array, step: number): Uint8Array {
  const out = new Uint8Array(line.length + 1);
  out[0] = kind;
  line.forEach((byte, i) => {
    const a = line[i - step] ?? 0;
    const b = above[i] ?? 0;
    const c = i < step ? 0 : (above[i - step] ?? 0);
    const distances = [a, b, c].map((one) => Math.abs(a + b - c - one));
    const nearest = [a, b, c][distances.indexOf(Math.min(...distances))] ?? 0;
    out[i + 1] = byte - ([0, a, b, Math.floor((a + b) / 2), nearest][kind] as number);
  });
  return out;
}

t.test('every filter, depth and colour type is read', async (t) => {
  const images = fc
    .record({
      width: fc.integer({ min: 1, max: 19 }),
      height: fc.integer({ min: 1, max: 9 }),
      shape: fc.constantFrom(
        { colour: 0, depth: 1, samples: 1, channels: ['Y'] },
        { colour: 0, depth: 2, samples: 1, channels: ['Y'] },
        { colour: 0, depth: 4, samples: 1, channels: ['Y'] },
        { colour: 0, depth: 8, samples: 1, channels: ['Y'] },
        { colour: 0, depth: 16, samples: 1, channels: ['Y'] },
        { colour: 2, depth: 8, samples: 3, channels: ['R', 'G', 'B'] },
        { colour: 4, depth: 16, samples: 2, channels: ['Y', 'A'] },
        { colour: 6, depth: 8, samples: 4, channels: ['R', 'G', 'B', 'A'] },
      ),
    })
    .chain(({ width, height, shape }) => {
      const length = Math.ceil((width * shape.samples * shape.depth) / 8);
      const row = fc.tuple(fc.uint8Array({ minLength: length, maxLength: length }), fc.integer({ min: 0, max: 4 }));
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        shape: fc.constant(shape),
        rows: fc.array(row, { minLength: height, maxLength: height }),
      });
    });
  await t.resolves(
    fc.assert(
      fc.asyncProperty(images, async ({ width, height, shape, rows }) => {
        const { colour, depth, samples, channels } = shape;
        const step = Math.max(1, (samples * depth) / 8);
        const filtered = Buffer.concat(
          rows.map(([row, kind], y) => filter(kind, row, rows[y - 1]?.[0] ?? new Uint8Array(row.length), step)),
        );
        const bytes = png({ width, height, depth, colour, filtered });
        for (const [at, channel] of channels.entries()) {
          const found = await lines(bytes, channel);
          rows.forEach(([row], y) => {
            const bits = [...row].map((byte) => byte.toString(2).padStart(8, '0')).join('');
            for (let x = 0; x < width; x++) {
              const from = (x * samples + at) * depth;
              const value = Number.parseInt(bits.slice(from, from + depth), 2) / (2 ** depth - 1);
              if (found[y]?.[x] !== Math.fround(value)) throw new Error(`${channel} at ${x}, ${y}`);
            }
          });
        }
      }),
      { numRuns: 150 },
    ),
  );
});

t.test('numbers of a palette are its colours', async (t) => {
  const before = [
    chunk('tEXt', new TextEncoder().encode('Title\0x')),
    chunk('PLTE', Uint8Array.of(0, 51, 255, 255, 102, 0)),
    chunk('tRNS', Uint8Array.of(0)),
  ];
  const bytes = png({ width: 4, height: 1, depth: 1, colour: 3, filtered: Uint8Array.of(0, 0b0110_0000), before });
  t.strictSame(await lines(bytes, 'R'), [[0, 1, 1, 0]]);
  t.strictSame(await lines(bytes, 'G'), [[51, 102, 102, 51].map((one) => Math.fround(one / 255))]);
  t.strictSame(await lines(bytes, 'A'), [[0, 1, 1, 0]]);
});

t.test('what our own writer makes is read', async (t) => {
  const pieces: Uint8Array[] = [];
  const format = { width: 300, height: 70, channels: 1, depth: 16, srgb: false } as const;
  const writer = new PngWriter(format, async (bytes) => void pieces.push(bytes.slice()));
  const line = (y: number) => Uint8Array.from({ length: 600 }, (_, i) => (i * 7 + y * 13) & 0xff);
  for (let y = 0; y < 70; y++) await writer.line(line(y));
  await writer.end();
  const found = await lines(Buffer.concat(pieces), 'Y');
  t.equal(found.length, 70);
  t.equal(found[69]?.[299], Math.fround((((line(69)[598] as number) << 8) | (line(69)[599] as number)) / 65_535));
});

async function failure(bytes: Uint8Array): Promise<string> {
  try {
    const { channels } = (await PngReader.open(source(bytes))).head;
    await lines(bytes, channels[0] ?? '');
    return 'none';
  } catch (error) {
    return isExrError(error) ? error.code : String(error);
  }
}

t.test('damage is named, whatever it is', async (t) => {
  const good = png({ width: 9, height: 3, depth: 8, colour: 0, filtered: new Uint8Array(30) });
  t.equal(await failure(good), 'none');
  t.equal(await failure(new TextEncoder().encode('not a PNG, but long enough to have been one')), 'NOT_PNG');
  t.equal(await failure(png({ ...square, interlace: 1 })), 'PNG_INTERLACED');
  t.equal(await failure(png({ ...square, depth: 3 })), 'BAD_PNG');
  t.equal(await failure(png({ ...square, colour: 3 })), 'BAD_PNG');
  t.equal(await failure(png({ ...square, filtered: Uint8Array.of(9, 0, 0, 0, 0, 0) })), 'BAD_PNG');
  t.equal(await failure(png({ ...square, filtered: Uint8Array.of(0, 0, 0) })), 'BAD_PNG', 'a line is missing');
  const codes = new Set<string>();
  for (let at = 0; at < good.length; at++) {
    codes.add(await failure(good.slice(0, at)));
    const changed = good.slice();
    changed[at] = (changed[at] as number) ^ 0x55;
    codes.add(await failure(changed));
  }
  t.same(
    [...codes].filter((code) => !/^(none|BAD_PNG|NOT_PNG|PNG_INTERLACED)$/.test(code)),
    [],
  );
});

const square: Image = { width: 2, height: 2, depth: 8, colour: 0, filtered: Uint8Array.of(0, 1, 2, 0, 3, 4) };
