// Damaged and crafted chunks in a splice: an error promptly, or the samples that decoding gives. Never other samples,
// and nothing written where it does not belong.
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import {
  type ChunkLayout,
  CodecError,
  compileModule,
  createCodecs,
  planarSize,
  type SpliceTarget,
} from '../src/index.js';
import { Instance } from '../src/instance.js';
import { sized } from '../src/layout.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { spliceTokens } from '../src/splice-tokens.js';
import { holds } from './holds.js';
import { adler32, type Random, random } from './odd-deflate.js';
import { expected, type Made, makeCase, seeds, zipPacker } from './splice-chunks.js';

const module = await compileModule();
if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
const codecs = await createCodecs({ module });
/** Everything copied that can be, little of it, nothing, and all matched again that cannot be copied. */
const LOG_BYTES = [0, 300, 2 ** 30, -2];
const BOUNDS = { width: 300, height: 5, channels: 4 };
/** More memory than a splice of this size may use. */
const ARENA = 2 ** 25;

function damage(packed: Uint8Array, next: Random): Uint8Array {
  let bytes = [...packed];
  for (let steps = 1 + next(3); steps > 0; --steps) {
    const at = next(2) === 0 ? next(Math.min(40, bytes.length)) : next(bytes.length);
    const kind = next(6);
    if (kind === 0) bytes[at] = next(256);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
    else if (kind === 2) bytes = bytes.slice(0, Math.max(1, at));
    else if (kind === 3) bytes.splice(at, 1 + next(4));
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + next(40)));
    else bytes.fill(next(256), at, at + 6);
    if (bytes.length === 0) bytes = [0];
  }
  return Uint8Array.from(bytes);
}

/** A splice in memory that was filled with `poison`: its chunks, or the code of its error. */
function run(
  instance: Instance,
  sources: readonly Made[],
  targets: readonly SpliceTarget[],
  logBytes: number,
  poison: number,
) {
  instance.reset();
  instance.view(instance.allocate(ARENA), ARENA).fill(poison);
  instance.reset();
  try {
    return spliceTokens(instance, 'zip', sources.map(sized), targets.map(sized), { level: 4, logBytes }).chunks.map(
      ({ packed }) => packed,
    );
  } catch (error) {
    if (!(error instanceof CodecError) || error.code === 'internal') throw error;
    return error.code;
  }
}

/** What zlib finds in a stream that should hold `size` bytes; undefined when it is bad. */
function content(packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    const bytes = inflateSync(packed, { maxOutputLength: size });
    return bytes.length === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}

t.test('damaged streams give an error, or what decoding gives', async (t) => {
  const instance = new Instance(module, nodeEntropy, 2 ** 28);
  let refused = 0;
  fc.assert(
    fc.property(seeds, fc.constantFrom(...LOG_BYTES), (seed, logBytes) => {
      const { sources, targets } = makeCase(seed, BOUNDS, zipPacker(codecs));
      if ([...sources, ...targets].some(({ layout }) => planarSize(layout) < 16)) return;
      const next = random(seed + 1);
      const bad = sources.map((source, i) => (i === 0 ? { ...source, packed: damage(source.packed, next) } : source));
      if (bad.some(({ layout, packed }) => packed.length === planarSize(layout))) return;
      const one = run(instance, bad, targets, logBytes, 0x00);
      const two = run(instance, bad, targets, logBytes, 0xa5);
      // Anything read from outside would differ with the poison.
      if (Buffer.compare(bytesOf(one), bytesOf(two)) !== 0) throw new Error('depends on memory that is not its own');
      const inflated = bad.map(({ layout, packed }) => content(packed, planarSize(layout)));
      if (typeof one === 'string') {
        ++refused;
        if (inflated.every((bytes) => bytes !== undefined)) throw new Error(`${one}, but zlib takes it`);
        return;
      }
      targets.forEach((target, i) => {
        const chunk = one[i];
        if (inflated.includes(undefined)) throw new Error('zlib does not take it');
        if (chunk === undefined) return;
        const planar = bad.map(({ layout }, s) => {
          const again = deflateSync(inflated[s] ?? new Uint8Array(0), { level: 9 });
          return again.length < planarSize(layout) ? codecs.decode('zip', layout, again) : undefined;
        });
        if (planar.some((samples) => samples === undefined)) return;
        const want = expected(
          planar.flatMap((samples) => samples ?? []),
          bad,
          target,
        );
        if (Buffer.compare(codecs.decode('zip', target.layout, chunk), want) !== 0) throw new Error('other samples');
      });
    }),
    { numRuns: 400 },
  );
  t.ok(refused > 100, `${refused} refused`);
});

t.test('what went wrong before does not matter', async (t) => {
  const used = new Instance(module, nodeEntropy, 2 ** 28);
  let stopped = 0;
  fc.assert(
    fc.property(seeds, seeds, fc.constantFrom(...LOG_BYTES), (seed, other, logBytes) => {
      const before = makeCase(other, BOUNDS, zipPacker(codecs));
      const next = random(other + 1);
      const bad = before.sources.map((source) => ({ ...source, packed: damage(source.packed, next) }));
      const { sources, targets } = makeCase(seed, BOUNDS, zipPacker(codecs));
      if ([...bad, ...sources].some(({ layout, packed }) => packed.length >= planarSize(layout))) return;
      if ([...before.targets, ...targets].some(({ layout }) => planarSize(layout) === 0)) return;
      const outcome = run(used, bad, before.targets, logBytes, 0);
      if (typeof outcome === 'string' || outcome.includes(undefined)) ++stopped;
      const fresh = new Instance(module, nodeEntropy, 2 ** 28);
      const [now, want] = [used, fresh].map((instance) => run(instance, sources, targets, logBytes, 0));
      if (now === undefined || want === undefined) throw new Error('nothing was made');
      if (Buffer.compare(bytesOf(now), bytesOf(want)) !== 0) throw new Error('another chunk than in a new instance');
    }),
    { numRuns: 300 },
  );
  t.ok(stopped > 50, `${stopped} did not get to their end`);
});

function bytesOf(outcome: string | readonly (Uint8Array | undefined)[]): Uint8Array {
  if (typeof outcome === 'string') return Buffer.from(outcome);
  return Buffer.concat(outcome.map((chunk) => chunk ?? Buffer.from('raw')));
}

for (const compression of ['zip', 'pxr24', 'b44', 'b44a', 'rle', 'piz', 'dwaa'] as const) {
  t.test(`${compression}: arbitrary damage through the public interface`, async (t) => {
    holds(
      t,
      fc.property(seeds, (seed) => {
        const wide = seed % 4 === 0;
        const bounds = { width: wide ? 40_000 : 50, height: wide ? 1 : 20, channels: 3 };
        const { sources, targets } = makeCase(seed, bounds, (layout, planar) =>
          codecs.encode(compression, layout, planar),
        );
        const next = random(seed + 1);
        const bad = sources.map((source) => ({
          ...source,
          packed: source.packed.length > 0 ? damage(source.packed, next) : source.packed,
        }));
        let chunks: Uint8Array[];
        try {
          chunks = codecs.splice(compression, bad, targets);
        } catch (error) {
          if (!(error instanceof CodecError) || error.code === 'internal') throw error;
          return;
        }
        const planar = bad.map(({ layout, packed }) => decodeOrNothing(layout, packed));
        targets.forEach((target, i) => {
          const used = target.from.map(({ source }) => planar[source]);
          if (used.includes(undefined)) return;
          const want = expected(
            planar.map((samples) => samples ?? new Uint8Array(0)),
            bad,
            target,
          );
          const got = codecs.decode(compression, target.layout, chunks[i] ?? new Uint8Array(0));
          if (Buffer.compare(got, want) !== 0) throw new Error('other samples');
        });
      }),
      { numRuns: 100 },
    );

    function decodeOrNothing(layout: ChunkLayout, packed: Uint8Array): Uint8Array | undefined {
      try {
        return codecs.decode(compression, layout, packed);
      } catch {
        return undefined;
      }
    }
  });
}

/** One line of two channels, of 2 x 20,000 bytes each: two runs per half. */
const layout: ChunkLayout = {
  x: 0,
  y: 0,
  width: 40_000,
  height: 1,
  channels: ['a', 'b'].map((name) => ({ name, type: 'half', xSampling: 1, ySampling: 1, linear: false })),
};
const SIZE = planarSize(layout);
const both: SpliceTarget[] = [0, 1].map((channel) => ({
  layout: { ...layout, channels: layout.channels.slice(channel, channel + 1) },
  from: [{ source: 0, channel }],
}));

/** Splices a crafted stream; every way of doing it must come to the same error. */
function refuses(packed: Uint8Array): string {
  const instance = new Instance(module as WebAssembly.Module, nodeEntropy, 2 ** 28);
  const codes = LOG_BYTES.map((logBytes) => {
    instance.reset();
    try {
      spliceTokens(instance, 'zip', [sized({ layout, packed })], both.map(sized), { level: 4, logBytes });
      return 'nothing wrong';
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return error.code;
    }
  });
  return [...new Set(codes)].join();
}

/** A value and its bits, written from the lowest on. */
type Field = readonly [number, number];

/** A zlib stream of hand-made deflate bits. */
function bits(...fields: readonly Field[]): Uint8Array {
  return stream(fields);
}

function stream(fields: readonly Field[]): Uint8Array {
  const bytes = [0x78, 0x9c];
  let count = 0;
  for (const [value, size] of fields) {
    for (let i = 0; i < size; ++i, ++count) {
      if (count % 8 === 0) bytes.push(0);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | (((value >>> i) & 1) << (count % 8));
    }
  }
  return Uint8Array.from([...bytes, 0, 0, 0, 0]);
}

t.test('crafted streams', async (t) => {
  const raw = new Uint8Array(SIZE).map((_, i) => (i * i) >> 7);
  const good = new Uint8Array(deflateSync(raw));
  t.equal(refuses(good), 'nothing wrong');
  t.equal(refuses(new Uint8Array(deflateSync(raw.subarray(1)))), 'truncated', 'a byte too few');
  t.equal(refuses(new Uint8Array(deflateSync(new Uint8Array(SIZE + 1)))), 'too-large', 'a byte too many');
  t.equal(refuses(new Uint8Array(deflateSync(new Uint8Array(2 ** 26), { level: 9 }))), 'too-large', 'a bomb');
  for (let i = 0; i < 12; ++i) {
    const cut = good.subarray(0, Math.floor((good.length * i) / 12));
    t.equal(refuses(new Uint8Array(cut)), 'truncated', `cut to ${cut.length}`);
  }
  t.equal(refuses(good.subarray(0, -1)), 'truncated', 'without the last byte of its checksum');
  for (const at of [-1, -2, -3, -4]) {
    t.equal(refuses(good.map((byte, i) => (i === good.length + at ? byte ^ 1 : byte))), 'corrupt', 'a wrong checksum');
  }
  t.equal(refuses(good.with(0, 0x79)), 'corrupt', 'another method');
  t.equal(refuses(good.with(0, 0x88)), 'corrupt', 'a window of 64 KiB');
  t.equal(refuses(good.with(1, 0xbb)), 'corrupt', 'a preset dictionary');
  t.equal(refuses(good.with(1, 0x9d)), 'corrupt', 'a wrong check of the header');

  t.equal(refuses(bits([1, 1], [3, 2], [0, 32])), 'corrupt', 'a block of a reserved type');
  t.equal(refuses(bits([1, 1], [0, 7], [5, 16], [5, 16], [0, 40])), 'corrupt', 'a stored size that is not confirmed');
  t.equal(refuses(bits([1, 1], [0, 7], [9, 16], [9 ^ 0xffff, 16], [0, 40])), 'truncated', 'a stored size that lies');
  // Fixed codes: length 3 is 0000001, distance 1 is 00000, distance symbol 30 is 11110, symbol 286 is 11000110.
  t.equal(refuses(bits([1, 1], [1, 2], [0x40, 7], [0, 5], [0, 40])), 'corrupt', 'a match before there is a byte');
  t.equal(
    refuses(bits([1, 1], [1, 2], [0x0c, 8], [0x40, 7], [1, 5], [0, 40])),
    'corrupt',
    'a match from before the start',
  );
  t.equal(refuses(bits([1, 1], [1, 2], [0x0c, 8], [0x40, 7], [0x0f, 5], [0, 40])), 'corrupt', 'a reserved distance');
  t.equal(refuses(bits([1, 1], [1, 2], [0x63, 8], [0, 40])), 'corrupt', 'a reserved length');
  t.equal(refuses(bits([1, 1], [1, 2], [0, 7], [0, 40])), 'truncated', 'nothing in it');

  // Dynamic headers: counts of 257 + n, 1 + n and 4 + n codes, then 3 bits for each of 16, 17, 18, 0, ...
  const head = (literals: number, distances: number, lengths: readonly number[]): Field[] => [
    [1, 1],
    [2, 2],
    [literals, 5],
    [distances, 5],
    [lengths.length - 4, 4],
    ...lengths.map((length) => [length, 3] as const),
  ];
  t.equal(refuses(bits(...head(30, 0, [0, 0, 1, 1]), [0, 64])), 'corrupt', 'too many lengths');
  t.equal(refuses(bits(...head(0, 30, [0, 0, 1, 1]), [0, 64])), 'corrupt', 'too many distances');
  t.equal(refuses(bits(...head(0, 0, [1, 1, 1, 1]), [0, 64])), 'corrupt', 'code lengths of too many codes');
  t.equal(refuses(bits(...head(0, 0, [0, 0, 0, 1]), [0, 400])), 'corrupt', 'code lengths of too few codes');
  t.equal(refuses(bits(...head(0, 0, [1, 0, 0, 1]), [1, 1], [0, 64])), 'corrupt', 'a repeat of nothing');
  t.equal(
    refuses(bits(...head(0, 0, [0, 0, 1, 1]), [1, 1], [127, 7], [1, 1], [127, 7], [0, 64])),
    'corrupt',
    'a repeat too long',
  );
  t.equal(refuses(bits(...head(0, 0, [0, 0, 1, 1]), [0, 500])), 'corrupt', 'no end of block');
  t.equal(refuses(bits(...head(0, 0, [0, 0, 1, 1]))), 'truncated', 'a header cut short');
});

t.test('a stream of empty blocks, and one of tiny ones', async (t) => {
  const empty = stream([...Array.from({ length: 100_000 }, (): Field => [2, 10]), [3, 10]]);
  // One literal a block: far more blocks than are kept account of.
  const content = new Uint8Array(SIZE).fill(0x80);
  const tiny = Array.from(content, (): Field[] => [
    [2, 3],
    [0x0d, 8],
    [0, 7],
  ]);
  const packed = stream([...tiny.flat(), [3, 10]]);
  new DataView(packed.buffer).setUint32(packed.length - 4, adler32(content));
  t.equal(inflateSync(packed).length, SIZE);
  t.equal(refuses(empty), 'truncated');
  t.equal(refuses(packed), 'nothing wrong');
});

t.test('a small memory limit is an error', async (t) => {
  const small = await createCodecs({ module, memoryLimit: 2 ** 20 });
  const packed = codecs.encode('zip', { ...layout, width: 4_000_000 }, new Uint8Array(16_000_000));
  const targets = both.map((target) => ({ ...target, layout: { ...target.layout, width: 4_000_000 } }));
  t.throws(() => small.splice('zip', [{ layout: { ...layout, width: 4_000_000 }, packed }], targets), {
    code: 'out-of-memory',
  });
});
