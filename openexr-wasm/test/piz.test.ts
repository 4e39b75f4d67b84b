// What the common vectors (codecs.test.ts) do not reach in PIZ and its Huffman coder: large chunks, long codes, damaged
// chunks, chunks made of chunks.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { type ChunkLayout, CodecError, createCodecs, type PixelType, planarSize } from '../src/index.js';
import { Instance } from '../src/instance.js';
import { placeChannelTable } from '../src/layout.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { sha256 } from './vectors.js';

const codecs = await createCodecs();

/** A column of half samples: too narrow for the wavelet, so that coefficients and numbers of values are the same. */
function column(height: number): ChunkLayout {
  const channels = [{ name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false }] as const;
  return { x: 0, y: 0, width: 1, height, channels };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CodecError ? error.code : `not a CodecError: ${String(error)}`;
  }
  return 'no error';
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams by hand

class BitWriter {
  readonly #bits: string[] = [];

  put(value: bigint | number, width: number): this {
    this.#bits.push(value.toString(2).padStart(width, '0'));
    return this;
  }

  get length(): number {
    return this.#bits.join('').length;
  }

  get bytes(): Uint8Array {
    const text = this.#bits.join('');
    return Uint8Array.from({ length: Math.ceil(text.length / 8) }, (_, i) =>
      Number.parseInt(text.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2),
    );
  }
}

interface HuffmanStream {
  readonly min: number;
  readonly max: number;
  readonly table: BitWriter;
  readonly data: BitWriter;
  /** The data's length in the header, if it is false. */
  readonly bits?: number;
}

function u16(...values: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function u32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** A PIZ chunk of `stream` in which the values 0..127 are in use, so that each is its own number. */
function pizChunk({ min, max, table, data, bits = data.length }: HuffmanStream): Uint8Array {
  const huffman = Buffer.concat([u32(min, max, table.bytes.length, bits, 0), table.bytes, data.bytes]);
  return Buffer.concat([u16(0, 15), new Uint8Array(16).fill(0xff), u32(huffman.length), huffman]);
}

/** The canonical codes of symbols with these lengths, as the format defines them: the longest code is all zeros. */
function canonicalCodes(lengths: readonly number[]): bigint[] {
  const codes = lengths.map(() => 0n);
  let next = 0n;
  for (let length = 58; length > 0; --length) {
    lengths.forEach((l, symbol) => {
      if (l === length) codes[symbol] = next++;
    });
    next >>= 1n;
  }
  return codes;
}

function packLengths(lengths: readonly number[]): BitWriter {
  return lengths.reduce((table, length) => table.put(length, 6), new BitWriter());
}

/** The values 0, 1, 2 and the run symbol 3, with 2 bits each: their codes are their own numbers. */
const FOUR = { min: 0, max: 3, lengths: [2, 2, 2, 2] };

function fourCodes(...symbols: number[]): BitWriter {
  return symbols.reduce((data, symbol) => data.put(symbol, 2), new BitWriter());
}

function decodeFour(count: number, data: BitWriter, change: Partial<HuffmanStream> = {}): Uint8Array {
  const chunk = pizChunk({ ...FOUR, table: packLengths(FOUR.lengths), data, ...change });
  return codecs.decode('piz', column(count), chunk);
}

t.test('codes of every length up to 58 bits', async (t) => {
  // One code of each length 1..57, two of 58: values 0..57 and the run symbol 58.
  const lengths = [...Array.from({ length: 58 }, (_, i) => i + 1), 58];
  const codes = canonicalCodes(lengths);
  t.equal(codes[57], 0n);
  t.equal(codes[58], 1n);
  t.equal(codes[0], 1n);
  const upwards = lengths.slice(0, 58).map((_, value) => value);
  const values = [...upwards, ...upwards.toReversed(), ...upwards.flatMap((value) => [value, 0]), 57, 57, 57];
  const data = new BitWriter();
  for (const value of values) data.put(codes[value] ?? 0n, lengths[value] ?? 0);
  // A run in the middle of nowhere: the run symbol is a 58-bit code, too.
  data
    .put(codes[58] ?? 0n, 58)
    .put(250, 8)
    .put(1, 1);
  const expected = [...values, ...Array.from({ length: 250 }, () => 57), 0];
  // Enough samples for the chunk to be smaller than they are.
  const padding = 2000;
  for (let i = 0; i < padding; ++i) data.put(1, 1);
  const all = [...expected, ...Array.from({ length: padding }, () => 0)];
  const chunk = pizChunk({ min: 0, max: 58, table: packLengths(lengths), data });
  t.strictSame(codecs.decode('piz', column(all.length), chunk), u16(...all));
});

t.test('a run symbol without a code', async (t) => {
  // OpenEXR's encoder does not write this, but its decoder reads it: 3 is the run symbol, and only 0, 1 and 2 have codes.
  const data = new BitWriter();
  for (let i = 0; i < 100; ++i) data.put(1, 1).put(1, 2).put(0, 2);
  const chunk = pizChunk({ min: 0, max: 3, table: packLengths([1, 2, 2, 0]), data });
  t.strictSame(codecs.decode('piz', column(300), chunk), u16(...Array.from({ length: 100 }, () => [0, 2, 1]).flat()));
});

t.test('damaged Huffman streams are refused', async (t) => {
  // 100 samples are more bytes than the chunks have, so these do not count as raw.
  const run = (count: number): BitWriter => fourCodes(1, 3).put(count, 8);
  t.strictSame(decodeFour(100, run(99)), u16(...Array.from({ length: 100 }, () => 1)));
  t.strictSame(
    decodeFour(103, run(99).put(2, 2).put(0, 2).put(2, 2)),
    u16(...Array.from({ length: 100 }, () => 1), 2, 0, 2),
  );

  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ['a run before any value', 'corrupt', () => decodeFour(100, fourCodes(3).put(100, 8))],
    ['a run of none', 'corrupt', () => decodeFour(100, run(0).put(3, 2).put(99, 8))],
    ['a run beyond the end', 'corrupt', () => decodeFour(100, run(100))],
    ['data that ends too early', 'corrupt', () => decodeFour(100, run(98))],
    ['data behind the last value', 'corrupt', () => decodeFour(100, run(99).put(0, 2))],
    ['fewer bits than codes', 'corrupt', () => decodeFour(100, run(99), { bits: 11 })],
    ['more bits than bytes', 'truncated', () => decodeFour(100, run(99), { bits: 17 })],
    ['2^32 - 1 bits', 'truncated', () => decodeFour(100, run(99), { bits: 2 ** 32 - 1 })],
    ['symbols in wrong order', 'corrupt', () => decodeFour(100, run(99), { min: 4 })],
    ['a symbol above all', 'corrupt', () => decodeFour(100, run(99), { max: 65537 })],
    ['symbols beyond the table', 'truncated', () => decodeFour(100, run(99), { max: 40 })],
    ['no codes', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([0, 0, 0, 0]) })],
    ['one code', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([0, 1, 0, 0]) })],
    ['an incomplete code', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([2, 2, 2, 0]) })],
    ['half a code', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([2, 2, 0, 0]) })],
    ['a code twice too full', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([1, 1, 1, 1]) })],
    ['an overfull code', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([2, 2, 1, 1]) })],
    ['an odd number of long codes', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([3, 2, 2, 2]) })],
    ['zeros beyond the table', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([1, 1, 61, 0]) })],
    ['many zeros beyond it', 'corrupt', () => decodeFour(100, run(99), { table: packLengths([1, 63, 0, 0]) })],
  ];
  for (const [name, code, decode] of cases) t.equal(codeOf(decode), code, name);
});

t.test('damaged PIZ headers are refused', async (t) => {
  const good = pizChunk({ ...FOUR, table: packLengths(FOUR.lengths), data: fourCodes(1, 3).put(99, 8) });
  const decode = (chunk: Uint8Array) => codeOf(() => codecs.decode('piz', column(100), chunk));
  const patched = (at: number, ...bytes: number[]) => good.map((byte, i) => bytes[i - at] ?? byte);
  t.equal(decode(good), 'no error');
  for (let length = 0; length < good.length; ++length) {
    t.equal(decode(good.subarray(0, length)), 'truncated', `the first ${length} bytes`);
  }
  t.equal(decode(patched(2, 0, 0x20)), 'corrupt', 'a bitmap beyond the last value');
  t.equal(decode(patched(2, 0xff, 0x1f)), 'truncated', 'a bitmap beyond the chunk');
  t.equal(decode(patched(20, 0xff, 0xff, 0xff, 0xff)), 'truncated', 'a Huffman stream beyond the chunk');
  t.equal(decode(patched(20, 19)), 'truncated', 'a Huffman stream shorter than its header');
});

t.test('all 65536 values in one chunk', async (t) => {
  const layout = { ...column(512), width: 512 };
  const samples = new Uint16Array(512 * 512);
  for (let value = 0; value < 65536; ++value) samples[value * 4] = (value * 40503) & 0xffff;
  const planar = new Uint8Array(samples.buffer);
  const packed = codecs.encode('piz', layout, planar);
  t.ok(packed.length < planar.length);
  t.equal(sha256(codecs.decode('piz', layout, packed)), sha256(planar));
});

// ---------------------------------------------------------------------------------------------------------------------
// Properties

/** Reproducible samples, from flat to noise: the same as in vectors/piz.cpp. */
function makeSamples(layout: ChunkLayout, kind: number, seed: number): Uint8Array {
  const samples = new Uint16Array(planarSize(layout) / 2);
  let state = seed | 1;
  for (let i = 0; i < samples.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = state >>> 16;
    const values = [
      0,
      i >> 5,
      0x3c00 + (noise & 15),
      noise % 100 < 95 ? 0x3c00 : noise,
      noise & 0xff00,
      i % 4 ? 0x3c00 + (noise & 3) : noise,
      noise,
    ];
    samples[i] = values[kind] ?? 0;
  }
  return new Uint8Array(samples.buffer);
}

type ReferenceChunk = ChunkLayout & {
  readonly kind: number;
  readonly seed: number;
  readonly size: number;
  readonly sha256: string;
};

/** Chunks of the reference library, as digests of their bytes. This file runs from dist/test. */
const references: readonly ReferenceChunk[] = readFileSync(
  new URL('../../test/vectors/piz.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

t.test("chunks are the reference library's, byte for byte, and decode", async (t) => {
  t.equal(references.length, 63);
  for (const { kind, seed, size, sha256: digest, ...layout } of references) {
    const name = `content ${kind}, ${layout.width} x ${layout.height}`;
    const planar = makeSamples(layout, kind, seed);
    const packed = codecs.encode('piz', layout, planar);
    t.equal(packed.length, size, name);
    t.equal(sha256(packed), digest, name);
    t.equal(sha256(codecs.decode('piz', layout, packed)), sha256(planar), name);
  }
});

const channel = fc.record({
  type: fc.constantFrom<PixelType>('half', 'float', 'uint'),
  xSampling: fc.constantFrom(1, 1, 1, 2, 3),
  ySampling: fc.constantFrom(1, 1, 1, 2, 3),
});

const chunkLayout: fc.Arbitrary<ChunkLayout> = fc
  .record({
    x: fc.integer({ min: -20, max: 20 }),
    y: fc.integer({ min: -20, max: 20 }),
    width: fc.integer({ min: 0, max: 90 }),
    height: fc.integer({ min: 0, max: 40 }),
    channels: fc.array(channel, { minLength: 1, maxLength: 5 }),
  })
  .map((layout) => ({ ...layout, channels: layout.channels.map((c, i) => ({ ...c, name: `c${i}`, linear: false })) }));

const content = fc.record({ kind: fc.integer({ min: 0, max: 6 }), seed: fc.nat() });

t.test('any chunk decodes to what was encoded', async (t) => {
  let packedChunks = 0;
  fc.assert(
    fc.property(chunkLayout, content, (layout, { kind, seed }) => {
      const planar = makeSamples(layout, kind, seed);
      const packed = codecs.encode('piz', layout, planar);
      if (packed.length < planar.length) ++packedChunks;
      return Buffer.compare(codecs.decode('piz', layout, packed), planar) === 0;
    }),
    { numRuns: 400 },
  );
  t.ok(packedChunks > 100, `${packedChunks} chunks were packed`);
});

/** The planar samples of the picked channels. */
function pick(layout: ChunkLayout, planar: Uint8Array, picks: readonly number[]): Uint8Array {
  const size = (channels: ChunkLayout['channels']) => planarSize({ ...layout, channels });
  return Buffer.concat(
    picks.map((c) => {
      const start = size(layout.channels.slice(0, c));
      return planar.subarray(start, start + size(layout.channels.slice(c, c + 1)));
    }),
  );
}

t.test('repack and decode give what decode and pick give', async (t) => {
  let recoded = 0;
  const property = fc.property(
    chunkLayout,
    fc.array(content, { minLength: 1, maxLength: 2 }),
    fc.array(fc.record({ source: fc.nat({ max: 1 }), channel: fc.nat({ max: 4 }) }), { maxLength: 8 }),
    (layout, contents, wanted) => {
      const planars = contents.map(({ kind, seed }) => makeSamples(layout, kind, seed));
      const sources = planars.map((planar) => ({ layout, packed: codecs.encode('piz', layout, planar) }));
      const picks = wanted.map(({ source, channel }) => ({
        source: source % sources.length,
        channel: channel % layout.channels.length,
      }));
      const target = {
        ...layout,
        channels: picks.flatMap((p, i) =>
          layout.channels.slice(p.channel, p.channel + 1).map((c) => ({ ...c, name: `n${i}` })),
        ),
      };
      const packed = codecs.repack('piz', sources, target, picks);
      const expected = Buffer.concat(
        picks.map(({ source, channel }) => pick(layout, planars[source] ?? new Uint8Array(), [channel])),
      );
      // The value range of the only source, copied unchanged, shows that only the entropy coding was redone.
      const [first] = sources;
      if (sources.length === 1 && first !== undefined && packed.length < expected.length) {
        if (Buffer.compare(packed.subarray(0, 4), first.packed.subarray(0, 4)) === 0) ++recoded;
      }
      return Buffer.compare(codecs.decode('piz', target, packed), expected) === 0;
    },
  );
  fc.assert(property, { numRuns: 400 });
  t.ok(recoded > 10, `${recoded} chunks had only their entropy coding redone`);
});

t.test('repack refuses what does not fit', async (t) => {
  const layout = column(100);
  const source = { layout, packed: codecs.encode('piz', layout, new Uint8Array(200)) };
  const target = (change: object): ChunkLayout => ({ ...layout, ...change });
  const [y] = layout.channels;
  const picks = [{ source: 0, channel: 0 }];
  const repack = (to: ChunkLayout, from = picks) => codeOf(() => codecs.repack('piz', [source], to, from));
  t.equal(repack(layout), 'no error');
  t.equal(repack(layout, []), 'bad-argument');
  t.equal(repack(layout, [{ source: 1, channel: 0 }]), 'bad-argument');
  t.equal(repack(layout, [{ source: 0, channel: 1 }]), 'bad-argument');
  t.equal(repack(target({ height: 99 })), 'bad-argument');
  t.equal(repack(target({ channels: [{ ...y, type: 'float' }] })), 'bad-argument');
  t.equal(repack(target({ channels: [{ ...y, ySampling: 2 }] })), 'bad-argument');
  const damaged = { layout, packed: source.packed.subarray(0, -1) };
  t.equal(
    codeOf(() => codecs.repack('piz', [damaged], layout, picks)),
    'truncated',
  );
  t.equal(
    codeOf(() => codecs.repack('piz', [{ layout, packed: new Uint8Array(201) }], layout, picks)),
    'too-large',
  );
});

// ---------------------------------------------------------------------------------------------------------------------
// Mutation of real chunks

const CANARY = new Uint8Array(256).fill(0xa5);
/** OK, TRUNCATED and CORRUPT of assembly/status.ts. */
const STATUSES = [0, -2, -3];

t.test('mutated chunks give samples or a clear status, and nothing else is written', async (t) => {
  const module = new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url)));
  const instance = new Instance(module, nodeEntropy, 2 ** 28);
  const real = references
    .map(({ kind, seed, ...layout }) => ({
      layout,
      packed: codecs.encode('piz', layout, makeSamples(layout, kind, seed)),
    }))
    // Small enough for many runs; not raw.
    .filter(({ layout, packed }) => packed.length < 30000 && packed.length < planarSize(layout))
    .map(({ layout, packed }) => {
      const [min = 0, max = 0] = new Uint16Array(packed.slice(0, 4).buffer);
      return { layout, packed, rangeBytes: 4 + Math.max(0, max - min + 1) };
    });
  t.ok(real.length > 20, `${real.length} real chunks`);

  const seen = new Map<number, number>();
  const mutation = fc.record({
    at: fc.nat(),
    near: fc.boolean(),
    value: fc.nat({ max: 255 }),
    how: fc.nat({ max: 3 }),
  });
  const property = fc.property(
    fc.nat({ max: real.length - 1 }),
    fc.array(mutation, { minLength: 1, maxLength: 6 }),
    fc.option(fc.nat(), { freq: 6 }),
    (index, mutations, cut) => {
      const chunk = real[index];
      if (chunk === undefined) return false;
      const packed = chunk.packed.slice(0, cut === null ? undefined : cut % chunk.packed.length);
      if (packed.length === 0) return true;
      // Half of the mutations fall on the headers, which tell most of the rest what to do.
      for (const { at, near, value, how } of mutations) {
        const place = (near ? (at % 2 ? chunk.rangeBytes : 0) + (at % 40) : at) % packed.length;
        const byte = packed[place] ?? 0;
        packed[place] = [byte ^ (1 << (value & 7)), value, 0, 255][how] ?? 0;
      }
      const size = planarSize(chunk.layout);
      instance.reset();
      const before = instance.place(CANARY);
      const planar = instance.allocate(size);
      const after = instance.place(CANARY);
      const source = instance.place(packed);
      const table = placeChannelTable(instance, chunk.layout);
      const { channels, y, height } = chunk.layout;
      const decode = instance.kernel('pizDecode');
      const status = decode(source, packed.length, planar, size, table, channels.length, y, height);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      const same = (at: number, bytes: Uint8Array) => Buffer.compare(instance.view(at, bytes.length), bytes) === 0;
      return STATUSES.includes(status) && same(before, CANARY) && same(after, CANARY) && same(source, packed);
    },
  );
  fc.assert(property, { numRuns: 4000 });
  for (const status of STATUSES) t.ok(seen.has(status), `status ${status} occurs`);
});
