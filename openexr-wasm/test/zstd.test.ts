// The zstd library and what is around it. Chunks of OpenEXR's own are in ../../test/codecs/zstd.test.ts.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { createCodecs as createCoreCodecs, readBlockHeader, readFrameHeader, ZSTD_LEVELS, Zstd } from '../src/core.js';
import { createCodecs, createZstd } from '../src/index.js';
import { nodeEntropy } from '../src/node-entropy.js';
import type { ChunkLayout } from '../src/types.js';

const module = new WebAssembly.Module(readFileSync(new URL('../zstd.wasm', import.meta.url)));

/** 200 letters out of few, and what the zstd program of Debian 12 makes of them (`zstd -3`). */
const letters = (() => {
  let state = 7;
  const next = (): number => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  return Uint8Array.from({ length: 200 }, () => 97 + (next() % 3) * (next() % 5));
})();
const packedLetters = Buffer.from(
  'KLUv/QBYrQIAAskNCuBpDHvILRNAVQE/ZgNth3Uq8JxfHGjKwklMTl+rpEODZpejZEWVUKdkpEQtKNx9tBTUJKQtAgoATxAjqvstRdZmABHfl9lwOzFmjoiouekqeA==',
  'base64',
);

t.test('the module is the library: what it exports is what the letters stand for', async (t) => {
  const zstd = createZstd();
  t.same(zstd.decompress(packedLetters, 200), letters);
  for (const level of [ZSTD_LEVELS.least, 3, ZSTD_LEVELS.most]) {
    const frame = zstd.run((heap) => heap.pack(heap.place(letters), letters.length, level, 0));
    t.ok(frame.length < 120, `level ${level}: ${frame.length} bytes`);
    t.same(zstd.decompress(frame, 200), letters);
    // As OpenEXR writes it: one segment, its size in the header, no checksum, no dictionary.
    t.equal(frame[4], 0x20);
    t.same(readFrameHeader(frame), { length: 6, windowBytes: 200, contentBytes: 200, checksum: false });
  }
  t.throws(() => new Zstd(new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url)))), {
    code: 'bad-argument',
  });
  t.throws(() => new Zstd({}), { code: 'bad-argument' });
});

t.test('a frame takes no more memory than it is allowed, whatever it declares', async (t) => {
  const zeros = new Uint8Array(64 << 20);
  const frame = createZstd().run((heap) => heap.pack(heap.place(zeros), zeros.length, 1, 0));
  t.ok(frame.length < 10_000);
  const small = new Zstd(module, { memoryLimit: 40 << 20 });
  for (let round = 0; round < 3; round++) {
    t.throws(() => small.decompress(frame, zeros.length), { code: 'out-of-memory' });
    t.throws(() => small.decompress(frame, 1000), { code: 'too-large' });
    t.same(small.decompress(packedLetters, 200), letters, 'and works as before');
  }
  t.throws(() => small.decompress(packedLetters, 199), { code: 'too-large' });
  t.throws(() => small.decompress(packedLetters.subarray(0, 90), 200), { code: 'corrupt' });
  t.throws(() => small.decompress(packedLetters, 2 ** 33), { code: 'out-of-memory' });
  t.throws(() => small.run((heap) => heap.unpack(packedLetters, 201)), { code: 'truncated' });
});

t.test('memory is freed, and given back where it is much', async (t) => {
  const zstd = new Zstd(module, { retainedMemory: 32 << 20 });
  const memory = () => zstd.run((heap) => heap.memory().length);
  const before = memory();
  for (let round = 0; round < 200; round++)
    zstd.run((heap) => {
      for (let i = 0; i < 20; i++) heap.place(new Uint8Array(50_000));
    });
  t.equal(memory(), before, '200 MB in pieces did not make it grow');
  zstd.run((heap) => heap.allocate(60 << 20));
  t.ok(zstd.run((heap) => heap.memory().length) > 60 << 20, 'a large piece of work may follow another');
  t.equal(memory(), before, 'but where a small one does, memory is given back');
});

const layout: ChunkLayout = {
  x: 0,
  y: 0,
  width: 300,
  height: 1,
  channels: [{ name: 'Z', type: 'float', xSampling: 1, ySampling: 1, linear: false }],
};

t.test('codecs without the library say so; with it, levels are checked', async (t) => {
  const planar = new Uint8Array(1200).map((_, i) => i % 7);
  const core = { module: new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url))) };
  const without = await createCoreCodecs({ ...core, entropy: nodeEntropy });
  t.throws(() => without.encode('zstd', layout, planar), { code: 'unsupported' });
  const rows = { types: ['uint' as const], counts: [2] };
  t.throws(() => without.unpackRows('zstd', new Uint8Array(30), rows), { code: 'unsupported' });
  t.same(without.decode('zstd', layout, planar), planar, 'what is stored raw needs none');
  const packed = (await createCodecs()).encode('zstd', layout, planar);
  t.ok(packed.length < planar.length);
  for (const zstd of [module, () => module]) {
    const codecs = await createCoreCodecs({ ...core, zstd, entropy: nodeEntropy });
    t.same(codecs.encode('zstd', layout, planar), packed);
    t.same(codecs.decode('zstd', layout, packed), planar);
    for (const level of [0, 23, 1.5, Number.NaN]) {
      t.throws(() => codecs.encode('zstd', layout, planar, { level }), { code: 'bad-argument', message: /1 to 22/ });
      t.throws(() => codecs.packRows('zstd', new Uint8Array(8), rows, { level }), { code: 'bad-argument' });
    }
    for (let level = ZSTD_LEVELS.least; level <= ZSTD_LEVELS.most; level++)
      t.same(codecs.decode('zstd', layout, codecs.encode('zstd', layout, planar, { level })), planar);
  }
});

t.test('long streams are packed by the host where it can, and are the same frames', async (t) => {
  const wide: ChunkLayout = { ...layout, width: 20_000 };
  const planar = new Uint8Array(80_000).map((_, i) => (i * i) % 251);
  const core = {
    module: new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url))),
    zstd: module,
  };
  const own = await createCoreCodecs({ ...core, entropy: { deflate: nodeEntropy.deflate } });
  const library = new Zstd(module);
  const seen: [bytes: number, level: number][] = [];
  const packZstd = (raw: Uint8Array, level: number): Uint8Array => {
    seen.push([raw.length, level]);
    return library.run((heap) => heap.pack(heap.place(raw), raw.length, level, 0));
  };
  const hosted = await createCoreCodecs({ ...core, entropy: { deflate: nodeEntropy.deflate, packZstd } });
  t.same(hosted.encode('zstd', wide, planar, { level: 7 }), own.encode('zstd', wide, planar, { level: 7 }));
  hosted.encode('zstd', layout, planar.subarray(0, 1200));
  t.same(seen, [[80_008, 7]], 'the whole stream, and short ones not at all');
});

t.test(
  "Node's own zstd writes frames as OpenEXR does",
  { skip: nodeEntropy.packZstd ? false : 'Node has zstd since 22.15' },
  async (t) => {
    const raw = new Uint8Array(100_000).map((_, i) => (i * i) % 251);
    for (const level of [ZSTD_LEVELS.least, 3, 5, ZSTD_LEVELS.most]) {
      const frame = nodeEntropy.packZstd?.(raw, level) ?? new Uint8Array();
      const { windowBytes, contentBytes, checksum } = readFrameHeader(frame);
      // One segment: matches may reach back over all of it.
      t.same({ windowBytes, contentBytes, checksum }, { windowBytes: 100_000, contentBytes: 100_000, checksum: false });
      t.same(createZstd().decompress(frame, raw.length), raw);
    }
    const zeros = nodeEntropy.packZstd?.(new Uint8Array(100_000), 3) ?? new Uint8Array();
    t.equal(readFrameHeader(zeros).contentBytes, 100_000);
  },
);

t.test('rows that cannot be are refused', async (t) => {
  const codecs = await createCodecs();
  const packed = codecs.packRows('zstd', new Uint8Array(400), { types: ['uint'], counts: [100] });
  const bad = [[-1], [1.5], [2 ** 31], [Number.NaN], Array(100).fill(2 ** 30)];
  for (const counts of bad) t.throws(() => codecs.unpackRows('zstd', packed, { types: ['uint'], counts }));
  t.throws(() => codecs.unpackRows('zstd', packed, { types: ['uint'], counts: [101] }), { code: 'corrupt' });
  t.throws(() => codecs.unpackRows('zstd', packed, { types: ['uint'], counts: [] }), { code: 'corrupt' });
  t.same(codecs.unpackRows('zstd', new Uint8Array(0), { types: ['uint', 'half'], counts: [0, 0] }), new Uint8Array(0));
  t.throws(() => codecs.packRows('zstd', new Uint8Array(3), { types: ['half'], counts: [2] }), {
    code: 'bad-argument',
  });
  t.throws(() => codecs.pickRows('zstd', packed, { types: ['uint'], counts: [100] }, [1]), { code: 'bad-argument' });
  t.throws(() => codecs.packRows('zip' as 'zstd', packed, { types: ['uint'], counts: [1] }), { code: 'unsupported' });
});

t.test('headers of frames and blocks', async (t) => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  const header = (...bytes: number[]) => readFrameHeader(Uint8Array.of(...magic, ...bytes));
  t.same(header(0x00, 0x58), { length: 6, windowBytes: 2 ** 21, contentBytes: undefined, checksum: false });
  t.same(header(0x04, 0x5b), { length: 6, windowBytes: 2 ** 21 * 1.375, contentBytes: undefined, checksum: true });
  t.same(header(0x60, 1, 1), { length: 7, windowBytes: 513, contentBytes: 513, checksum: false });
  t.same(header(0xa0, 0, 0, 0, 1), { length: 9, windowBytes: 2 ** 24, contentBytes: 2 ** 24, checksum: false });
  t.equal(header(0xe0, 0, 0, 0, 0, 1, 0, 0, 0).contentBytes, 2 ** 32);
  for (const code of [1, 2, 3]) t.throws(() => header(0x20 | code, 5, 0, 0, 0, 0), { code: 'unsupported' });
  t.throws(() => header(0x28, 5), { code: 'corrupt' });
  t.throws(() => header(0xe0, 5), { code: 'truncated' });
  t.throws(() => readFrameHeader(Uint8Array.of(...magic)), { code: 'truncated' });
  t.throws(() => readFrameHeader(Uint8Array.of(1, 2, 3, 4, 5, 6)), { code: 'corrupt' });
  t.same(readBlockHeader(Uint8Array.of(0x29, 0, 0)), { last: true, packed: 5, most: 5 });
  t.same(readBlockHeader(Uint8Array.of(0x2a, 0, 0)), { last: false, packed: 1, most: 5 });
  t.same(readBlockHeader(Uint8Array.of(0x2c, 0, 0)), { last: false, packed: 5, most: 2 ** 17 });
  t.throws(() => readBlockHeader(Uint8Array.of(0x2e, 0, 0)), { code: 'corrupt' });
  t.throws(() => readBlockHeader(Uint8Array.of(0, 0, 0xff)), { code: 'corrupt' });
});
