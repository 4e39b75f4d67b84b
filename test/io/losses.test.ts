/** Conversions lose nothing silently: what no half, float, uint or codec can hold is counted, and told before a file is there. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCodecs } from 'openexr-wasm';
import t, { type Test } from 'tap';
import { compress, convert, merge, split } from '../../filters/index.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import {
  type FilterStep,
  type Header,
  type Notice,
  openExr,
  type PixelType,
  readSamples,
  runFrame,
  type Samples,
  writeDocument,
} from '../../lib/index.js';
import { openExrWriter } from '../../lib/io/writer.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import type { JobRunner } from '../../lib/jobs/runner.js';
import { WorkerPool } from '../../lib/node/worker-pool.js';
import { runSequence } from '../../lib/sequence/index.js';
import { makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { listener } from '../sequence/support.js';
import { fixture, fixturePath, inCrumbs, memorySink, offsetTables, temporaryFolder } from '../support.js';

const overflowing = fixturePath('cases/half_overflow.exr');
const filtersModule = new URL('../../filters/index.js', import.meta.url);

type Sketch = { readonly [channel: string]: { readonly type: PixelType; readonly value: (i: number) => number } };

const size = { width: 40, height: 50 };
const samples = size.width * size.height;

/** An uncompressed file, a line a chunk, whose samples are functions of their number. */
async function makeFile(path: string, sketch: Sketch, { width, height } = size): Promise<string> {
  const window = { xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 };
  const channels = Object.entries(sketch).map(([name, { type }]) => ({ name, type }));
  const part = makePart(channels, {}, { compression: 'none', dataWindow: window, displayWindow: window });
  const bytes = memorySink();
  const noScratch = () => Promise.reject(new Error('nothing is to be spooled'));
  const header = makeHeader(part);
  const lineBytes = 4 * width * channels.length;
  const writer = await openExrWriter({
    header,
    bytes,
    sizes: () => Array.from({ length: height }, (_, index) => ({ chunk: { part: 0, index }, size: lineBytes })),
    zeroTable: false,
    openScratch: noScratch,
  });
  for (let y = 0; y < height; y++) {
    const planes = part.channels.map(({ name, type }) => {
      const values = Array.from({ length: width }, (_, x) => sketch[name]?.value(y * width + x) ?? 0);
      return new Uint8Array((type === 'uint' ? Uint32Array : Float32Array).from(values).buffer);
    });
    await writer.write({ part: 0, index: y }, Buffer.concat(planes));
  }
  await writer.finish();
  await writeFile(path, bytes.bytes());
  return path;
}

/** All samples of a channel of a file's first part. */
async function samplesOf(path: string, channel: string): Promise<number[]> {
  const document = await openExr(path);
  try {
    const all: number[] = [];
    const [part] = document.header.parts;
    if (!part) throw new Error('no part');
    for await (const { samples } of readSamples(document, part, [channel])) all.push(...(samples[0] as Samples));
    return all;
  } finally {
    await document.source.close();
  }
}

/** The rule of IEEE 754 for rounding to the nearest: what is not nearer to 65,504 than to 65,536 is infinite. */
const overflows = (value: number) => Number.isFinite(value) && Math.abs(value) >= 65520;
/** Halves have eleven bits. */
const isExactWhole = (value: number) => value % 2 ** Math.max(0, Math.floor(Math.log2(Math.abs(value))) - 10) === 0;

async function countOf(path: string, channel: string, lost: (value: number) => boolean): Promise<number> {
  return (await samplesOf(path, channel)).filter(lost).length;
}

async function noticesOf(
  input: Parameters<typeof runFrame>[0][number],
  steps: readonly FilterStep[],
  to: Parameters<typeof runFrame>[2] = memorySink(),
  runner?: JobRunner,
): Promise<Notice[]> {
  const notices: Notice[] = [];
  await runFrame([input], steps, to, { runner, onNotice: (notice) => notices.push(notice) });
  return notices;
}

/** `name (count)` for each channel that a warning of this code names; undefined without the warning. */
function named(notices: readonly Notice[], code: string): Record<string, number> | undefined {
  const found = notices.filter((notice) => notice.code === code);
  if (found.length > 1) throw new Error(`${code} is told ${found.length} times`);
  const [notice] = found;
  if (!notice) return undefined;
  const names = [...notice.message.matchAll(/"([^"]+)" \((\d+)\)/g)];
  return Object.fromEntries(names.map(([, name = '', count]) => [name, Number(count)]));
}

/** Beauty with fireflies, infinite and undefined samples, which are no losses. */
const wild = (i: number) => [0.25, 70_000, -65_520, 65_519.99, 3.5, Number.NaN, Number.POSITIVE_INFINITY][i % 7] ?? 0;

async function makeWild(t: Test): Promise<{ folder: string; path: string }> {
  const folder = await temporaryFolder(t);
  const path = await makeFile(join(folder, 'wild.exr'), {
    'main.R': { type: 'float', value: wild },
    'main.G': { type: 'float', value: (i) => (i === 1234 ? 1e9 : i / 2) },
    'main.B': { type: 'float', value: (i) => i / 3 },
    'pi.I': { type: 'float', value: (i) => i * 3 },
  });
  return { folder, path };
}

t.test(
  'half: overflows are counted as IEEE 754 has them, the same wherever jobs run and however bytes arrive',
  async (t) => {
    const { path } = await makeWild(t);
    const expected = {
      'main.R': await countOf(path, 'main.R', overflows),
      'main.G': await countOf(path, 'main.G', overflows),
    };
    t.ok(expected['main.R'] > 500 && expected['main.G'] === 1);
    const step = convert({ to: 'half', only: ['*'] });
    const first = await noticesOf(path, [step]);
    t.same(named(first, 'HALF_OVERFLOW'), expected);
    t.match(first[0]?.message, `${expected['main.R'] + 1} samples`);
    const pool = new WorkerPool(2);
    t.teardown(() => pool.close());
    t.same(await noticesOf(path, [step], memorySink(), pool), first, 'worker threads');
    t.same(await noticesOf(path, [step], memorySink(), inlineRunner(createCodecs)), first, 'the calling thread');
    t.same(await noticesOf(inCrumbs(await readFile(path)), [step]), first, 'a pipe, byte by byte');
    t.same(await noticesOf(path, [step, compress({ to: 'zip' })]), first, 'chunks of another height');
  },
);

t.test('half: changed whole numbers are reported if a channel has nothing else', async (t) => {
  const { folder, path } = await makeWild(t);
  const step = convert({ to: 'half', only: ['*'] });
  const expected = await countOf(path, 'pi.I', (value) => !isExactWhole(value));
  t.ok(expected > 100);
  const notices = await noticesOf(path, [step]);
  t.same(
    named(notices, 'WHOLE_NUMBERS_ROUNDED'),
    { 'pi.I': expected },
    'not main.G: it has halves between its whole numbers',
  );
  t.same(
    await countOf(path, 'main.G', (value) => Number.isInteger(value) && !overflows(value) && !isExactWhole(value)),
    0,
  );

  // A fraction in one chunk speaks for all others, before it and behind it.
  for (const place of [0, samples - 1]) {
    const mixed = await makeFile(join(folder, 'mixed.exr'), {
      Z: { type: 'float', value: (i) => (i === place ? 0.5 : 2049) },
      id: { type: 'float', value: (i) => (i === place ? Number.POSITIVE_INFINITY : 2049) },
      uint: { type: 'uint', value: (i) => i + 1000 },
    });
    t.same(named(await noticesOf(mixed, [step]), 'WHOLE_NUMBERS_ROUNDED'), { id: samples - 1 });
  }
});

t.test('what fits is not spoken of', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await makeFile(join(folder, 'fits.exr'), {
    R: { type: 'float', value: (i) => [65504, -65519, 0.1, Number.NaN, Number.NEGATIVE_INFINITY][i % 5] ?? 0 },
    id: { type: 'float', value: (i) => i },
  });
  t.same(await noticesOf(path, [convert({ to: 'half', only: ['*'] })]), []);
  t.same(await noticesOf(path, [compress({ to: 'zip' })]), []);
  t.same(await noticesOf(fixturePath('reference/scan_zip.exr'), [convert({ to: 'float' })]), []);
});

t.test(
  'one warning for a file: at most five channels, those that lost most first; each file of several has its own',
  async (t) => {
    const folder = await temporaryFolder(t);
    const value = (most: number) => (i: number) => (i < most ? 1e6 : 0.5);
    const path = await makeFile(
      join(folder, 'many.exr'),
      Object.fromEntries(
        Array.from({ length: 7 }, (_, n) => [`l${n % 2}.c${n}`, { type: 'float', value: value(10 + n) } as const]),
      ),
    );
    const step = convert({ to: 'half' });
    const [only, ...others] = await noticesOf(path, [step]);
    t.same(others, []);
    t.match(only?.message, /so 91 samples .*: "l0\.c6" \(16\), "l1\.c5" \(15\), .*"l0\.c2" \(12\) and 2 more; /);
    const each = await noticesOf(path, [step, split({ by: 'layer' })], join(folder, 'out/{layer}.exr'));
    t.same(
      each.map(({ message }) => /([^/]*\.exr): .* (\d+) samples/.exec(message)?.slice(1)),
      [
        ['l0.exr', '52'],
        ['l1.exr', '39'],
      ],
    );
  },
);

t.test('a warning that is an error leaves files as they were, and nothing beside them', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.exr');
  await writeFile(path, 'from before');
  const refuse = (notice: Notice) => {
    throw new Error(notice.code);
  };
  const refused = runFrame([overflowing], [convert({ to: 'half' })], path, { onNotice: refuse });
  await t.rejects(refused, { message: 'HALF_OVERFLOW' });
  const sink = memorySink();
  await t.rejects(runFrame([overflowing], [convert({ to: 'half' })], sink, { onNotice: refuse }));
  t.ok(sink.aborted);
  const parts = join(folder, '{layer}.exr');
  await t.rejects(runFrame([overflowing], [convert({ to: 'half' })], parts, { onNotice: refuse }));
  t.same(await readdir(folder), ['out.exr']);
  t.equal(await readFile(path, 'utf8'), 'from before');
});

t.test('sequences: frames on threads and on the calling one tell the same, and fail under strict', async (t) => {
  const folder = await temporaryFolder(t);
  for (const frame of [1, 2, 3])
    await makeFile(join(folder, `wild.000${frame}.exr`), {
      R: { type: 'float', value: (i) => (i < frame ? -70_000 : 0.5) },
    });
  const steps = [convert({ to: 'half' })];
  const inputs = [join(folder, 'wild.####.exr')];
  for (const filters of [undefined, filtersModule]) {
    const output = join(folder, filters ? 'threads' : 'local', '{stem}.{frame}.exr');
    const heard = listener();
    const options = { inputs, steps, output, filters, onEvent: heard.onEvent };
    const strict = await runSequence({ ...options, strict: true });
    t.same(
      strict.failed.map(({ error }) => error.code),
      ['HALF_OVERFLOW', 'HALF_OVERFLOW', 'HALF_OVERFLOW'],
    );
    t.same(await readdir(join(folder, filters ? 'threads' : 'local')), [], 'no file');
    t.equal((await runSequence(options)).done, 3);
    t.same(
      heard
        .of('notice')
        .map(({ frame, code, message }) => `${frame} ${code} ${/\((\d+)\)/.exec(message)?.[1]}`)
        .sort(),
      ['1 HALF_OVERFLOW 1', '2 HALF_OVERFLOW 2', '3 HALF_OVERFLOW 3'],
    );
  }
});

/** Writes a file with the types of channels changed, as a library's user might. */
async function retype(
  path: string,
  types: Readonly<Record<string, PixelType>>,
): Promise<{ notices: Notice[]; bytes: Uint8Array }> {
  const document = await openExr(path);
  const header: Header = {
    ...document.header,
    parts: document.header.parts.map((part) => ({
      ...part,
      channels: part.channels.map((channel) => ({ ...channel, type: types[channel.name] ?? channel.type })),
    })),
  };
  const notices: Notice[] = [];
  const sink = memorySink();
  await writeDocument({ ...document, header }, sink, { onNotice: (notice) => notices.push(notice) });
  return { notices, bytes: sink.bytes() };
}

t.test('whole numbers: to half, to float, and floats to uint', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await makeFile(join(folder, 'ids.exr'), {
    a: { type: 'uint', value: (i) => i * 40 },
    b: { type: 'uint', value: (i) => 16_777_000 + i },
    c: {
      type: 'float',
      value: (i) => [1, -1, 2.5, Number.NaN, 5e9, -0.5, 4294967040, Number.NEGATIVE_INFINITY][i % 8] ?? 0,
    },
  });
  const { notices, bytes } = await retype(path, { a: 'half', b: 'float', c: 'uint' });
  const made = join(folder, 'made.exr');
  await writeFile(made, bytes);
  const [a, b] = [await samplesOf(path, 'a'), await samplesOf(path, 'b')];
  const [halves, floats] = [await samplesOf(made, 'a'), await samplesOf(made, 'b')];
  t.same(named(notices, 'HALF_OVERFLOW'), { a: a.filter((value) => value >= 65520).length });
  const rounded = notices
    .filter(({ code }) => code === 'WHOLE_NUMBERS_ROUNDED')
    .map((notice) => named([notice], notice.code));
  t.same(rounded, [
    { a: a.filter((value, i) => Number.isFinite(halves[i]) && value !== halves[i]).length },
    { b: b.filter((value, i) => value !== floats[i]).length },
  ]);
  t.ok(rounded.every((counts) => Object.values(counts ?? {}).every((count) => count > 100)));
  const eighth = samples / 8;
  t.same(named(notices, 'OUTSIDE_UINT'), { c: 4 * eighth }, '-1, NaN, 5e9 and -Infinity');
  t.same(named(notices, 'FRACTIONS_CUT'), { c: 2 * eighth }, '2.5 and -0.5');
});

t.test('deep samples are counted as well', async (t) => {
  const file = fixture('reference/deep_scan_none.exr');
  const ids = deepIds(file);
  const { notices } = await retype(fixturePath('reference/deep_scan_none.exr'), { 'object id': 'half' });
  t.equal(named(notices, 'HALF_OVERFLOW'), undefined);
  const rounded = ids.filter((value) => !overflows(value) && !isExactWhole(value)).length;
  t.ok(rounded > 100 && !ids.some(overflows));
  t.same(named(notices, 'WHOLE_NUMBERS_ROUNDED'), { 'object id': rounded });
});

/** The samples of "object id", the last channel of an uncompressed deep file, whose chunks are lines of half, float and uint. */
function deepIds(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { start, end } = offsetTables(file);
  const columns = (parseHeader(file).header.parts[0]?.dataWindow.xMax ?? 0) + 1;
  const ids: number[] = [];
  for (let at = start; at < end; at += 8) {
    const chunk = Number(view.getBigUint64(at, true));
    // Line, packed table, packed samples, unpacked samples; then the running counts.
    const table = Number(view.getBigUint64(chunk + 4, true));
    if (table !== columns * 4) throw new Error(`a table of ${table} bytes`);
    const data = chunk + 28 + table;
    const count = view.getInt32(data - 4, true);
    for (let i = 0; i < count; i++) ids.push(view.getUint32(data + count * 6 + i * 4, true));
  }
  return ids;
}

t.test(
  'codecs that keep colour within the range of half: what they change is reported, and nothing else',
  async (t) => {
    const folder = await temporaryFolder(t);
    const path = await makeFile(join(folder, 'wild.exr'), {
      R: { type: 'float', value: (i) => (i < 100 ? 100_000 : 0.5) },
      Y: { type: 'float', value: (i) => (i % 100 === 7 ? Number.NaN : 2) },
      Z: { type: 'float', value: () => 1e10 },
    });
    const made = join(folder, 'made.exr');
    const notices = await noticesOf(path, [compress({ to: 'dwaa' })], made);
    t.same(named(notices, 'CODEC_CLIPPED'), {
      R: await countOf(path, 'R', (value) => Math.abs(value) > 65504),
      Y: await countOf(path, 'Y', Number.isNaN),
    });
    t.equal(notices.length, 1);
    t.ok((await samplesOf(made, 'R')).every((value) => Math.abs(value) <= 65504));
    t.ok((await samplesOf(made, 'Y')).every(Number.isFinite));

    const steps = [convert({ to: 'half', only: ['R'] }), compress({ to: 'b44' })];
    const after = await noticesOf(path, steps, made);
    t.same(named(after, 'HALF_OVERFLOW'), { R: 100 });
    t.same(named(after, 'CODEC_CLIPPED'), { R: 100 }, 'infinite by then, and zero in B44');
    t.ok((await samplesOf(made, 'R')).slice(0, 100).every((value) => value < 65504));
    t.equal(named(await noticesOf(path, [compress({ to: 'pxr24' })]), 'CODEC_CLIPPED'), undefined);

    // A chunk that does not become smaller is stored as it is.
    const one = await makeFile(
      join(folder, 'one.exr'),
      { R: { type: 'float', value: () => 1e6 } },
      { width: 1, height: 1 },
    );
    t.same(await noticesOf(one, [compress({ to: 'dwaa' })], made), []);
    t.same(await samplesOf(made, 'R'), [1e6]);
  },
);

t.test('the fixture: 256 samples of 100,000, merged as well', async (t) => {
  const count = await countOf(overflowing, 'R', overflows);
  t.equal(count, 256);
  const notices: Notice[] = [];
  const half = fixturePath('reference/scan_zip.exr');
  await runFrame(
    [overflowing, half],
    [convert({ to: 'half' }), merge({ as: 'parts', onClash: 'prefix' })],
    memorySink(),
    {
      onNotice: (notice) => notices.push(notice),
    },
  );
  const found = notices.find(({ code }) => code === 'HALF_OVERFLOW');
  t.match(found?.message, /256 samples became infinite: "[^"]*R"( of "[^"]*")? \(256\)/);
});
