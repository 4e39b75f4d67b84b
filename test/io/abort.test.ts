/** What is given up changes no file and leaves nothing open; what a caller's function throws comes back to the caller. */
import { cp, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate, setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { compress } from '../../filters/index.js';
import type { ChunkSource } from '../../lib/engine/document.js';
import {
  type ByteSink,
  defineFilter,
  type ExrDocument,
  exrSink,
  exrSource,
  openExr,
  runFrame,
} from '../../lib/index.js';
import { writeDocument } from '../../lib/node/pipeline.js';
import { fixture, fixturePath, memorySink, temporaryFolder } from '../support.js';

const image = fixturePath('blender/b2_main_dot.0001.exr');
const recode = () => compress.stream({ to: 'rle' });

/** A folder with a file that is to be replaced, and what is in it. */
async function withOld(t: Test): Promise<{ path: string; isUntouched: () => Promise<boolean> }> {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'x.exr');
  await cp(fixturePath('reference/scan_zip.exr'), path);
  const old = await readFile(path);
  return {
    path,
    isUntouched: async () => (await readFile(path)).equals(old) && (await readdir(folder)).join() === 'x.exr',
  };
}

function closed(stream: Readable | Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}

/** Which of the process's descriptors lead to a file that is read. */
async function openPictures(): Promise<string[]> {
  const links = (await readdir('/dev/fd')).map((fd) => readlink(`/dev/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((path) => path.endsWith('.exr'));
}

t.test('an aborted pipeline replaces nothing', async (t) => {
  for (const chunks of [1, 5, 20]) {
    const { path, isUntouched } = await withOld(t);
    const stop = new AbortController();
    let written = 0;
    const sink = exrSink(path, {
      onProgress: (done) => {
        written = done.chunks;
        if (done.chunks === chunks) stop.abort();
      },
    });
    await t.rejects(pipeline(exrSource(image), recode(), sink, { signal: stop.signal }), { name: 'AbortError' });
    await closed(sink);
    const then = written;
    t.ok(await isUntouched(), `after ${chunks} chunks`);
    await setImmediate();
    t.equal(written, then, 'nothing goes on');
  }
  t.strictSame(await openPictures(), [], 'nothing is open any more');
});

t.test('a destroyed sink replaces nothing, whenever it is destroyed', async (t) => {
  const { path, isUntouched } = await withOld(t);
  for (let turns = 0; turns < 40; turns++) {
    const source = exrSource(image);
    const sink = exrSink(path);
    const done = pipeline(source, recode(), sink).then(
      () => 'done',
      () => 'given up',
    );
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    sink.destroy();
    t.equal(await done, 'given up');
    await closed(sink);
    if (!(await isUntouched())) return t.fail(`destroyed after ${turns} turns of the event loop`);
  }
  t.ok(await isUntouched());
});

t.test('an aborted frame ends with the reason of its signal', async (t) => {
  const { path, isUntouched } = await withOld(t);
  const reason = new Error('the farm wants its node back');
  await t.rejects(runFrame([image], [compress({ to: 'rle' })], path, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
  const stop = new AbortController();
  const onProgress = (): void => stop.abort(reason);
  const run = runFrame([image], [compress({ to: 'rle' })], path, { signal: stop.signal, onProgress });
  t.equal(await run.catch((error) => error), reason);
  t.ok(await isUntouched());
});

t.test('an abort ends every wait of a frame', async (t) => {
  const stuck = (): Promise<never> => new Promise(() => {});
  const { path, isUntouched } = await withOld(t);
  const sink = (over: Partial<ByteSink>): ByteSink => ({ ...memorySink(), ...over });
  const waits: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
    'a write that is not taken': (signal) => runFrame([image], [], sink({ write: stuck }), { signal }),
    'a write of samples that is not taken': (signal) =>
      runFrame([image], [compress({ to: 'rle' })], sink({ write: stuck }), { signal }),
    'a stream that brings nothing': (signal) => runFrame([new PassThrough()], [], path, { signal }),
    'a stream that stops': (signal) => {
      const stream = new PassThrough();
      stream.write(fixture('blender/b2_main_dot.0001.exr').subarray(0, 20_000));
      return runFrame([stream], [], path, { signal });
    },
    'memory that is not granted': (signal) =>
      runFrame([image], [compress({ to: 'rle' })], path, { signal, admit: stuck }),
    'a chunk that does not come': async (signal) => {
      const document = await openExr(image);
      const source = changed(document.source, { read: stuck, pieces: stuck });
      return writeDocument({ ...document, source }, path, { signal });
    },
  };
  for (const [what, wait] of Object.entries(waits)) {
    const stop = new AbortController();
    const done = wait(stop.signal).catch((error) => error);
    await setTimeout(50);
    stop.abort();
    t.match(await done, { name: 'AbortError' }, what);
  }
  t.ok(await isUntouched());
});

/** A source with some of its functions replaced. */
function changed(source: ChunkSource, over: Partial<ChunkSource>): ChunkSource {
  const { order, missing, random, ahead, table, closed } = source;
  return {
    order,
    missing,
    random,
    ahead,
    table,
    closed,
    space: (chunk) => source.space(chunk),
    read: (chunk) => source.read(chunk),
    head: (chunk, length) => source.head(chunk, length),
    pieces: (chunk) => source.pieces(chunk),
    peek: (chunks) => source.peek(chunks),
    makeRandom: () => source.makeRandom(),
    close: () => source.close(),
    ...over,
  };
}

t.test('what a callback throws fails the run with it, once', async (t) => {
  const own = new TypeError('my mistake');
  const fail = (): never => {
    throw own;
  };
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));
  for (const name of ['onPlan', 'onProgress', 'onMemory'] as const) {
    const { path, isUntouched } = await withOld(t);
    const run = runFrame([image], [compress({ to: 'rle' })], path, { [name]: fail });
    t.equal(await run.catch((error) => error), own, name);
    t.ok(await isUntouched(), `${name} leaves the file`);
    const piped = pipeline(exrSource(image), recode(), exrSink(path, { [name]: fail }));
    t.equal(await piped.catch((error) => error), own, `${name} of a sink`);
  }
  const { path } = await withOld(t);
  for (const onReport of [fail, async () => fail()])
    t.equal(await pipeline(exrSource(image), exrSink(path, { onReport })).catch((error) => error), own, 'onReport');
  await setImmediate();
  t.strictSame(unhandled, []);
});

t.test('a source that cannot be closed hides nothing and ends no process', async (t) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));
  const { path } = await withOld(t);
  const unclosable = async (): Promise<ExrDocument> => {
    const document = await openExr(image);
    const close = async (): Promise<void> => {
      await document.source.close();
      throw new Error('cannot be closed');
    };
    return { ...document, source: changed(document.source, { close }) };
  };
  const { files } = await writeDocument(await unclosable(), path);
  t.strictSame(files, [path], 'what was read is written');
  const real = new Error('the real one');
  const onPlan = (): never => {
    throw real;
  };
  t.equal(await writeDocument(await unclosable(), path, { onPlan }).catch((error) => error), real);
  const refusing = defineFilter({
    name: 'refusing',
    summary: 't',
    description: 't',
    examples: [],
    options: {},
    header: () => {
      throw real;
    },
  });
  const from = Readable.from([await unclosable()]);
  t.equal(await pipeline(from, refusing.stream({}), exrSink(path)).catch((error) => error), real);
  await setImmediate();
  t.strictSame(unhandled, []);
});
