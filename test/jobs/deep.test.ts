/** Deep chunks: their pixels are what the reference library reads, and their tables what every version of it takes. */
import { join } from 'node:path';
import fc from 'fast-check';
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import { deepCodecs } from '../../lib/codecs/table.js';
import { parseDeepSizes } from '../../lib/format/chunk-leader.js';
import { Geometry } from '../../lib/format/geometry.js';
import { type Compression, isDeep, openExr, writeDocument } from '../../lib/index.js';
import { readTable, writeTable } from '../../lib/jobs/deep-table.js';
import { bytesPerSample } from '../../lib/model/header.js';
import { deepReferenceDigests, fixturePath, fnv, referenceFiles, temporaryFolder } from '../support.js';

const kernels = await createCodecs();
const files = referenceFiles().filter((name) => deepReferenceDigests(name).length > 0);

/** The chunks of the deep parts of a file, each with its place. */
async function deepChunks(path: string) {
  const { header, source } = await openExr(path);
  try {
    const chunks = [];
    for (const [number, part] of header.parts.entries()) {
      if (!isDeep(part)) continue;
      const geometry = new Geometry(part);
      for (let index = 0; index < geometry.chunkCount; index++) {
        const payload = await source.read({ part: number, index });
        const region = geometry.region(index);
        const { table, samples } = parseDeepSizes(payload);
        chunks.push({
          number,
          part,
          region,
          level: geometry.place(index),
          table: payload.subarray(24, 24 + table),
          own: region.width * region.height * 4,
          samples: payload.subarray(24 + table, 24 + table + samples),
        });
      }
    }
    return chunks;
  } finally {
    await source.close();
  }
}

/** Lines as in digests.tsv, of a file whose deep parts are uncompressed, at full resolution. */
async function deepDigests(path: string): Promise<string[]> {
  const chunks = await deepChunks(path);
  return [...new Set(chunks.map(({ number }) => number))].flatMap((number) => {
    const mine = chunks.filter((chunk) => chunk.number === number);
    const [{ part }] = mine as [(typeof mine)[0]];
    const { xMin, yMin, xMax, yMax } = part.dataWindow;
    const width = xMax - xMin + 1;
    const counts = new Uint32Array(width * (yMax - yMin + 1));
    const pixels = part.channels.map((): Uint8Array[] => []);
    for (const { region, level, table, samples } of mine) {
      if (level.kind === 'tile' && level.lx + level.ly > 0) continue;
      const view = new DataView(table.buffer, table.byteOffset);
      let at = 0;
      for (let y = 0; y < region.height; y++) {
        const running = Array.from({ length: region.width }, (_, x) => view.getInt32((y * region.width + x) * 4, true));
        for (const [channel, { type }] of part.channels.entries())
          for (const [x, end] of running.entries()) {
            const count = end - (running[x - 1] ?? 0);
            const pixel = (region.y - yMin + y) * width + region.x - xMin + x;
            counts[pixel] = count;
            (pixels[channel] as Uint8Array[])[pixel] = samples.subarray(at, at + count * bytesPerSample(type));
            at += count * bytesPerSample(type);
          }
      }
    }
    const names = ['(sample counts)', ...part.channels.map(({ name }) => name)];
    return [new Uint8Array(counts.buffer), ...pixels.map((list) => Buffer.concat(list))].map(
      (bytes, i) => `${number}\t${names[i]}\t${fnv(bytes)}`,
    );
  });
}

async function recompress(from: string, to: string, compression: Compression): Promise<void> {
  const document = await openExr(from);
  const parts = document.header.parts.map((part) => (isDeep(part) ? { ...part, compression } : part));
  await writeDocument({ ...document, header: { ...document.header, parts } }, to);
}

t.test('deep parts are read as the reference library reads them, by way of every codec', async (t) => {
  const folder = await temporaryFolder(t);
  const [there, back] = [join(folder, 'there.exr'), join(folder, 'back.exr')];
  t.ok(files.length >= 14, 'scan lines, tiles, edges and levels');
  for (const name of files) {
    const levels = new Set<string>();
    for (const { name: codec } of deepCodecs) {
      await recompress(fixturePath(`reference/${name}`), there, codec);
      await recompress(there, back, 'none');
      t.same(await deepDigests(back), deepReferenceDigests(name), `${name} by way of ${codec}`);
      // What the library leaves behind the entries that count is whatever was there.
      const all = (await deepChunks(back)).flatMap(({ table, own, samples }) => [table.subarray(0, own), samples]);
      levels.add(fnv(Buffer.concat(all)));
    }
    t.equal(levels.size, 1, `${name} has the same samples at every level, whichever way`);
  }
});

t.test(
  'uncompressed tables of tiles are as long as those of a whole tile, others never as long as their own when packed',
  async (t) => {
    const folder = await temporaryFolder(t);
    const out = join(folder, 'out.exr');
    for (const name of files.filter((file) => file.startsWith('deep_tiles')))
      for (const { name: codec } of deepCodecs) {
        // By way of another codec, so that the chunks are written here.
        await recompress(fixturePath(`reference/${name}`), join(folder, 'other.exr'), codec === 'rle' ? 'zips' : 'rle');
        await recompress(join(folder, 'other.exr'), out, codec);
        for (const { part, own, table } of await deepChunks(out)) {
          const whole = (part.tiles?.width ?? 0) * (part.tiles?.height ?? 0) * 4;
          if (codec === 'none') t.equal(table.length, whole);
          else if (codec === 'zstd') t.ok(table.length <= own, `${codec}: ${table.length} for ${own}`);
          else if (own < whole)
            t.ok(table.length < whole && table.length !== own, `${codec}: ${table.length} for ${own}`);
        }
      }
  },
);

/** A table's counts as each version of the library finds them; undefined where it refuses. */
const readers = {
  // ImfDeepTiledInputFile.cpp of 3.1: what is as long as a whole tile's table is raw, what is shorter is packed.
  '3.1': (stored: Uint8Array, own: number, whole: number, unpack: Unpack) =>
    stored.length > whole ? undefined : stored.length === whole ? stored.subarray(0, own) : unpack?.(stored, own),
  // OpenEXRCore of 3.5: what is as long as the tile's own table is raw; uncompressed ones may be longer.
  '3.5': (stored: Uint8Array, own: number, _whole: number, unpack: Unpack) =>
    stored.length === own || (!unpack && stored.length >= own) ? stored.subarray(0, own) : unpack?.(stored, own),
};
type Unpack = ((stored: Uint8Array, size: number) => Uint8Array) | undefined;

const shapes = fc
  .record({ width: fc.integer({ min: 2, max: 20 }), height: fc.integer({ min: 2, max: 20 }) })
  .chain((tile) =>
    fc.record({
      tile: fc.constant(tile),
      region: fc.record({
        width: fc.integer({ min: 1, max: tile.width }),
        height: fc.integer({ min: 1, max: tile.height }),
      }),
    }),
  );

t.test('what is written is read by OpenEXR 3.1 and 3.5 alike, and here', async (t) => {
  const unreadable: string[] = [];
  let edges = 0;
  fc.assert(
    fc.property(
      shapes,
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 50 }),
      fc.constantFrom(...deepCodecs),
      ({ tile, region }, counts, { name, deep = {} }) => {
        const own = region.width * region.height * 4;
        const whole = tile.width * tile.height * 4;
        const raw = new Uint8Array(own);
        let samples = 0;
        for (let y = 0; y < region.height; y++) {
          let running = 0;
          for (let x = 0; x < region.width; x++) {
            const i = y * region.width + x;
            running += counts[i % counts.length] as number;
            new DataView(raw.buffer).setInt32(i * 4, running, true);
          }
          samples += running;
        }
        const shape = { region, tile, codec: deep, kernels };
        const stored = writeTable(raw, { ...shape, settings: {} });
        if (own < whole) edges++;
        const { packing } = deep;
        const rows = { types: ['uint' as const], counts: new Array<number>(region.height).fill(region.width) };
        const unpack = packing && ((bytes: Uint8Array, size: number) => packing.unpack(kernels, bytes, size, rows));
        const here = () => readTable(stored, { ...shape, samples });
        for (const [version, read] of Object.entries({ ...readers, here })) {
          // Versions before the codec came do not read it, whatever its tables are.
          if (version === '3.1' && deep.oneTableForm) continue;
          const got = attempt(() => read(stored, own, whole, unpack));
          if (!got || Buffer.compare(got, raw) !== 0) unreadable.push(`${version} ${name} ${own} of ${whole}`);
        }
      },
    ),
    { numRuns: 1000, seed: 15 },
  );
  t.ok(edges > 500);
  // ZIPS makes of one pixel more than 16 bytes hold: for 3.1 such a table is raw, whatever is in it.
  t.same(
    unreadable.filter((line) => !/^3\.5 zips (4|8|12) of (16|24)$/.test(line)),
    [],
  );
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

t.test('tables that are too short, absurd or wrong are refused', async (t) => {
  const region = { width: 1, height: 1 };
  const codec = deepCodecs.find(({ name }) => name === 'none')?.deep ?? {};
  t.throws(() => readTable(new Uint8Array(3), { region, tile: undefined, codec, kernels, samples: 0 }), {
    code: 'BAD_DEEP_SIZE',
  });
  const tile = { width: 1 << 20, height: 1 << 20 };
  t.throws(() => writeTable(new Uint8Array(4), { region, tile, codec, kernels, settings: {} }), {
    code: 'DEEP_TABLE_TOO_LARGE',
    hint: /to: 'zips'/,
  });
});
