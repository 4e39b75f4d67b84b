/** LJ2K of OpenEXR 3.5: files of 3.5.3 and 3.5.1, and what 3.5.3 decodes of them. */
import { join } from 'node:path';
import t from 'tap';
import { compress, convert, drop, merge, pick } from '../../filters/index.js';
import { readExrHeader, runFrame } from '../../lib/index.js';
import { fixturePath, pixelDigests, temporaryFolder } from '../support.js';

// Lossy and lossless channels in one chunk, padded and not, and the form of the first versions.
const files = ['mixed', 'half_rgb_no_padding_65x33', 'legacy_3.5.1_half', 'legacy_3.5.1_float'];
const own = (name: string) => fixturePath(`lj2k/${name}.lj2k.exr`);
const decoded = (name: string) => fixturePath(`lj2k/${name}.decoded.zip.exr`);

t.test('pixels are those that OpenEXR 3.5.3 decodes, bit by bit', async (t) => {
  for (const name of files) t.strictSame(await pixelDigests(own(name)), await pixelDigests(decoded(name)), name);
});

t.test('it can be left for another compression, with all channels or some', async (t) => {
  const folder = await temporaryFolder(t);
  const expected = await pixelDigests(decoded('mixed'));
  const all = join(folder, 'all.exr');
  await runFrame([own('mixed')], [compress({ to: 'zip' })], all);
  t.strictSame(await pixelDigests(all), expected);
  const some = join(folder, 'some.exr');
  await runFrame([own('mixed')], [pick({ channel: ['G', 'id'] }), compress({ to: 'htj2k32' })], some);
  t.strictSame(
    await pixelDigests(some),
    expected.filter((line) => /\t(?:G|id)\t/.test(line)),
  );
});

t.test('edits change no sample: what was coded together is stored without loss where it is parted', async (t) => {
  const folder = await temporaryFolder(t);
  const expected = await pixelDigests(decoded('mixed'));
  const parts = ['G', 'id'].map((name) => new RegExp(`\t${name}\t`));
  const [parted, rest, whole] = ['parted', 'rest', 'whole'].map((name) => join(folder, `${name}.exr`)) as [
    string,
    string,
    string,
  ];
  await runFrame([own('mixed')], [pick({ channel: ['G', 'id'] })], parted);
  t.equal((await readExrHeader(parted)).parts[0]?.compression, 'lj2k');
  t.strictSame(
    await pixelDigests(parted),
    expected.filter((line) => parts.some((part) => part.test(line))),
  );
  await runFrame([own('mixed')], [drop({ channel: ['G', 'id'] })], rest);
  await runFrame([parted, rest], [merge({})], whole);
  t.equal((await readExrHeader(whole)).parts[0]?.compression, 'lj2k');
  t.strictSame(await pixelDigests(whole), expected);
});

t.test('what takes an encoder is refused with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'out.exr');
  const converted = convert({ to: 'float' });
  await t.rejects(runFrame([own('mixed')], [converted], out), { code: 'NO_CODEC', hint: /compress\({ to: 'zip' }\)/ });
  await runFrame([own('mixed')], [converted, compress({ to: 'zip' })], out);
});
