/** Output formats: which endings are written, and how a format that takes samples gets them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { compress, split } from '../../filters/index.js';
import { Geometry } from '../../lib/format/geometry.js';
import {
  type Channel,
  type Header,
  type ImageSink,
  isExrError,
  type OutputFormat,
  type OutputStart,
  openExr,
  type Part,
  readExrHeader,
  readSamples,
  runFrame,
  runSequence,
} from '../../lib/index.js';
import { formatOf } from '../../lib/io/formats.js';
import { openFrame } from '../../lib/node/pipeline.js';
import { fixture, fixturePath, halves, inCrumbs, memorySink, temporaryFolder } from '../support.js';

t.test('OpenEXR is written to names that end so, and to names without an ending', async (t) => {
  const good = [
    'a.exr',
    'a.EXR',
    'a.sxr',
    'a',
    'a.0001',
    'out/{layer}',
    'out.{layer}',
    'a.exr/b',
    '/dev/fd/3',
    'a.%04d',
    'a.b.####',
    '.hidden.exr',
    'v1.2',
  ];
  for (const path of good) t.equal(formatOf(path).name, 'OpenEXR', path);
  for (const path of ['a.gif', 'out/{layer}.tif', 'a.0001.jpg', 'a.JPEG', 'shot.####.dpx', 'a.exr.tmp']) {
    const error = caught(() => formatOf(path));
    t.ok(isExrError(error) && error.kind === 'usage' && error.code === 'UNKNOWN_FORMAT', path);
    t.match(isExrError(error) ? error.hint : '', /\.exr/);
  }
});

function caught(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

t.test('a name in an unknown format is refused before anything is written', async (t) => {
  const folder = await temporaryFolder(t);
  const input = fixturePath('reference/scan_zip.exr');
  await t.rejects(runFrame([input], [], join(folder, 'preview.gif')), { code: 'UNKNOWN_FORMAT' });
  await t.rejects(runSequence({ inputs: [input], steps: [], output: join(folder, '{stem}.gif') }), {
    code: 'UNKNOWN_FORMAT',
  });
  t.same(await readdir(folder), []);
});

/** A format that keeps the samples it is given. */
class Recorder {
  readonly images: { readonly header: Header; readonly chunks: Map<string, Uint8Array>; readonly ends: string[] }[] =
    [];
  readonly format: OutputFormat = {
    name: 'a recording',
    endings: ['.rec'],
    takes: 'samples',
    open: async (output) => this.#open(output),
  };

  #open({ header, bytes }: OutputStart): ImageSink {
    const image = { header, chunks: new Map<string, Uint8Array>(), ends: [] as string[] };
    this.images.push(image);
    return {
      write: async ({ part, index }, payload) => void image.chunks.set(`${part} ${index}`, payload.slice()),
      writePieces: () => Promise.reject(new Error('coded chunks are for others')),
      finish: async () => {
        image.ends.push('finish');
        await bytes.finish();
      },
      abort: async () => {
        image.ends.push('abort');
        await bytes.abort();
      },
    };
  }
}

/** A part's samples as the reading interface gives them, chunk by chunk of its own. */
async function expected(path: string, part: Part, number: number): Promise<Map<string, Uint8Array>> {
  const document = await openExr(path);
  const chunks = new Map<string, Uint8Array>();
  const full: Part = part.tiles ? { ...part, tiles: { ...part.tiles, levels: 'one' } } : part;
  const geometry = new Geometry(full);
  const names = part.channels.map(({ name }) => name);
  const all = Array.from({ length: geometry.chunkCount }, (_, index) => index);
  for await (const { region, samples } of readSamples(document, part, names, { chunks: all })) {
    const index = all.find((one) => JSON.stringify(geometry.region(one)) === JSON.stringify(region));
    chunks.set(`${number} ${index}`, Buffer.concat(samples.map((one, i) => stored(one, part.channels[i] as Channel))));
  }
  await document.source.close();
  return chunks;
}

function stored(samples: Float32Array | Uint32Array, { type }: Channel): Uint8Array {
  return new Uint8Array(type === 'half' ? halves(Float32Array.from(samples)).buffer : samples.slice().buffer);
}

t.test('a format that takes samples gets every chunk decoded, whatever the codec, by the same route', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['scan_zip', 'scan_piz', 'scan_dwaa', 'scan_none', 'tiles_one', 'tiles_mipmap']) {
    const path = fixturePath(`reference/${name}.exr`);
    const recorder = new Recorder();
    const { files } = await runFrame([path], [], join(folder, `${name}.rec`), { formats: [recorder.format] });
    t.equal(files.length, 1);
    const [image] = recorder.images;
    const { parts } = await readExrHeader(path);
    t.same(image?.chunks, await expected(path, parts[0] as Part, 0), name);
    t.same(image?.ends, ['finish']);
    t.equal(image?.chunks.size, new Geometry(image?.header.parts[0] as Part).chunkCount, 'as many as its header has');
    const piped = new Recorder();
    const bytes = inCrumbs(fixture(`reference/${name}.exr`));
    await runFrame([bytes], [], join(folder, `${name}.pipe.rec`), { formats: [piped.format] });
    t.same(piped.images[0]?.chunks, image?.chunks, `${name}, from a pipe`);
  }
});

t.test('parts go to an image each, and one that fails leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const recorder = new Recorder();
  const path = fixturePath('reference/scan_zip.exr');
  const layers = [split({ by: 'layer' })];
  const { files } = await runFrame([path], layers, join(folder, '{part}.rec'), { formats: [recorder.format] });
  const document = await openFrame([path], layers);
  t.equal(files.length, document.header.parts.length);
  await document.source.close();
  const failing: OutputFormat = { ...recorder.format, open: () => Promise.reject(new Error('no room')) };
  await t.rejects(runFrame([path], layers, join(folder, 'x{part}.rec'), { formats: [failing] }), /no room/);
  t.notOk((await readdir(folder)).some((name) => name.startsWith('x') || name.startsWith('.')));
});

t.test('a stream stays OpenEXR, and a loss that only the file would have is none here', async (t) => {
  const sink = memorySink();
  await runFrame([fixturePath('reference/scan_zip.exr')], [], sink, { formats: [] });
  t.equal(Buffer.from(sink.bytes()).readUInt32LE(0), 0x01312f76);
  const folder = await temporaryFolder(t);
  const recorder = new Recorder();
  await runFrame([fixturePath('reference/scan_b44.exr')], [compress({ to: 'dwaa' })], join(folder, 'a.rec'), {
    formats: [recorder.format],
  });
  t.same(recorder.images[0]?.ends, ['finish']);
});
