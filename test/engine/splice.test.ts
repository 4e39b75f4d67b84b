/** Channels moved between files of the same codec, again and again: no sample changes, not even where the codec is lossy. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { compress, merge, rename, split } from '../../filters/index.js';
import { openExr, type Part, runFrame, writeDocument } from '../../lib/index.js';
import { fixturePath, memorySink, offsetTables, pixelDigests, referenceDigests, temporaryFolder } from '../support.js';

const codecs = ['none', 'rle', 'zips', 'zip', 'piz', 'pxr24', 'b44', 'b44a', 'dwaa', 'dwab'];

/** Where lines are short, zlib streams are not spliced, so these images are made wider. */
const needsWidth = ['zips', 'zip', 'pxr24'];

async function widened(path: string, to: string): Promise<string> {
  const document = await openExr(path);
  const wide = (part: Part) => ({ ...part, dataWindow: { ...part.dataWindow, xMin: -4000, xMax: 12383 } });
  await writeDocument({ ...document, header: { ...document.header, parts: document.header.parts.map(wide) } }, to);
  return to;
}

/** All chunks of a one-part file, not compressed. */
async function rawChunks(path: string): Promise<Buffer> {
  const sink = memorySink();
  await runFrame([path], [compress({ to: 'none' })], sink);
  return Buffer.from(sink.bytes().subarray(offsetTables(sink.bytes()).end));
}

t.test('ten rounds of split and merge leave every sample as it was', async (t) => {
  const folder = await temporaryFolder(t);
  for (const codec of codecs) {
    const original = fixturePath(`reference/scan_${codec}.exr`);
    const wide = needsWidth.includes(codec);
    let current = wide ? await widened(original, join(folder, `wide-${codec}.exr`)) : original;
    const expected = await rawChunks(current);
    const methods = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const apart = await runFrame([current], [split({ by: 'layer' })], join(folder, `${round}-{part}.exr`));
      current = join(folder, `merged-${round}.exr`);
      const joined = await runFrame(apart.files, [merge({})], current);
      for (const { method } of [...apart.plan, ...joined.plan]) methods.add(method);
      for (const part of apart.files) await rm(part);
    }
    t.ok(expected.equals(await rawChunks(current)), codec);
    if (!wide)
      t.same(await pixelDigests(current), referenceDigests(`scan_${codec}.exr`), `${codec} as the reference reads it`);
    t.same([...methods], ['splice'], `${codec} is spliced`);
  }
});

t.test('tiles at every level, decreasing lines, shifted windows and sub-sampled channels', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of [
    'tiles_one',
    'tiles_mipmap',
    'tiles_ripmap',
    'tiles_decreasing',
    'scan_decreasing',
    'scan_shifted',
    'scan_subsampled',
  ]) {
    const turned = join(folder, 'turned.exr');
    const back = join(folder, 'back.exr');
    await runFrame([fixturePath(`reference/${name}.exr`)], [rename({ map: ['Y=Zz', 'R=Zr', 'Z=An'] })], turned);
    const { plan } = await runFrame([turned], [rename({ map: ['Zz=Y', 'Zr=R', 'An=Z'] })], back);
    t.same(await pixelDigests(back), referenceDigests(`${name}.exr`), `${name} (${plan[0]?.method})`);
  }
});
