/** Parts of a compression that nobody knows: carried untouched by file and pipe, and refused by name where pixels are needed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { compress, injectManifest, merge, pick, rename, setAttribute, split } from '../../filters/index.js';
import {
  describeHeader,
  type FilterStep,
  isExrError,
  openExr,
  type PipelineOptions,
  readExrHeader,
  runFrame,
  writeDocument,
} from '../../lib/index.js';
import {
  compressionIds,
  fixture,
  inCrumbs,
  memorySink,
  offsetTables,
  pixelDigests,
  referenceDigests,
  temporaryFolder,
  withCompression,
} from '../support.js';

const unknown = 200;

/** Lines in a chunk: 16, 1, 32, 256; lines from the bottom; a shifted window; tiles and levels; several parts; deep. */
const files = [
  'scan_zip',
  'scan_zips',
  'scan_piz',
  'scan_dwab',
  'scan_decreasing',
  'scan_shifted',
  'tiles_one',
  'tiles_mipmap',
  'tiles_ripmap',
  'parts',
  'deep_scan_zips',
  'deep_tiles_zips',
].map((name) => `${name}.exr`);

function strange(name: string): Uint8Array {
  return withCompression(fixture(`reference/${name}`), unknown);
}

/** Runs steps over bytes that arrive as crumbs, and gives what a pipe would get. */
async function piped(bytes: Uint8Array, steps: readonly FilterStep[], options?: PipelineOptions): Promise<Uint8Array> {
  const sink = memorySink();
  await runFrame([inCrumbs(bytes)], steps, sink, options);
  return sink.bytes();
}

async function errorOf(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isExrError(error)) throw new Error(`no ExrError but ${String(error)}`);
  return { code: error.code, message: error.message, hint: error.hint ?? '' };
}

t.test('nothing changes a byte where nothing is asked for', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of files) {
    const bytes = strange(name);
    const [from, to] = [join(folder, name), join(folder, `same_${name}`)];
    await writeFile(from, bytes);
    await runFrame([from], [], to);
    t.ok(Buffer.from(bytes).equals(await readFile(to)), `${name} by file`);
    t.ok(Buffer.from(bytes).equals(await piped(bytes, [])), `${name} by pipe`);
  }
});

t.test('header edits, parts taken apart and put together keep the pixels', async (t) => {
  const folder = await temporaryFolder(t);
  const edits = [
    rename({ addPrefix: 'zz.' }),
    setAttribute({ attributes: ['owner=me'] }),
    rename({ stripPrefix: ['zz.'] }),
  ];
  for (const name of files) {
    const bytes = strange(name);
    const known = compressionIds(fixture(`reference/${name}`));
    const digests = referenceDigests(name);
    const restored = async (result: Uint8Array, ids: readonly number[] = known): Promise<string[]> => {
      t.ok(
        compressionIds(result).every((id) => id === unknown),
        `${name}: still unknown`,
      );
      const path = join(folder, 'restored.exr');
      await writeFile(path, withCompression(result, ids));
      return pixelDigests(path);
    };
    t.same(await restored(await piped(bytes, edits)), digests, `${name}: edited by pipe`);
    const from = join(folder, name);
    await writeFile(from, bytes);
    const { files: apart } = await runFrame([from], [split({ by: 'part' })], join(folder, `{part}_${name}`));
    t.equal(apart.length, known.length);
    for (const [part, path] of apart.entries()) {
      const mine = digests.flatMap((line) =>
        line.startsWith(`${part}\t`) ? [`0${line.slice(line.indexOf('\t'))}`] : [],
      );
      t.same(await restored(await readFile(path), [known[part] as number]), mine, `${name}: part ${part} alone`);
    }
    const joined = memorySink();
    await runFrame(apart, [merge({ as: 'parts', onClash: 'prefix' })], joined);
    t.same(await restored(joined.bytes()), digests, `${name}: put together`);
  }
});

t.test('a part with a known compression can be coded again beside one with an unknown', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = fixture('reference/parts.exr');
  const ids = compressionIds(bytes);
  const { header } = await openOnce(bytes, folder);
  const flat = header.parts.findIndex(({ type }) => type === 'scanlineimage');
  const strangers = ids.map((id, part) => (part === flat ? id : unknown));
  const sink = memorySink();
  const name = header.parts[flat]?.name ?? '';
  await runFrame([inCrumbs(withCompression(bytes, strangers))], [compress({ to: 'rle', part: [name] })], sink);
  t.same(
    compressionIds(sink.bytes()),
    strangers.map((id, part) => (part === flat ? 1 : id)),
  );
  const path = join(folder, 'mixed.exr');
  await writeFile(
    path,
    withCompression(
      sink.bytes(),
      ids.map((id, part) => (part === flat ? 1 : id)),
    ),
  );
  t.same(await pixelDigests(path), referenceDigests('parts.exr'));
});

async function openOnce(bytes: Uint8Array, folder: string) {
  const path = join(folder, 'once.exr');
  await writeFile(path, bytes);
  return { header: await readExrHeader(path) };
}

t.test('steps that need the pixels report the codec, and what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'strange.exr');
  await writeFile(path, strange('scan_zip.exr'));
  t.equal(describeHeader(await readExrHeader(path)).parts[0]?.compression, 'unknown (200)');
  for (const step of [compress({ to: 'zip' }), pick({ channel: ['R'] })]) {
    const { code, message, hint } = await errorOf(runFrame([path], [step], join(folder, 'out.exr')));
    t.equal(code, 'NO_CODEC');
    t.match(message, /unknown \(200\)/);
    t.match(hint, /newer than this version.*split\({ by: 'part' }\)/);
  }
  t.equal(
    (await errorOf(runFrame([path], [injectManifest({ from: [path] })], join(folder, 'o.exr')))).code,
    'NO_CRYPTOMATTE',
  );
});

t.test('without offsets and without a count, the chunks of an unknown compression cannot be found', async (t) => {
  const bytes = strange('scan_zip.exr').slice();
  const { start } = offsetTables(bytes);
  // The table of a part whose count is not known is as long as the file says; its first offset tells.
  const first = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(start, true));
  bytes.fill(0, start, first);
  for (const work of [() => piped(bytes, []), () => openFile(t, bytes)]) {
    const { code, message } = await errorOf(work());
    t.equal(code, 'CHUNKS_UNKNOWN');
    t.match(message, /unknown \(200\)/);
  }
});

async function openFile(t: Test, bytes: Uint8Array): Promise<void> {
  const path = join(await temporaryFolder(t), 'file.exr');
  await writeFile(path, bytes);
  await (await openExr(path)).source.close();
}

t.test('with a count, chunks are found by walking; a pipe without a table needs the count', async (t) => {
  for (const name of ['scan_zip.exr', 'scan_decreasing.exr', 'scan_piz.exr', 'deep_scan_zips.exr', 'tiles_one.exr']) {
    const zero = await piped(strange(name), [], { table: 'zero' });
    const found = await piped(zero, []);
    const folder = await temporaryFolder(t);
    const path = join(folder, name);
    await writeFile(path, withCompression(found, compressionIds(fixture(`reference/${name}`))));
    t.same(await pixelDigests(path), referenceDigests(name), name);
  }
  const parts = strange('parts.exr').slice();
  const { start, end } = offsetTables(parts);
  parts.fill(0, start, end);
  const folder = await temporaryFolder(t);
  const path = join(folder, 'parts.exr');
  await writeFile(path, withCompression(await piped(parts, []), compressionIds(fixture('reference/parts.exr'))));
  t.same(await pixelDigests(path), referenceDigests('parts.exr'), 'several parts');
});

t.test('damaged counts and tables are errors, promptly', async (t) => {
  const bytes = strange('scan_zip.exr');
  const { start } = offsetTables(bytes);
  for (const offset of [1n, BigInt(start), BigInt(start + 4), BigInt(bytes.length) * 2n, 2n ** 63n]) {
    const damaged = bytes.slice();
    new DataView(damaged.buffer).setBigUint64(start, offset, true);
    await t.rejects(piped(damaged, []), `an offset of ${offset}`);
  }
  for (let length = start; length < start + 40; length++) await t.rejects(piped(bytes.subarray(0, length), []));
  // A count that the window cannot be cut into.
  const counted = await piped(bytes, [], { table: 'zero' });
  const at = Buffer.from(counted).indexOf('chunkCount\0int\0\x04\0\0\0') + 19;
  for (const count of [0, -1, 0x7fffffff, 70]) {
    const damaged = counted.slice();
    new DataView(damaged.buffer, damaged.byteOffset).setInt32(at, count, true);
    await t.rejects(piped(damaged, []), `${count} chunks`);
  }
});

t.test('an unfinished file of an unknown compression is an error that reports it', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'cut.exr');
  const bytes = strange('scan_zip.exr');
  await writeFile(path, bytes.subarray(0, bytes.length - 5));
  const { code } = await errorOf((async () => writeDocument(await openExr(path), join(folder, 'out.exr')))());
  t.equal(code, 'CHUNKS_MISSING');
});
