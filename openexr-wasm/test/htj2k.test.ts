// HTJ2K chunks decoded and encoded: the reference library's chunks, and what they share with those made here.
import fc from 'fast-check';
import t from 'tap';
import { decodeHtj2k, encodeHtj2k } from '../src/htj2k/index.js';
import { readChunk } from '../src/htj2k/read.js';
import {
  type ChannelLayout,
  type ChunkLayout,
  CodecError,
  compileModule,
  createCodecs,
  planarSize,
} from '../src/index.js';
import { Instance } from '../src/instance.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { holds } from './holds.js';
import { type HtVector, htVector, readForeignVectors, readHtVectors, readLjVectors } from './htj2k-vectors.js';
import { sha256 } from './vectors.js';

const codecs = await createCodecs();

function digests(vector: HtVector): string[] {
  return vector.channels.map((_, i) => sha256(codecs.decode(vector.compression, vector, vector.packed, [i])));
}

t.test('chunks of the reference library have its samples', async (t) => {
  for (const vector of readHtVectors()) {
    t.strictSame(digests(vector), vector.decoded, vector.name);
    // All at once, and some of them in another order.
    const all = codecs.decode(vector.compression, vector, vector.packed);
    t.equal(all.length, planarSize(vector), vector.name);
    const order = vector.channels.map((_, i) => i).reverse();
    const turned = codecs.decode(vector.compression, vector, vector.packed, order);
    t.equal(sha256(codecs.decode(vector.compression, vector, vector.packed, order.toReversed())), sha256(all));
    const first = planarSize({ ...vector, channels: vector.channels.slice(-1) });
    t.equal(sha256(turned.subarray(0, first)), vector.decoded.at(-1));
  }
});

t.test('so have chunks with other blocks, decompositions, progressions, precincts and passes', async (t) => {
  const vectors = readForeignVectors();
  t.ok(vectors.length > 16);
  for (const vector of vectors) t.strictSame(digests(vector), vector.decoded, vector.name);
});

t.test('LJ2K decodes to the samples of the reference library, bit by bit', async (t) => {
  const vectors = readLjVectors();
  t.ok(vectors.length > 3);
  for (const vector of vectors) {
    t.strictSame(digests(vector), vector.decoded, vector.name);
    t.throws(() => codecs.decode('htj2k32', vector, vector.packed), CodecError, 'which is not HTJ2K');
    for (const length of [0, 7, 100, vector.packed.length >> 1, vector.packed.length - 1]) {
      t.throws(() => codecs.decode('lj2k', vector, vector.packed.subarray(0, length)), { code: 'truncated' });
    }
  }
  const [vector] = vectors as [HtVector];
  t.throws(() => codecs.encode('lj2k', vector, new Uint8Array(planarSize(vector))), { code: 'unsupported' });
});

t.test('encoding gives exactly the bytes of the reference library, except for its comment', async (t) => {
  const vectors = readHtVectors().filter(({ name }) => name.startsWith('openexr35'));
  t.ok(vectors.length > 10);
  for (const vector of vectors) {
    const planar = codecs.decode(vector.compression, vector, vector.packed);
    const packed = codecs.encode(vector.compression, vector, planar);
    t.equal(Buffer.compare(uncommented(packed), uncommented(vector.packed)), 0, vector.name);
    t.equal(codecs.encode('htj2k256', vector, planar).length, packed.length, 'in blocks of any height');
  }
});

/** Without the COM segment, which has the name of the encoder. */
function uncommented(packed: Uint8Array): Buffer {
  const bytes = Buffer.from(packed);
  const at = bytes.indexOf(Buffer.of(0xff, 0x64, 0));
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 2 + bytes.readUInt16BE(at + 2))]);
}

function channel(name: string, type: ChannelLayout['type'], sampling = 1): ChannelLayout {
  return { name, type, xSampling: sampling, ySampling: sampling, linear: false };
}

/** A chunk that is easy to pack. */
function smooth(layout: ChunkLayout): Uint8Array {
  const planar = new Uint8Array(planarSize(layout));
  for (let i = 0; i < planar.length; ++i) planar[i] = i & 1 ? 0x3c : (i >> 5) & 0x7f;
  return planar;
}

t.test('red, green and blue are found as the reference library finds them', async (t) => {
  // Maps and transforms that OpenEXR 3.5.3 wrote for these channels.
  const cases: [string, string, boolean][] = [
    ['B G R', '2 1 0', true],
    ['A B G R Z', '3 2 1 0 4', true],
    ['x.Blue x.G x.b x.r', '3 1 2 0', true],
    ['R blue green red', '3 2 1 0', true],
    ['a.B a.G a.R b.B b.G b.R', '2 1 0 3 4 5', true],
    ['AO.r B G R', '0 1 2 3', false],
    ['x.R x.blue x.g', '0 1 2', false],
    ['a.blue a.green a.red b.b b.g b.r', '5 4 3 0 1 2', true],
    ['a.g a.r b.blue b.green b.red', '4 3 2 0 1', true],
    ['a.g a.r b.b b.g b.r', '0 1 2 3 4', false],
    ['B G R r', '2 1 0 3', true],
    ['B G R b g r', '2 1 0 3 4 5', true],
  ];
  for (const [names, map, transform] of cases) {
    const layout = {
      x: 0,
      y: 0,
      width: 60,
      height: 32,
      channels: names.split(' ').map((name) => channel(name, 'half')),
    };
    const { header, codestream } = readChunk(codecs.encode('htj2k32', layout, smooth(layout)), layout.channels.length);
    t.equal([...header.map].join(' '), map, names);
    t.equal(codestream.colourTransform, transform, names);
  }
  const mixed = {
    x: 0,
    y: 0,
    width: 60,
    height: 32,
    channels: [channel('B', 'half'), channel('G', 'half'), channel('R', 'float')],
  };
  t.equal(readChunk(codecs.encode('htj2k32', mixed, smooth(mixed)), 3).codestream.colourTransform, false);
});

t.test('channels can be coded apart, at any length', async (t) => {
  const module = await compileModule();
  if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
  const instance = new Instance(module, nodeEntropy, 2 ** 28);
  const layout = {
    x: 0,
    y: 0,
    width: 40,
    height: 9,
    channels: [channel('B', 'half'), channel('G', 'half'), channel('R', 'half')],
  };
  const noise = new Uint8Array(planarSize(layout));
  for (let i = 0, state = 1; i < noise.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[i] = state >>> 24;
  }
  t.equal(codecs.encode('htj2k32', layout, noise).length, noise.length, 'stored raw');
  instance.reset();
  t.equal(encodeHtj2k(instance, layout, instance.place(noise)), undefined);
  for (const colourTransform of [true, false]) {
    instance.reset();
    const packed = encodeHtj2k(instance, layout, instance.place(noise), { colourTransform, anyLength: true });
    if (packed === undefined) throw new Error('nothing was made');
    t.ok(packed.length > noise.length);
    t.equal(readChunk(packed, 3).codestream.colourTransform, colourTransform);
  }
});

/** Small shapes most of all, and bit patterns that are NaNs, infinities, -0 and the ends of the ranges. */
const anyLayout = fc.record({
  x: fc.integer({ min: -9, max: 9 }),
  y: fc.integer({ min: -9, max: 9 }),
  width: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })),
  height: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70 })),
  channels: fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom('A', 'B', 'G', 'R', 'Z', 'a.b', 'a.g', 'a.r', 'id'),
        type: fc.constantFrom('half' as const, 'float' as const, 'uint' as const),
        xSampling: fc.constantFrom(1, 1, 1, 1, 2),
      }),
      { minLength: 1, maxLength: 5, selector: ({ name }) => name },
    )
    .map((list) => list.map((own) => ({ ...own, ySampling: own.xSampling, linear: false })))
    .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1))),
});

/** What words are made of: everything, small steps with something else now and then, or one value. */
const content = fc.record({
  seed: fc.nat(),
  words: fc.constantFrom(
    [],
    [0],
    [0x80000000, 0x7fffffff],
    [0x7fc00001, 0xffffffff, 0x7f800000, 0xff800000, 0x80000000],
  ),
  rare: fc.constantFrom(1, 2, 20, 300),
});

function fill(
  size: number,
  { seed, words, rare }: { seed: number; words: readonly number[]; rare: number },
): Uint8Array {
  const values = new Uint32Array((size + 3) >> 2);
  let state = seed;
  for (let i = 0; i < values.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const odd = words.length > 0 ? (words[state % words.length] as number) : Math.imul(state, 0x9e3779b1) >>> 0;
    values[i] = (state >>> 8) % rare === 0 ? odd : 0x3c003c00 + (i >> 3);
  }
  return new Uint8Array(values.buffer, 0, size);
}

t.test('what is coded at any length comes back', async (t) => {
  const module = await compileModule();
  if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
  const instance = new Instance(module, nodeEntropy, 2 ** 28);
  let coded = 0;
  holds(
    t,
    fc.property(anyLayout, content, fc.boolean(), (layout, how, colourTransform) => {
      const planar = fill(planarSize(layout), how);
      instance.reset();
      const packed = encodeHtj2k(instance, layout, instance.place(planar), { colourTransform, anyLength: true });
      if (packed === undefined) return;
      ++coded;
      instance.reset();
      const decoded = decodeHtj2k(instance, layout, packed);
      if (Buffer.compare(decoded, planar) !== 0) throw new Error('other samples');
    }),
    { numRuns: 1000 },
  );
  t.ok(coded > 500, `${coded} were coded`);
});

t.test('samples that no codestream can hold are stored raw', async (t) => {
  // One column more than half of the width: the window begins at an odd place.
  const layout = { x: 1, y: 0, width: 64, height: 32, channels: [channel('BY', 'half', 2), channel('Y', 'half')] };
  const even = { ...layout, x: 0 };
  const odd = { ...layout, x: 1, width: 65 };
  const thirds = { ...even, width: 66, channels: [channel('BY', 'half', 3), channel('Y', 'half')] };
  t.equal(codecs.encode('htj2k32', thirds, smooth(thirds)).length, planarSize(thirds), '32 lines in thirds');
  t.ok(codecs.encode('htj2k32', even, smooth(even)).length < planarSize(even));
  const packed = codecs.encode('htj2k32', odd, smooth(odd));
  t.equal(packed.length, planarSize(odd));
  t.equal(Buffer.compare(codecs.decode('htj2k32', odd, packed), smooth(odd)), 0);
});

t.test('every piece that ends too early is refused', async (t) => {
  for (const name of ['float_rgb.htj2k32:1', 'mixed.htj2k32:1', 'half_rgb_300.htj2k32:0'].map(
    (own) => `openexr35/htj2k/${own}`,
  )) {
    const vector = htVector(name);
    const codes = new Set<string>();
    for (let length = 0; length < vector.packed.length; ++length) {
      try {
        codecs.decode('htj2k32', vector, vector.packed.subarray(0, length));
        codes.add(`decoded ${length} bytes`);
      } catch (error) {
        codes.add(error instanceof CodecError ? error.code : String(error));
      }
    }
    t.strictSame([...codes], ['truncated'], name);
    t.strictSame(digests(vector), vector.decoded, 'and the whole is still read');
  }
});

t.test('what is not supported is refused by name', async (t) => {
  const vector = htVector('openexr35/htj2k/half_y_65x33.htj2k32:0');
  const changed = (find: readonly number[], offset: number, value: number): Uint8Array => {
    const packed = vector.packed.slice();
    const at = Buffer.from(packed).indexOf(Buffer.from(find));
    packed[at + offset] = value;
    return packed;
  };
  const decode = (packed: Uint8Array) => codecs.decode('htj2k32', vector, packed);
  // The last byte of COD is the wavelet, the last one of NLT its type.
  t.throws(() => decode(changed([0xff, 0x52], 13, 0)), { code: 'unsupported', message: /9\/7/ });
  t.throws(() => decode(changed([0xff, 0x76], 7, 4)), { code: 'unsupported', message: /NLT type 4/ });
  t.throws(() => decode(changed([0x48, 0x54], 1, 0x4c)), { code: 'corrupt', message: /LJ2K/ });
});

t.test('low resolutions come from the first bytes', async (t) => {
  for (const name of ['openexr35/htj2k/half_rgb_300.htj2k32:0', 'openexr35/htj2k/mixed.htj2k32:1']) {
    const vector = htVector(name);
    const { packed, width, height } = vector;
    let shorter = packed.length;
    for (let reduction = 1; reduction <= 5; ++reduction) {
      const length = codecs.reducedLength(vector, packed.subarray(0, 400), reduction);
      if (length === undefined) throw new Error('the lengths of tile-parts are known');
      t.ok(length < shorter, `${length} bytes for 1/${2 ** reduction}`);
      shorter = length;
      const { samples, sizes } = codecs.decodeReduced('htj2k32', vector, packed.subarray(0, length), reduction);
      const size = { width: Math.ceil(width / 2 ** reduction), height: Math.ceil(height / 2 ** reduction) };
      t.strictSame(
        sizes,
        vector.channels.map(() => size),
      );
      const whole = codecs.decodeReduced('htj2k32', vector, packed, reduction);
      t.equal(Buffer.compare(whole.samples, samples), 0, 'and no others from the whole chunk');
      const [own] = sizes;
      const bytes = vector.channels[2]?.type === 'half' ? 2 : 4;
      const start = planarSize({ x: 0, y: 0, ...(own ?? size), channels: vector.channels.slice(0, 2) });
      const third = codecs.decodeReduced('htj2k32', vector, packed, reduction, [2]);
      const expected = samples.subarray(start, start + size.width * size.height * bytes);
      t.equal(Buffer.compare(third.samples, expected), 0, 'one channel');
      t.throws(() => codecs.decodeReduced('htj2k32', vector, packed.subarray(0, length - 1), reduction), CodecError);
    }
    t.throws(() => codecs.decodeReduced('htj2k32', vector, packed, 6), { code: 'unsupported' });
    t.throws(() => codecs.decodeReduced('htj2k32', vector, packed, 0), { code: 'bad-argument' });
    t.equal(codecs.reducedLength(vector, packed, 6), undefined);
  }
  const old = htVector('htj2k/uint_id.htj2k32:0');
  t.equal(codecs.reducedLength(old, old.packed, 2), undefined, 'one tile-part: all bytes');
});

t.test('a low resolution looks like the image', async (t) => {
  const layout = {
    x: 0,
    y: 0,
    width: 203,
    height: 97,
    channels: [channel('Y', 'half'), channel('Z', 'float'), channel('id', 'uint')],
  };
  const values = (scale: number, x: number, y: number) => 40 + scale * (x + 2 * y);
  const words = { half: 1 << 6, float: 1 << 20, uint: 1 << 24 };
  const planes = layout.channels.map(({ type }) => {
    const plane = new (type === 'half' ? Uint16Array : Uint32Array)(203 * 97);
    for (let i = 0; i < plane.length; ++i) plane[i] = values(words[type] / 64, i % 203, Math.floor(i / 203));
    return new Uint8Array(plane.buffer);
  });
  const packed = codecs.encode('htj2k256', layout, Buffer.concat(planes));
  for (const [c, { type }] of layout.channels.entries()) {
    const { samples, sizes } = codecs.decodeReduced('htj2k256', layout, packed, 3, [c]);
    const [{ width, height }] = sizes as [{ width: number; height: number }];
    t.strictSame([width, height], [26, 13]);
    const buffer = samples.slice().buffer;
    const plane = type === 'half' ? new Uint16Array(buffer) : new Uint32Array(buffer);
    let off = 0;
    for (let i = 0; i < plane.length; ++i) {
      const exact = values(words[type] / 64, 8 * (i % width), 8 * Math.floor(i / width));
      off = Math.max(off, Math.abs((plane[i] as number) - exact) / (words[type] / 64));
    }
    // A slope stays what it is but for the edges, where it is mirrored.
    t.ok(off < 20, `${type}: ${off} columns off`);
  }
});

t.test('edges do not overshoot what samples can be', async (t) => {
  const layout = {
    x: 0,
    y: 0,
    width: 64,
    height: 32,
    channels: [channel('Y', 'half'), channel('Z', 'float')],
  };
  const planes = [
    Uint16Array.from({ length: 2048 }, (_, i) => (i % 4 === 2 ? 0xfbff : 0x7bff)),
    Uint32Array.from({ length: 2048 }, (_, i) => (i % 4 === 2 ? 0xff7fffff : 0x7f7fffff)),
  ].map(({ buffer }) => new Uint8Array(buffer));
  const packed = codecs.encode('htj2k256', layout, Buffer.concat(planes));
  // Without a limit they were half as large again, and other bits.
  const half = codecs.decodeReduced('htj2k256', layout, packed, 1, [0]).samples.slice(0, 2);
  const float = codecs.decodeReduced('htj2k256', layout, packed, 1, [1]).samples.slice(0, 4);
  t.strictSame([...new Uint16Array(half.buffer)], [0x7bff]);
  t.strictSame([...new Uint32Array(float.buffer)], [0x7f7fffff]);
});

t.test('of chunks stored raw, samples are left out', async (t) => {
  const layout = { x: 3, y: 5, width: 5, height: 3, channels: [channel('A', 'half'), channel('Z', 'float')] };
  const planar = Uint8Array.from({ length: planarSize(layout) }, (_, i) => i);
  const raw = codecs.encode('none', layout, planar);
  const { samples, sizes } = codecs.decodeReduced('htj2k32', layout, raw, 1);
  t.strictSame(sizes, [
    { width: 3, height: 2 },
    { width: 3, height: 2 },
  ]);
  t.strictSame([...samples.subarray(0, 12)], [0, 1, 4, 5, 8, 9, 20, 21, 24, 25, 28, 29]);
});
