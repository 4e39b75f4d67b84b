import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { repair } from '../../filters/index.js';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import { validateChunks } from '../../lib/cryptomatte/validate.js';
import { fileState } from '../../lib/format/file-state.js';
import { Geometry } from '../../lib/format/geometry.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { type ExrDocument, isExrError, type Notice, openExr, openExrStream, runFrame } from '../../lib/index.js';
import { openBytes } from '../../lib/io/open.js';
import type { RandomBytes } from '../../lib/io/random-bytes.js';
import { readExrFacts } from '../../lib/node/read-header.js';
import { fixture, fixturePath, inPieces, memorySink, offsetTables, pixelDigests, temporaryFolder } from '../support.js';

const names = ['scan_zip', 'scan_zips', 'scan_decreasing', 'tiles_one', 'tiles_mipmap', 'parts', 'deep_scan_zips'];

async function errorOf(work: Promise<unknown>): Promise<{ kind: string; code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  return { kind: 'none', code: 'no error', message: '' };
}

async function noticesOf(path: string, out: string): Promise<string[]> {
  const notices: Notice[] = [];
  await runFrame([path], [], out, { onNotice: (notice) => void notices.push(notice) });
  return notices.map(({ level, code }) => `${level} ${code}`);
}

/** Does something to the offset tables of a file. */
function withTable(bytes: Uint8Array, change: (table: BigUint64Array) => void): Uint8Array {
  const copy = bytes.slice();
  const { start, end } = offsetTables(copy);
  const table = new BigUint64Array(copy.slice(start, end).buffer);
  change(table);
  copy.set(new Uint8Array(table.buffer), start);
  return copy;
}

/** The table with one offset replaced. */
const instead =
  (at: number, value: (table: BigUint64Array) => bigint) =>
  (table: BigUint64Array): void => {
    table[at] = value(table);
  };

const lies: Readonly<Record<string, (table: BigUint64Array) => void>> = {
  'all zeros': (table) => void table.fill(0n),
  'one zero': instead(1, () => 0n),
  'of another header': (table) => table.set(table.map((offset) => offset + 17n)),
  'two swapped': (table) => table.set([table[1] as bigint, table[0] as bigint]),
  'one astray': instead(1, (table) => (table[1] as bigint) + 3n),
  'one beyond the end': instead(1, () => 1n << 62n),
  'two at one place': instead(1, (table) => table[0] as bigint),
};

/** The payloads of all chunks, part after part in the order of its table. */
async function payloads(path: string): Promise<Buffer> {
  const { source } = await openExr(path);
  try {
    const chunks = source.order.toSorted((one, other) => one.part - other.part || one.index - other.index);
    const found: Uint8Array[] = [];
    for (const chunk of chunks) found.push(await source.read(chunk));
    return Buffer.concat(found);
  } finally {
    await source.close();
  }
}

t.test('a wrong offset table over whole chunks is read, with a warning', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, out] = [join(folder, 'in.exr'), join(folder, 'out.exr')];
  for (const name of names) {
    const bytes = fixture(`reference/${name}.exr`);
    const right = await payloads(fixturePath(`reference/${name}.exr`));
    for (const [what, lie] of Object.entries(lies)) {
      await writeFile(path, withTable(bytes, lie));
      t.same(await noticesOf(path, out), ['warning OFFSET_TABLE'], `${name}: ${what}`);
      t.ok(right.equals(await payloads(out)), 'every chunk is there');
    }
  }
  await writeFile(path, fixture('reference/scan_zip.exr'));
  t.same(await noticesOf(path, out), [], 'nothing is said of a right one');
});

t.test('info and validate tell of tables, of lines that are missing, and of empty chunks', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'in.exr');
  const told = async (bytes: Uint8Array) => {
    await writeFile(path, bytes);
    const { header, chunks } = await readExrFacts(path);
    const { offsetTable, unfinished, emptyChunks } = describeHeader(header, chunks?.sizes, chunks?.state);
    const { source, header: opened } = await openExr(path, { holes: true, leaders: true });
    t.teardown(() => source.close());
    const rules = validateChunks(opened, fileState(opened, source)).map(({ rule }) => rule);
    return { offsetTable, unfinished, emptyChunks, rules };
  };
  const nothing = { offsetTable: undefined, unfinished: undefined, emptyChunks: undefined, rules: [] as string[] };
  const whole = fixture('reference/scan_zip.exr');
  t.same(await told(whole), nothing);
  const zeros = withTable(whole, lies['all zeros'] as (table: BigUint64Array) => void);
  t.same(await told(zeros), { ...nothing, offsetTable: 'empty', rules: ['CM-F05'] });
  const astray = withTable(whole, lies['of another header'] as (table: BigUint64Array) => void);
  t.same(await told(astray), { ...nothing, offsetTable: 'wrong', rules: ['CM-F05'] });
  const one = withTable(whole, lies['one astray'] as (table: BigUint64Array) => void);
  t.same((await told(one)).rules, ['CM-F05'], 'validate looks at every chunk');

  // A renderer that died: no table, and 2 of 3 chunks of 16 lines (the image has 37).
  const { header } = parseHeader(whole);
  const lines = header.parts[0] ? new Geometry(header.parts[0]).region(0).height : 0;
  t.equal(lines, 16);
  const cut = zeros.subarray(0, zeros.length - 5);
  const { unfinished, rules } = await told(cut);
  const height = (header.parts[0]?.dataWindow.yMax ?? 0) - (header.parts[0]?.dataWindow.yMin ?? 0) + 1;
  const there = Math.floor((height - 1) / 16) * 16;
  t.same(unfinished, [{ part: 0, unit: 'lines', there, of: height }]);
  t.same(rules, ['CM-F04']);
  t.same((await told(whole.subarray(0, whole.length - 5))).unfinished, unfinished, 'a copy that was cut off, too');
  const { end } = offsetTables(whole);
  t.same(
    (await told(whole.subarray(0, end))).unfinished,
    [{ part: 0, unit: 'lines', there: 0, of: height }],
    'no chunk',
  );
  t.same((await told(whole.subarray(0, end - 1))).unfinished, [{ part: 0, unit: 'lines', there: 0, of: height }]);

  const tiles = fixture('reference/tiles_one.exr');
  const tileCount = parseHeader(tiles).chunkCounts[0] ?? 0;
  t.same((await told(tiles.subarray(0, tiles.length - 1))).unfinished, [
    { part: 0, unit: 'tiles', there: tileCount - 1, of: tileCount },
  ]);
});

t.test('chunks without bytes are passed on with a warning', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, out] = [join(folder, 'in.exr'), join(folder, 'out.exr')];
  const bytes = fixture('reference/scan_zip.exr');
  // The last chunk keeps its leader and loses all else.
  const { start, end } = offsetTables(bytes);
  const last = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(start + (end - start) - 8, true));
  const emptied = bytes.slice(0, last + 8);
  emptied.fill(0, last + 4, last + 8);
  await writeFile(path, emptied);
  t.same(await noticesOf(path, out), ['warning EMPTY_CHUNKS']);
  const { chunks } = await readExrFacts(path);
  t.same(chunks?.state, { table: 'sound', unfinished: [], emptyChunks: 1 });
  const notices: string[] = [];
  await runFrame([inPieces(emptied, 900)], [], memorySink(), { onNotice: ({ code }) => void notices.push(code) });
  t.same(notices, ['EMPTY_CHUNKS'], 'a pipe');
});

t.test('what is missing is an error when a file is opened, and the seam for more is "holes"', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'in.exr');
  for (const name of names) {
    const bytes = fixture(`reference/${name}.exr`);
    await writeFile(path, bytes.subarray(0, bytes.length - 3));
    t.match(await errorOf(openExr(path)), { kind: 'invalid', code: 'CHUNKS_MISSING' }, name);
    const document: ExrDocument = await openExr(path, { holes: true });
    t.equal(document.source.missing.length, 1, `${name}: one chunk`);
    await document.source.close();
  }
});

t.test('a disk that fails is an error of the disk, not of the file', async (t) => {
  const bytes = fixture('reference/scan_zips.exr').slice();
  const { start, end } = offsetTables(bytes);
  bytes.fill(0, start, end);
  for (const good of [0, 1, 2, 3, 5]) {
    let reads = 0;
    const failing: RandomBytes = {
      size: bytes.length,
      async read(position, length) {
        const into = new Uint8Array(length);
        await this.readInto(into, position);
        return into;
      },
      async readInto(into, position) {
        if (reads++ >= good) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
        // A page at a time, so that the walk needs several reads.
        const found = bytes.subarray(position, Math.min(position + into.length, position + 700));
        into.set(found);
        return found.length;
      },
      close: async () => {},
    };
    for (const holes of [false, true]) {
      reads = 0;
      const error = await openBytes(failing, undefined, { holes }).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      t.match(error, { code: 'EIO' }, `after ${good} reads`);
    }
  }
});

t.test(
  'a declared size without the bytes for it is refused before memory is reserved, in files and in pipes',
  async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'in.exr');
    const bytes = fixture('reference/scan_zip.exr');
    await writeFile(path, bytes);
    const limits = { claimBytes: 100, chunkBytes: 1 << 30 };
    t.equal(
      (await errorOf(runFrame([path], [], join(folder, 'a.exr'), { limits }))).code,
      'no error',
      'passing on takes nothing',
    );
    const small = { chunkBytes: 1000 };
    const read = async (input: string | ReturnType<typeof inPieces>, options: typeof small) => {
      const document =
        typeof input === 'string'
          ? await openExr(input, { limits: options })
          : await openExrStream(input, { limits: options });
      try {
        return await document.source.read({ part: 0, index: 0 });
      } finally {
        await document.source.close();
      }
    };
    t.match(await errorOf(read(path, small)), { kind: 'limit', code: 'CHUNK_TOO_LARGE', limit: 'chunkBytes' });
    t.match(await errorOf(read(inPieces(bytes, 500), small)), { kind: 'limit', limit: 'chunkBytes' });
    t.equal((await pixelDigests(path)).length, parseHeader(bytes).header.parts[0]?.channels.length);
  },
);

t.test('repair writes the table that was wrong', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, out] = [join(folder, 'in.exr'), join(folder, 'out.exr')];
  await writeFile(
    path,
    withTable(
      fixture('reference/scan_zip.exr'),
      instead(1, () => 0n),
    ),
  );
  await runFrame([path], [repair({})], out);
  t.same((await readExrFacts(out)).chunks?.state, { table: 'sound', unfinished: [], emptyChunks: 0 });
});
