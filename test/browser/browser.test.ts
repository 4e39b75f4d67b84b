/** The entry for browsers, in Node: it has `Blob` too. `npm run check:browser` tries it in Chromium. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import {
  createSampleDecoder,
  describeHeader,
  type ExrDocument,
  isExrError,
  type OpenBlobOptions,
  openExrBlob,
} from '../../lib/browser/index.js';
import { openExr, readSamples } from '../../lib/index.js';
import { fixture, fixturePath } from '../support.js';

/** Node's types know nothing of WebAssembly. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

const compile = (name: string): Promise<object> =>
  WebAssembly.compile(readFileSync(fileURLToPath(import.meta.resolve(`openexr-wasm/${name}.wasm`))));

function blobOf(name: string, end?: number): File {
  return new File([fixture(name).slice(0, end) as Uint8Array<ArrayBuffer>], `${name.replace(/.*\//, '')}`);
}

async function sums(document: ExrDocument, read: typeof readSamples): Promise<number[]> {
  const [part] = document.header.parts;
  if (!part) return [];
  const names = part.channels.map(({ name }) => name);
  const found = names.map(() => 0);
  for await (const { samples } of read(document, part, names))
    samples.forEach((plane, i) => {
      for (const value of plane) found[i] = (found[i] ?? 0) + value;
    });
  return found;
}

t.test('a blob shows what the file shows', async (t) => {
  let compiled = 0;
  const codecs = () => {
    compiled += 1;
    return compile('openexr');
  };
  const decoder = createSampleDecoder({ codecs, zstd: await compile('zstd') });
  for (const name of ['reference/scan_piz.exr', 'reference/tiles_mipmap.exr', 'zstd/interleaved_types.zstd.exr']) {
    const document = await openExrBlob(blobOf(name));
    const known = await openExr(fixturePath(name));
    t.same(describeHeader(document.header), describeHeader(known.header), name);
    t.same(await sums(document, decoder.readSamples), await sums(known, readSamples), name);
    await Promise.all([document.source.close(), known.source.close()]);
  }
  t.equal(compiled, 1, 'the codecs are loaded once, when they are needed');
});

t.test('errors name the file', async (t) => {
  const where = async (blob: Blob, options?: OpenBlobOptions): Promise<unknown> => {
    try {
      await openExrBlob(blob, options);
    } catch (error) {
      return isExrError(error) ? [error.kind, error.where.file] : error;
    }
    return 'no error';
  };
  t.same(await where(blobOf('reference/scan_piz.exr', 200)), ['invalid', 'scan_piz.exr']);
  t.same(await where(new Blob(['no image']), { name: 'notes.txt' }), ['invalid', 'notes.txt']);
  t.same(await where(new Blob([])), ['invalid', 'blob']);
  const gone = Object.assign(blobOf('reference/scan_piz.exr'), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
  });
  t.same(await where(gone), ['io', 'scan_piz.exr']);
});

t.test('lower resolutions are for codecs that have them', async (t) => {
  const decoder = createSampleDecoder({ codecs: await compile('openexr') });
  const document = await openExrBlob(blobOf('reference/scan_piz.exr'));
  const [part] = document.header.parts;
  if (!part) return t.fail('no part');
  const [channel] = part.channels;
  await t.rejects(decoder.readReduced(document, part, channel ? [channel.name] : [], { reduction: 1 }).next(), {
    code: 'NO_LOW_RESOLUTION',
  });
});
