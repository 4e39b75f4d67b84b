/** Sources and sinks: whole or not at all, from anything to anything, in bounded memory. */
import { chmod, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import { unitBytes } from '../../lib/engine/execute.js';
import { makePlan } from '../../lib/engine/plan.js';
import { schedule } from '../../lib/engine/schedule.js';
import {
  type Compression,
  defineFilter,
  describeError,
  type ExrDocument,
  exrSink,
  exrSource,
  isExrError,
  openExr,
  runFrame,
  writeDocument,
} from '../../lib/index.js';
import { parsePath } from '../../lib/io/input-name.js';
import { renderPath } from '../../lib/io/route.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import { safeName } from '../../lib/model/path.js';
import { openFileSink } from '../../lib/node/file-sink.js';
import { WorkerPool } from '../../lib/node/worker-pool.js';
import {
  fixture,
  fixturePath,
  inPieces,
  memorySink,
  offsetTables,
  pixelDigests,
  referenceDigests,
  referenceFiles,
  temporaryFolder,
} from '../support.js';

const files = referenceFiles();

/** A step that asks for another compression of flat parts, so that pixels have to be coded. */
const recode = defineFilter({
  name: 'recode',
  summary: 'test',
  description: 'test',
  examples: [],
  options: { to: { type: 'text', required: true, summary: 'codec' } },
  header: (header, { to }) => ({
    ...header,
    parts: header.parts.map((part) =>
      part.type.startsWith('deep') ? part : { ...part, compression: to as Compression },
    ),
  }),
});

const grow = defineFilter({
  name: 'grow',
  summary: 'test',
  description: 'test',
  examples: [],
  options: {},
  header: (header) => ({
    ...header,
    parts: header.parts.map((part) => ({
      ...part,
      attributes: part.attributes.with('note', { type: 'string', value: new Uint8Array(200_000).fill(65) }),
    })),
  }),
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error) => (isExrError(error) ? error.code : `${error}`),
  );
}

t.test('files appear whole or not at all', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a', 'b', 'out.exr');
  const sink = await openFileSink(path);
  await sink.write(Buffer.from('hello'));
  t.same(
    (await readdir(join(folder, 'a', 'b'))).filter((name) => !name.startsWith('.')),
    [],
    'nothing under its name yet',
  );
  await sink.patch?.(1, Buffer.from('E'));
  await sink.finish();
  t.equal(await readFile(path, 'utf8'), 'hEllo');

  const second = await openFileSink(path);
  await second.write(Buffer.from('never'));
  await second.abort();
  t.equal(await readFile(path, 'utf8'), 'hEllo', 'an aborted write leaves the old file');
  t.same(await readdir(join(folder, 'a', 'b')), ['out.exr']);

  await chmod(path, 0o640);
  const third = await openFileSink(path);
  await third.finish();
  t.equal((await stat(path)).mode & 0o777, 0o640, 'a replaced file keeps its mode');

  await mkdir(join(folder, 'folder.exr'));
  t.equal(await codeOf(openFileSink(join(folder, 'folder.exr'))), 'IS_FOLDER');
  t.same((await readdir(folder)).toSorted(), ['a', 'folder.exr'], 'and leaves nothing');
  t.equal(await codeOf(openFileSink(join(path, 'x', 'out.exr'))), 'ENOTDIR');
});

t.test('what is replaced is given up only when the new bytes are on disk', async (t) => {
  const path = join(await temporaryFolder(t), 'out.exr');
  const handle = await open(path, 'w');
  await handle.close();
  const prototype = Object.getPrototypeOf(handle) as { sync: (this: unknown) => Promise<void> };
  const seen: string[] = [];
  t.intercept(prototype, 'sync', {
    value: async () => void seen.push(`flushed, then ${(await stat(path)).size} bytes`),
  });
  const write = async (text: string) => {
    const sink = await openFileSink(path);
    await sink.write(Buffer.from(text));
    await sink.finish();
  };
  await write('new');
  t.same(seen, ['flushed, then 0 bytes'], 'the old file is still there');
  await rm(path);
  await write('newer');
  t.equal(seen.length, 1, 'a new file is not waited for');
  t.equal(await readFile(path, 'utf8'), 'newer');
});

t.test('devices and links are written through', async (t) => {
  const folder = await temporaryFolder(t);
  const sink = await openFileSink('/dev/null');
  await sink.write(Buffer.from('x'));
  await sink.finish();
  t.ok((await stat('/dev/null')).isCharacterDevice());
  await symlink(fixturePath('reference/scan_zip.exr'), join(folder, 'link.exr'));
  t.same(await pixelDigests(join(folder, 'link.exr')), referenceDigests('scan_zip.exr'));
});

t.test('a file may be written over itself', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'frame.exr');
  for (const step of [recode({ to: 'piz' }), grow({})]) {
    await writeFile(path, fixture('reference/scan_zip.exr'));
    await runFrame([path], [step], path);
    t.same(await pixelDigests(path), referenceDigests('scan_zip.exr'), step.filter);
  }
});

t.test('a pipe gets the right offset table however it comes about', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.exr');
  for (const [what, steps, table] of [
    ['exact, everything forwarded', [grow({})], 'auto'],
    ['exact, uncompressed', [recode({ to: 'none' })], 'auto'],
    ['spooled', [recode({ to: 'rle' })], 'auto'],
    ['zeros', [recode({ to: 'rle' })], 'zero'],
    ['zeros, everything forwarded', [grow({})], 'zero'],
  ] as const)
    for (const name of ['scan_decreasing.exr', 'tiles_mipmap.exr', 'parts.exr', 'deep_tiles_zips.exr']) {
      const sink = memorySink();
      await runFrame([inPieces(fixture(`reference/${name}`), 5000)], steps, sink, { table });
      await writeFile(path, sink.bytes());
      t.same(await pixelDigests(path), referenceDigests(name), `${what}: ${name}`);
      await runFrame([fixturePath(`reference/${name}`)], steps, path);
      if (table === 'auto') t.ok((await readFile(path)).equals(Buffer.from(sink.bytes())), `${what}: as by file`);
    }
});

t.test('a truncated or damaged input gives one clear error and no file', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, out] = [join(folder, 'in.exr'), join(folder, 'out.exr')];
  const names = fc.constantFrom(...files);
  const steps = fc.constantFrom([], [recode({ to: 'zips' })], [grow({})]);
  const check = async (
    bytes: Uint8Array,
    chosen: readonly ReturnType<typeof recode>[],
    piped: boolean,
  ): Promise<string> => {
    await rm(out, { force: true });
    await writeFile(path, bytes);
    const input = piped ? inPieces(bytes, 3000) : path;
    const code = await codeOf(runFrame([input], chosen, out));
    const left = (await readdir(folder)).filter(
      (name) => name !== 'in.exr' && !(code === 'no error' && name === 'out.exr'),
    );
    return left.length > 0 ? `left behind ${left}` : code;
  };
  await fc.assert(
    fc.asyncProperty(
      names,
      steps,
      fc.boolean(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (name, chosen, piped, where) => {
        const bytes = fixture(`reference/${name}`);
        const code = await check(bytes.subarray(0, Math.floor(bytes.length * where)), chosen, piped);
        return ['HEADER_TRUNCATED', 'FILE_TRUNCATED', 'CHUNKS_MISSING', 'CHUNK_OVERLAPS'].includes(code);
      },
    ),
    { numRuns: 120 },
  );
  await fc.assert(
    fc.asyncProperty(
      names,
      steps,
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (name, chosen, piped, changes) => {
        const bytes = fixture(`reference/${name}`).slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return /^[A-Za-z_-]+$|^no error$/.test(await check(bytes, chosen, piped));
      },
    ),
    { numRuns: 150 },
  );
});

t.test('an error names file, part and chunk, in one line', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'bad.exr');
  const bytes = fixture('reference/scan_zip.exr').slice();
  bytes.fill(0, bytes.length - 500, bytes.length - 100);
  await writeFile(path, bytes);
  const error = await runFrame([path], [recode({ to: 'piz' })], join(folder, 'out.exr')).catch((reason) => reason);
  t.match(describeError(error), /bad\.exr, part 0, chunk 0: /);
  t.notMatch(describeError(error), '\n');
  t.equal(error.kind, 'invalid');
  t.match(
    describeError(
      await runFrame([Readable.from([Buffer.from('not an exr file')])], [], memorySink()).catch((reason) => reason),
    ),
    /stdin: .*not an OpenEXR file/,
  );
});

t.test('memory: bytes in flight never exceed the budget and one unit', async (t) => {
  for (const name of ['scan_piz.exr', 'scan_dwab.exr', 'tiles_ripmap.exr', 'scan_zips.exr'])
    for (const to of ['rle', 'zip', 'none'] as const)
      for (const memory of [1, 20_000, 1 << 20]) {
        let peak = 0;
        const document = await openExr(fixturePath(`reference/${name}`));
        const header = {
          ...document.header,
          parts: document.header.parts.map((part) => ({ ...part, compression: to })),
        };
        const wanted: ExrDocument = { ...document, header };
        const { order } = document.source;
        const units = [...schedule(makePlan(header, document.arrived), header, document.arrived, order)];
        const largest = Math.max(...units.map((unit) => unitBytes(unit, document.source)));
        await writeDocument(wanted, memorySink(), { memory, onMemory: (bytes) => (peak = Math.max(peak, bytes)) });
        t.ok(peak > 0 && peak <= Math.max(memory, largest), `${name} as ${to} with ${memory}: ${peak}`);
      }
});

t.test(
  'a pipe whose chunks come in another order than they are needed is held or spooled, with the same result',
  async (t) => {
    const folder = await temporaryFolder(t);
    const scattered = join(folder, 'scattered.exr');
    // Parts one after the other, wanted side by side: the second part's lines are needed with the first's.
    await runFrame([fixturePath('reference/parts.exr')], [], scattered, { table: 'zero' });
    for (const memory of [1, 1 << 26]) {
      const sink = memorySink();
      await runFrame([inPieces(fixture('reference/parts.exr'), 999)], [recode({ to: 'piz' })], sink, { memory });
      const path = join(folder, 'out.exr');
      await writeFile(path, sink.bytes());
      t.same(await pixelDigests(path), referenceDigests('parts.exr'), `budget ${memory}`);
    }
  },
);

t.test('the folder for temporary files is named when it fails', async (t) => {
  const folder = await temporaryFolder(t);
  const environment: { TMPDIR?: string | undefined } = process.env;
  const { TMPDIR } = environment;
  t.teardown(() => {
    if (TMPDIR === undefined) delete environment.TMPDIR;
    else environment.TMPDIR = TMPDIR;
  });
  environment.TMPDIR = join(folder, 'missing');
  // A document of several parts from a pipe, split: its chunks are needed in another order.
  const stream = inPieces(fixture('reference/parts.exr'), 999);
  await t.rejects(runFrame([stream], [recode({ to: 'piz' })], memorySink(), { memory: 1 }), {
    kind: 'io',
    code: 'ENOENT',
    where: { file: join(folder, 'missing') },
    message: 'a temporary file is needed here, but there is no such folder',
    hint: /TMPDIR/,
  });
});

t.test('the worker pool: order, errors, death, cancelling, closing', async (t) => {
  const pool = new WorkerPool(2);
  t.teardown(() => pool.close());
  const plane = { name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
  const region = { x: 0, y: 0, width: 8, height: 1 };
  const source = { part: { part: 0, compression: 'none', planes: [plane] }, region } as const;
  const target = {
    part: {
      compression: 'zips',
      planes: [{ ...plane, plane: { part: 0, index: 0 } }],
      settings: {},
    },
    region,
  } as const;
  const job = { kind: 'transcode', sources: [source], targets: [target, target] } as const;
  const payload = () => new Uint8Array(16).fill(7);
  const { payloads: here } = await inlineRunner(createCodecs).run(job, [payload()]);
  const there = await Promise.all(Array.from({ length: 20 }, () => pool.run(job, [payload()])));
  t.ok(
    there.every(({ payloads }) => Buffer.from(payloads[0] as Uint8Array).equals(here[0] as Uint8Array)),
    'the same results as on this thread',
  );

  const bad = { ...job, sources: [{ ...source, part: { ...source.part, compression: 'zips' as const } }] };
  t.not(await codeOf(pool.run(bad, [new Uint8Array(9)])), 'no error', 'damaged data fails its job');
  t.equal((await pool.run(job, [payload()])).payloads.length, 2, 'and no other');

  const abort = new AbortController();
  const waiting = Array.from({ length: 6 }, () => pool.run(job, [payload()], abort.signal));
  abort.abort();
  const outcomes = await Promise.allSettled(waiting);
  t.ok(
    outcomes.some(({ status }) => status === 'rejected'),
    'cancelled',
  );
  await t.rejects(pool.run(job, [payload()], abort.signal));
  t.equal((await pool.run(job, [payload()])).payloads.length, 2, 'the pool lives on');

  const fatal = { ...job, targets: [{ ...target, region: { x: 0, y: 0, width: 2 ** 40, height: 1 } }] };
  t.not(await codeOf(pool.run(fatal, [payload()])), 'no error', 'a job that asks for too much fails');
  const late = Array.from({ length: 8 }, () => codeOf(pool.run(job, [payload()])));
  await pool.close();
  const ends = await Promise.all(late);
  t.ok(ends.includes('POOL_CLOSED'), 'jobs that wait fail');
  t.ok(
    ends.every((end) => ['POOL_CLOSED', 'no error'].includes(end)),
    'those under way are finished: terminating a thread inside zlib would end the process',
  );
  t.equal(await codeOf(pool.run(job, [payload()])), 'POOL_CLOSED');
});

t.test('Node streams: source, filters and sink in one pipeline, and clean ends', async (t) => {
  const folder = await temporaryFolder(t);
  const inputs = ['scan_zip.exr', 'scan_piz.exr', 'tiles_one.exr'].map((name) => fixturePath(`reference/${name}`));
  const reports: string[] = [];
  await pipeline(
    exrSource(inputs),
    recode.stream({ to: 'rle' }),
    grow.stream({}),
    exrSink(join(folder, '{stem}.exr'), { onReport: ({ files: made }) => reports.push(...made) }),
  );
  t.same(
    reports.map((path) => parsePath(path).stem),
    ['scan_zip', 'scan_piz', 'tiles_one'],
  );
  for (const name of ['scan_zip.exr', 'scan_piz.exr', 'tiles_one.exr'])
    t.same(await pixelDigests(join(folder, name)), referenceDigests(name));

  const through = new PassThrough();
  const pieces: Buffer[] = [];
  through.on('data', (piece) => pieces.push(piece));
  await pipeline(exrSource(inPieces(fixture('reference/scan_zip.exr'), 100)), exrSink(through));
  t.ok(Buffer.concat(pieces).equals(Buffer.from(fixture('reference/scan_zip.exr'))), 'bytes in, bytes out');

  await t.rejects(pipeline(exrSource([join(folder, 'missing.exr')]), exrSink(join(folder, 'x.exr'))), {
    code: 'ENOENT',
  });
  const broken = defineFilter({
    name: 'broken',
    summary: 't',
    description: 't',
    examples: [],
    options: {},
    header: () => {
      throw new Error('no');
    },
  });
  await t.rejects(pipeline(exrSource(inputs), broken.stream({}), exrSink(join(folder, 'x.exr'))), /no/);
  const stop = new AbortController();
  stop.abort();
  await t.rejects(
    runFrame(inputs.slice(0, 1), [recode({ to: 'rle' })], join(folder, 'x.exr'), { signal: stop.signal }),
  );
  t.notOk((await readdir(folder)).includes('x.exr'));
});

t.test('paths made from names in files stay in their folder', async (t) => {
  t.equal(renderPath('out/{layer}.exr', { layer: '../../etc/passwd' }), 'out/.._.._etc_passwd.exr');
  t.equal(safeName('..'), '__');
  t.equal(safeName(''), '_');
  t.equal(safeName('a/b\\c:d\u0000e'), 'a_b_c_d_e');
  t.equal(safeName('Bäume (木)'), 'Bäume (木)');
  t.throws(() => renderPath('{nope}.exr', {}), { code: 'UNKNOWN_TOKEN' });
  t.throws(() => renderPath('{frame}.exr', {}), { code: 'NO_TOKEN_VALUE' });
  t.same(parsePath('shots/hero.beauty.0101.exr'), { stem: 'hero.beauty', frame: '0101' });
  t.same(parsePath('take2.exr'), { stem: 'take2', frame: undefined });
});

t.test('file handles are closed whatever happens', async (t) => {
  const folder = await temporaryFolder(t);
  const before = (await readdir('/dev/fd')).length;
  for (let i = 0; i < 20; i++) {
    await runFrame([fixturePath('reference/scan_zip.exr')], [recode({ to: 'rle' })], join(folder, 'out.exr'));
    await codeOf(runFrame([fixturePath('reference/scan_zip.exr')], [recode({ to: 'lj2k' })], join(folder, 'out.exr')));
    await codeOf(
      runFrame(
        [inPieces(fixture('reference/scan_zip.exr').subarray(0, 5000), 512)],
        [recode({ to: 'rle' })],
        memorySink(),
      ),
    );
  }
  // Without a table, a pipe is copied to a file and searched for chunks.
  const whole = fixture('reference/scan_zip.exr').slice();
  const { start, end } = offsetTables(whole);
  whole.fill(0, start, end);
  for (let i = 0; i < 20; i++)
    t.not(
      await codeOf(
        runFrame([inPieces(whole.subarray(0, whole.length - 9), 512)], [recode({ to: 'rle' })], memorySink()),
      ),
      'no error',
    );
  const handle = await open(fixturePath('reference/scan_zip.exr'));
  await handle.close();
  t.ok((await readdir('/dev/fd')).length <= before + 4);
});
