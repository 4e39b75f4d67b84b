// Round trips through every codec for arbitrary layouts.
import fc from 'fast-check';
import t from 'tap';
import {
  type ChannelLayout,
  type ChunkLayout,
  type Compression,
  createCodecs,
  type PixelType,
  planarSize,
} from '../src/index.js';
import { holds } from './holds.js';

const codecs = await createCodecs();
const LOSSLESS: readonly Compression[] = ['none', 'rle', 'zips', 'zip', 'piz', 'htj2k256', 'htj2k32'];
const LOSSY: readonly Compression[] = ['pxr24', 'b44', 'b44a', 'dwaa', 'dwab'];

const channel = fc.record({
  name: fc.constantFrom('A', 'B', 'BY', 'G', 'R', 'RY', 'Y', 'Z', 'a.B', 'a.G', 'a.R', 'id00.r', 'x'),
  type: fc.constantFrom<PixelType>('half', 'half', 'float', 'uint'),
  xSampling: fc.constantFrom(1, 1, 1, 2, 3),
  ySampling: fc.constantFrom(1, 1, 1, 2, 3),
  linear: fc.boolean(),
});

const layout: fc.Arbitrary<ChunkLayout> = fc.record({
  x: fc.integer({ min: -50, max: 50 }),
  y: fc.integer({ min: -50, max: 50 }),
  width: fc.nat(70),
  height: fc.nat(40),
  channels: fc
    .uniqueArray(channel, { minLength: 1, maxLength: 6, selector: ({ name }) => name })
    .map((channels) => channels.sort((a, b) => (a.name < b.name ? -1 : 1))),
});

/** Noise, few values, or a ramp: what the codecs treat differently. */
const texture = fc.record({
  kind: fc.constantFrom('noise', 'steps', 'ramp', 'flat'),
  seed: fc.integer({ min: 1, max: 0x7fffffff }),
});

function samples(size: number, { kind, seed }: { kind: string; seed: number }): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, (_, i) => {
    if (kind === 'flat') return seed & 0x3f;
    if (kind === 'ramp') return (i >> 4) & 0xff;
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return kind === 'noise' ? state >> 16 : ((state >> 16) & 3) * ((i >> 6) & 1);
  });
}

for (const method of LOSSLESS) {
  t.test(`${method} gives back what it got`, async (t) => {
    holds(
      t,
      fc.property(layout, texture, (chunk, kind) => {
        const planar = samples(planarSize(chunk), kind);
        const packed = codecs.encode(method, chunk, planar);
        if (packed.length > planar.length) throw new Error('larger than raw');
        return Buffer.compare(codecs.decode(method, chunk, packed), planar) === 0;
      }),
      { numRuns: 200 },
    );
  });
}

/** Whether a lossy method is lossless for a channel. */
function mustKeep(method: Compression, { type }: ChannelLayout): boolean {
  if (type === 'uint') return true;
  if (method === 'pxr24') return type === 'half';
  return (method === 'b44' || method === 'b44a') && type === 'float';
}

for (const method of LOSSY) {
  t.test(`${method} keeps the sample types it is lossless for, and its size`, async (t) => {
    holds(
      t,
      fc.property(layout, texture, (chunk, kind) => {
        const planar = samples(planarSize(chunk), kind);
        const packed = codecs.encode(method, chunk, planar);
        if (packed.length > planar.length) throw new Error('larger than raw');
        const decoded = codecs.decode(method, chunk, packed);
        let at = 0;
        for (const part of chunk.channels) {
          const bytes = planarSize({ ...chunk, channels: [part] });
          const same = Buffer.compare(decoded.subarray(at, at + bytes), planar.subarray(at, at + bytes)) === 0;
          if (mustKeep(method, part) && !same) throw new Error(`${part.name} (${part.type}) changed`);
          at += bytes;
        }
      }),
      { numRuns: 200 },
    );
  });
}

t.test('a thousand channels', async (t) => {
  const channels = Array.from({ length: 1000 }, (_, i) => ({
    name: `layer.${String(i).padStart(4, '0')}`,
    type: (['half', 'float', 'uint'] as const)[i % 3] ?? 'half',
    xSampling: 1,
    ySampling: 1,
    linear: false,
  }));
  const chunk = { x: 0, y: 0, width: 7, height: 3, channels };
  const planar = samples(planarSize(chunk), { kind: 'steps', seed: 7 });
  for (const method of LOSSLESS) {
    const packed = codecs.encode(method, chunk, planar);
    // HTJ2K has headers for each channel, which do not pay for 21 samples.
    t.ok(method === 'none' || method.startsWith('htj2k') || packed.length < planar.length, method);
    t.equal(Buffer.compare(codecs.decode(method, chunk, packed), planar), 0, method);
  }
  for (const method of LOSSY) {
    t.equal(codecs.decode(method, chunk, codecs.encode(method, chunk, planar)).length, planar.length, method);
  }
});

t.test('bytes of deep parts', async (t) => {
  for (const method of ['rle', 'zips', 'zip'] as const) {
    holds(
      t,
      fc.property(fc.nat(3000), texture, (size, kind) => {
        const raw = samples(size, kind);
        const packed = codecs.packBytes(method, raw);
        if (packed.length > raw.length) throw new Error('larger than raw');
        return Buffer.compare(codecs.unpackBytes(method, packed, raw.length), raw) === 0;
      }),
    );
  }
});

t.test('what was released may be overwritten', async (t) => {
  let released = 0;
  for (const method of [...LOSSLESS, ...LOSSY])
    holds(
      t,
      fc.property(layout, texture, (chunk, kind) => {
        const planar = samples(planarSize(chunk), kind);
        const expected = codecs.encode(method, chunk, planar);
        const release = (given: Uint8Array): void => {
          ++released;
          given.fill(0xee);
        };
        return Buffer.compare(codecs.encode(method, chunk, planar, { release }), expected) === 0;
      }),
    );
  t.ok(released > 100, `${released} were`);
});

t.test('encoding is a function of its input', async (t) => {
  const other = await createCodecs();
  holds(
    t,
    fc.property(layout, texture, fc.constantFrom(...LOSSLESS, ...LOSSY), (chunk, kind, method) => {
      const planar = samples(planarSize(chunk), kind);
      // The one has coded other chunks before, the other has not.
      return Buffer.compare(codecs.encode(method, chunk, planar), other.encode(method, chunk, planar)) === 0;
    }),
  );
});
