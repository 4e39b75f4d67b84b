/** Reading the samples of some chunks, or of a window: fewer chunks are read, and a pipe is not copied for a few of them. */
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ChunkSource, ExrDocument } from '../../lib/engine/document.js';
import type { SampleBlock, SampleOptions } from '../../lib/engine/filter.js';
import { joinDocuments } from '../../lib/engine/join.js';
import { Geometry } from '../../lib/format/geometry.js';
import { isExrError, openExr, openExrStream, type Part, readSamples, writeDocument } from '../../lib/index.js';
import {
  fixture,
  fixturePath,
  inCrumbs,
  memorySink,
  offsetTables,
  pixelDigests,
  referenceDigests,
  temporaryFolder,
} from '../support.js';

const files = [
  'scan_zip',
  'scan_piz',
  'scan_zips',
  'scan_dwaa',
  'scan_decreasing',
  'scan_shifted',
  'tiles_one',
  'tiles_mipmap',
];

/** A document that counts the chunks which are read of it. */
function counted(document: ExrDocument): { document: ExrDocument; read: () => number } {
  let reads = 0;
  const { source } = document;
  const counting: ChunkSource = {
    order: source.order,
    missing: source.missing,
    table: source.table,
    closed: source.closed,
    random: source.random,
    ahead: source.ahead,
    space: (chunk) => source.space(chunk),
    read: (chunk) => {
      reads += 1;
      return source.read(chunk);
    },
    head: (chunk, length) => source.head(chunk, length),
    pieces: (chunk) => source.pieces(chunk),
    peek: (chunks) => source.peek(chunks),
    makeRandom: () => source.makeRandom(),
    close: () => source.close(),
  };
  return { document: { ...document, source: counting }, read: () => reads };
}

async function blocksOf(document: ExrDocument, part: Part, options?: SampleOptions): Promise<SampleBlock[]> {
  const blocks: SampleBlock[] = [];
  const [channel] = part.channels;
  for await (const { region, samples } of readSamples(document, part, [channel?.name ?? ''], options))
    blocks.push({ region, samples: samples.map((one) => one.slice()) });
  return blocks;
}

/** Samples by pixel: what any way of cutting must agree on. */
function pixels(blocks: readonly SampleBlock[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { region, samples } of blocks)
    for (let i = 0; i < (samples[0]?.length ?? 0); i++)
      found.set(`${region.x + (i % region.width)},${region.y + Math.floor(i / region.width)}`, samples[0]?.[i] ?? 0);
  return found;
}

async function open(name: string): Promise<{ document: ExrDocument; part: Part }> {
  const document = await openExr(fixturePath(`reference/${name}.exr`));
  return { document, part: document.header.parts[0] as Part };
}

t.test('chunks by number are just those chunks, with the samples that reading all gives', async (t) => {
  for (const name of files) {
    const { document, part } = await open(name);
    t.teardown(() => document.source.close());
    const all = pixels(await blocksOf(document, part));
    const geometry = new Geometry(part.tiles ? { ...part, tiles: { ...part.tiles, levels: 'one' } } : part);
    const chosen = [...new Set([0, Math.floor(geometry.chunkCount / 2), geometry.chunkCount - 1])];
    const { document: counting, read } = counted(document);
    const blocks = await blocksOf(counting, part, { chunks: chosen });
    t.same(
      blocks.map(({ region }) => region),
      (part.lineOrder === 'decreasing' ? chosen.toReversed() : chosen).map((index) => geometry.region(index)),
      `${name}: the chunks of the part`,
    );
    for (const [pixel, value] of pixels(blocks))
      if (all.get(pixel) !== value) t.fail(`${name}: another sample at ${pixel}`);
    t.equal(read(), chosen.length, `${name}: no other chunk is read`);
  }
});

t.test('a window brings the chunks that share pixels with it', async (t) => {
  for (const name of files) {
    const { document, part } = await open(name);
    t.teardown(() => document.source.close());
    const { xMin, yMin, yMax } = part.dataWindow;
    const window = { xMin: xMin + 1, yMin: yMax - 1, xMax: xMin + 2, yMax: yMax + 100 };
    const all = pixels(await blocksOf(document, part));
    const { document: counting, read } = counted(document);
    const some = pixels(await blocksOf(counting, part, { window }));
    for (const [pixel, value] of all) {
      const [x = 0, y = 0] = pixel.split(',').map(Number);
      const inside = x >= window.xMin && x <= window.xMax && y >= window.yMin && y <= window.yMax;
      if (inside && some.get(pixel) !== value) t.fail(`${name}: ${pixel} is missing`);
    }
    t.ok(some.size > 0 && (some.size < all.size || read() === 1), `${name}: ${some.size} of ${all.size} samples`);
    t.same(await blocksOf(document, part, { window: { xMin: 5000, yMin, xMax: 5001, yMax } }), [], 'nothing there');
  }
});

t.test('spread takes a few chunks, the first and the last among them', async (t) => {
  const { document, part } = await open('scan_zips');
  t.teardown(() => document.source.close());
  const { document: counting, read } = counted(document);
  const lines = (await blocksOf(counting, part, { chunks: 'spread' })).map(({ region }) => region.y);
  t.equal(read(), 8);
  t.same([lines[0], lines.at(-1)], [part.dataWindow.yMin, part.dataWindow.yMax]);
});

t.test('what does not exist is a usage error', async (t) => {
  const { document, part } = await open('scan_zip');
  t.teardown(() => document.source.close());
  for (const chunk of [-1, 0.5, 1000, Number.NaN]) {
    const error = await blocksOf(document, part, { chunks: [chunk] }).catch((reason: unknown) => reason);
    t.match(error, { kind: 'usage', code: 'NO_SUCH_CHUNK' });
  }
  t.same(await blocksOf(document, part, { chunks: [] }), []);
});

async function spools(): Promise<number> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`exrpipe-${process.pid}-`)).length;
}

t.test('a pipe is peeked at, and then reads as if it had not been', async (t) => {
  for (const name of ['scan_zips', 'scan_zip', 'scan_decreasing', 'tiles_one']) {
    const bytes = fixture(`reference/${name}.exr`);
    const document = await openExrStream(inCrumbs(bytes));
    const part = document.header.parts[0] as Part;
    const { document: file } = await open(name);
    const all = pixels(await blocksOf(file, part));
    await file.source.close();
    const twice = [
      await blocksOf(document, part, { chunks: 'spread' }),
      await blocksOf(document, part, { chunks: 'spread' }),
    ];
    t.same(twice[0], twice[1], `${name}: twice the same`);
    t.ok((twice[0]?.length ?? 0) > 0);
    for (const [pixel, value] of pixels(twice.flat()))
      if (all.get(pixel) !== value) t.fail(`${name}: another at ${pixel}`);
    t.notOk(document.source.random, `${name}: still a pipe`);
    t.equal(await spools(), 0, 'nothing was copied');
    const sink = memorySink();
    await writeDocument(document, sink);
    t.ok(Buffer.from(bytes).equals(sink.bytes()), `${name}: every byte comes through`);
  }
});

t.test('chunks out of reach make a pipe a file, and so does reading all', async (t) => {
  const folder = await temporaryFolder(t);
  for (const options of [{}, { chunks: [0, 10_000] }, { chunks: 'spread' as const }]) {
    const document = await openExrStream(inCrumbs(fixture('reference/scan_zips.exr')));
    const part = document.header.parts[0] as Part;
    const last = new Geometry(part).chunkCount - 1;
    const wanted = Array.isArray(options.chunks) ? { chunks: [0, last] } : options;
    const blocks = await blocksOf(document, part, wanted);
    // The last chunk of a pipe says only itself how long it is.
    t.equal(document.source.random, options.chunks !== 'spread');
    const { y = 0, height = 0 } = blocks.at(-1)?.region ?? {};
    t.equal(y + height - 1 === part.dataWindow.yMax, options.chunks !== 'spread');
    const path = join(folder, 'out.exr');
    await writeDocument(document, path);
    t.same(await pixelDigests(path), referenceDigests('scan_zips.exr'));
  }
});

t.test('documents joined: pipes beside files', async (t) => {
  const file = (await open('scan_zip')).document;
  const pipe = await openExrStream(inCrumbs(fixture('reference/scan_zips.exr')));
  const joined = joinDocuments([file, pipe]);
  t.teardown(() => joined.source.close());
  t.equal(joined.source.ahead.length, file.source.order.length + pipe.source.order.length - 1);
  for (const part of joined.header.parts) t.ok((await blocksOf(joined, part, { chunks: 'spread' })).length > 0);
  t.notOk(pipe.source.random);
});

t.test('an unfinished file reports what is missing, returns the existing samples, and is not written', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['scan_zip', 'scan_zips', 'tiles_one']) {
    const { document: whole, part } = await open(name);
    t.teardown(() => whole.source.close());
    const all = pixels(await blocksOf(whole, part));
    const bytes = fixture(`reference/${name}.exr`).slice();
    const { start, end } = offsetTables(bytes);
    const path = join(folder, `${name}.exr`);
    // What a renderer leaves that died: no offsets, and the last chunks not there.
    bytes.fill(0, start, end);
    await writeFile(path, bytes.subarray(0, bytes.length - 30));
    const refused = await openExr(path).catch((error: unknown) => error);
    t.ok(isExrError(refused) && refused.code === 'CHUNKS_MISSING', `${name}: an error, unless asked for`);
    const document = await openExr(path, { holes: true });
    t.ok(document.source.missing.length > 0, `${name}: ${document.source.missing.length} chunks are missing`);
    t.equal(document.source.order.length + document.source.missing.length, new Geometry(part).chunkCount);
    const blocks = await blocksOf(document, part);
    const some = pixels(blocks);
    t.ok(some.size > 0 && some.size < all.size, `${name}: ${some.size} of ${all.size} samples`);
    for (const [pixel, value] of some) if (all.get(pixel) !== value) t.fail(`${name}: another sample at ${pixel}`);
    const out = join(folder, 'out.exr');
    const failure = await writeDocument(document, out).catch((error: unknown) => error);
    t.match(failure, { kind: 'unsupported', code: 'CHUNKS_MISSING' });
    t.notOk((await readdir(folder)).includes('out.exr'), 'nothing is written');
  }
});
