/** LJ2K of OpenEXR 3.5: files of 3.5.3 and 3.5.1, and what 3.5.3 decodes of them. */
import { join } from 'node:path';
import t from 'tap';
import { compress, pick } from '../../filters/index.js';
import { runFrame } from '../../lib/index.js';
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
  // A part of what is coded together cannot stay LJ2K.
  const parted = runFrame([own('mixed')], [pick({ channel: ['G', 'id'] })], join(folder, 'no.exr'));
  await t.rejects(parted, { code: 'CANNOT_SPLICE' });
});
