// Our inflater against zlib: the same bytes for streams of any encoder, and no other verdict on damaged ones.
import { constants, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { CodecError, createCodecs } from '../src/index.js';
import { oddDeflate, random } from './odd-deflate.js';

const codecs = await createCodecs();
const seeds = fc.integer({ min: 1, max: 0x7fffffff });

/** Bytes with runs, repeats from near and far, and noise. */
function content(seed: number, size: number): Uint8Array {
  const next = random(seed);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const end = Math.min(size, at + 1 + next(next(3) === 0 ? 5000 : 60));
    const kind = next(4);
    const distance = 1 + next(Math.max(1, Math.min(at, next(2) === 0 ? 20 : 40_000)));
    const range = kind === 0 ? 256 : 1 + next(8);
    for (; at < end; ++at) bytes[at] = kind < 2 || at < distance ? next(range) : (bytes[at - distance] ?? 0);
  }
  return bytes;
}

const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

/** A zlib stream by one encoder or another. */
function pack(bytes: Uint8Array, seed: number): Uint8Array {
  const next = random(seed + 7);
  if (next(2) === 0) return oddDeflate(bytes, next);
  const options = { level: next(10), memLevel: 1 + next(9), windowBits: 9 + next(7) };
  return deflateSync(bytes, { ...options, strategy: strategies[next(strategies.length)] as number });
}

/** What EXR's predictor made `bytes` of: differences, even bytes before odd ones. (ImfZip.cpp) */
function unpredict(bytes: Uint8Array): Uint8Array {
  let last = 128;
  const sums = bytes.map((byte) => {
    last = (last + byte - 128) & 255;
    return last;
  });
  const half = (bytes.length + 1) >> 1;
  return Uint8Array.from(bytes, (_, i) => sums[i % 2 === 0 ? i >> 1 : half + (i >> 1)] as number);
}

/** Such a stream no chunk holds: its bytes would be stored as they are. */
function isOfNoUse(packed: Uint8Array, size: number): boolean {
  return packed.length >= size;
}

t.test('streams by any encoder inflate as with zlib', async (t) => {
  let read = 0;
  fc.assert(
    fc.property(seeds, fc.constantFrom(40, 3000, 40_000, 200_000), (seed, most) => {
      const bytes = content(seed, 1 + (seed % most));
      const packed = pack(bytes, seed);
      if (isOfNoUse(packed, bytes.length)) return;
      ++read;
      const got = codecs.unpackBytes('zip', packed, bytes.length);
      if (Buffer.compare(got, unpredict(bytes)) !== 0) throw new Error('other bytes');
    }),
    { numRuns: 500 },
  );
  t.ok(read > 200, `${read} streams`);
});

t.test('so does noise, whose literals have 8 bits, up to its last tokens', async (t) => {
  const wrong: number[] = [];
  for (let seed = 1; seed <= 300; ++seed) {
    const next = random(seed);
    const bytes: number[] = [];
    const noise = (count: number): void => {
      for (let i = 0; i < count; ++i) bytes.push(next(256));
    };
    const repeat = (count: number): void => {
      for (let i = 0; i < count; ++i) bytes.push(bytes.at(-2000) ?? 0);
    };
    noise(6000);
    repeat(6000);
    for (let i = next(9); i >= 0; --i) {
      noise(1 + next(30));
      repeat(3 + next(5));
    }
    noise(next(4));
    const packed = deflateSync(Uint8Array.from(bytes), { level: 9 });
    const got = codecs.unpackBytes('zip', packed, bytes.length);
    if (Buffer.compare(got, unpredict(Uint8Array.from(bytes))) !== 0) wrong.push(seed);
  }
  t.strictSame(wrong, []);
});

t.test('on damaged streams the verdict is zlib’s', async (t) => {
  const verdicts = new Map<string, number>();
  fc.assert(
    fc.property(seeds, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }), (seed, changes) => {
      const bytes = content(seed, 200 + (seed % 20_000));
      const packed = pack(bytes, seed);
      if (seed % 5 > 0) for (const [at, value] of changes) packed[at % packed.length] = value;
      const cut = seed % 3 === 0 ? packed.subarray(0, seed % packed.length) : packed;
      if (isOfNoUse(cut, bytes.length)) return;
      const found = outcome(cut, bytes.length);
      verdicts.set(found, (verdicts.get(found) ?? 0) + 1);
      if ((found === 'good') !== takenByZlib(cut, bytes.length)) throw new Error(`${found}, but zlib disagrees`);
    }),
    { numRuns: 1000 },
  );
  for (const verdict of ['good', 'corrupt', 'truncated', 'too-large'])
    t.ok((verdicts.get(verdict) ?? 0) > 10, `${verdict}: ${verdicts.get(verdict)}`);
});

/** `good`, or the code of the error. */
function outcome(packed: Uint8Array, size: number): string {
  try {
    codecs.unpackBytes('zip', packed, size);
    return 'good';
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return error.code;
  }
}

function takenByZlib(packed: Uint8Array, size: number): boolean {
  try {
    return inflateSync(packed, { maxOutputLength: size }).length === size;
  } catch {
    return false;
  }
}

t.test('what follows a stream does not matter', async (t) => {
  const bytes = new Uint8Array(1000).map((_, i) => i % 7);
  const packed = Buffer.concat([deflateSync(bytes), Buffer.from('more')]);
  t.strictSame(codecs.unpackBytes('zip', packed, 1000), unpredict(bytes));
});

t.test('a preset dictionary, another method and a window that is too large are refused', async (t) => {
  for (const [method, flags] of [
    [0x78, 0xbb],
    [0x79, 0x18],
    [0x88, 0x1c],
  ] as const) {
    t.equal((method * 256 + flags) % 31, 0, 'the header’s own check holds');
    const packed = deflateSync(new Uint8Array(1000));
    packed[0] = method;
    packed[1] = flags;
    t.equal(outcome(packed, 1000), 'corrupt');
  }
});
