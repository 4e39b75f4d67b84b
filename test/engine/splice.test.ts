/** Channels moved between files of the same codec, again and again: no sample changes, not even where the codec is lossy. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { compress, drop, merge, pick, rename, split } from '../../filters/index.js';
import { openExr, type Part, runFrame, writeDocument } from '../../lib/index.js';
import { fixturePath, memorySink, offsetTables, pixelDigests, referenceDigests, temporaryFolder } from '../support.js';

const codecs = ['none', 'rle', 'zips', 'zip', 'piz', 'pxr24', 'b44', 'b44a', 'dwaa', 'dwab'];

/** Codecs of which there are no images in fixtures/reference; fixtures/htj2k has some. */
const made = ['htj2k32', 'htj2k256'] as const;

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

t.test('HTJ2K: ten rounds of names in another order, drop, pick and merge leave every sample as it was', async (t) => {
  const folder = await temporaryFolder(t);
  for (const file of ['mixed.htj2k32', 'mixed.htj2k256', 'subsampled.htj2k32']) {
    const twin = fixturePath(`htj2k/${file.replace(/htj2k\d+$/, 'zip')}.exr`);
    const digests = (await pixelDigests(twin)).map((line) => line.split('\t'));
    const channels = digests.map(([, name]) => name as string);
    const methods = new Set<string>();
    let current = fixturePath(`htj2k/${file}.exr`);
    for (let round = 0; round < 10; round++) {
      // Red, green and blue, which are coded together, are parted in most rounds.
      const some = channels.filter((_, i) => (i + round) % (2 + (round % 2)) === 0);
      const [picked, others] = [join(folder, 'picked.exr'), join(folder, 'others.exr')];
      const runs = [
        await runFrame([current], [pick({ channel: some })], picked),
        await runFrame([current], [drop({ channel: some })], others),
      ];
      const joined = join(folder, 'joined.exr');
      runs.push(await runFrame(round % 3 === 0 ? [others, picked] : [picked, others], [merge({})], joined));
      // Sorted the other way round, and back.
      const turned = channels.map((name, i) => `${name}=z${99 - i}`);
      const back = channels.map((name, i) => `z${99 - i}=${name}`);
      runs.push(await runFrame([joined], [rename({ map: turned })], others));
      current = join(folder, `${round}.exr`);
      runs.push(await runFrame([others], [rename({ map: back })], current));
      for (const { plan } of runs) for (const { method } of plan) methods.add(method);
    }
    t.same(await pixelDigests(current), await pixelDigests(twin), file);
    t.same([...methods], ['splice'], `${file} is spliced`);
  }
});

t.test('HTJ2K: layers that each have colours that are coded together are joined', async (t) => {
  const folder = await temporaryFolder(t);
  const digests = (await pixelDigests(fixturePath('htj2k/mixed.zip.exr'))).map((line) => line.split('\t'));
  const [a, b, joined] = ['a.exr', 'b.exr', 'joined.exr'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [a, b]) await copyFile(fixturePath('htj2k/mixed.htj2k32.exr'), path);
  const { plan } = await runFrame([a, b], [merge({ name: '{stem}' })], joined);
  t.match(plan, [{ method: 'splice', wanted: { compression: 'htj2k32' } }]);
  const expected = ['a', 'b'].flatMap((stem) =>
    digests.map(([part, name, digest]) => `${part}\t${stem}.${name}\t${digest}`),
  );
  t.same(await pixelDigests(joined), expected);
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
    for (const to of made) {
      const own = join(folder, `${to}.exr`);
      await runFrame([fixturePath(`reference/${name}.exr`)], [compress({ to })], own);
      await runFrame([own], [rename({ map: ['Y=Zz', 'R=Zr', 'Z=An'] })], turned);
      const apart = await runFrame([turned], [split({ by: 'layer' })], join(folder, `${to}-{layer}.exr`));
      const joined = await runFrame(apart.files, [merge({}), rename({ map: ['Zz=Y', 'Zr=R', 'An=Z'] })], back);
      t.same(await pixelDigests(back), referenceDigests(`${name}.exr`), `${name} (${to})`);
      const methods = [...apart.plan, ...joined.plan].map(({ method }) => method);
      t.notOk(methods.includes('transcode'), `${name} (${to}) is spliced or passed on`);
    }
  }
});
