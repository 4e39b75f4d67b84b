/** HTJ2K through the whole engine: files that OpenEXR 3.5.3 wrote, and the same pixels as it wrote them with ZIP. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { compress, pick, rename } from '../../filters/index.js';
import { codecOf } from '../../lib/codecs/table.js';
import { openExr, runFrame } from '../../lib/index.js';
import { fixturePath, pixelDigests, temporaryFolder } from '../support.js';

const files = ['mixed.htj2k32', 'mixed.htj2k256', 'subsampled.htj2k32', 'half_y_65x33.htj2k32'];
const own = (name: string) => fixturePath(`htj2k/${name}.exr`);
const twin = (name: string) => fixturePath(`htj2k/${name.replace(/htj2k\d+$/, 'zip')}.exr`);

t.test('pixels are those of the same image in ZIP', async (t) => {
  for (const name of files) t.strictSame(await pixelDigests(own(name)), await pixelDigests(twin(name)), name);
});

t.test('compress reads and writes it', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of files) {
    const pixels = await pixelDigests(twin(name));
    const zip = join(folder, `${name}.zip.exr`);
    t.equal((await runFrame([own(name)], [compress({ to: 'zip' })], zip)).plan[0]?.method, 'transcode');
    t.strictSame(await pixelDigests(zip), pixels, `${name} as ZIP`);
    const compression = name.endsWith('256') ? 'htj2k256' : 'htj2k32';
    const again = join(folder, `${name}.exr`);
    await runFrame([twin(name)], [compress({ to: compression })], again);
    t.strictSame(await pixelDigests(again), pixels, `${name} written here`);
    const { header, source } = await openExr(again);
    await source.close();
    t.equal(header.parts[0]?.compression, compression);
    // The reference library's comment is longer, and its header has no chunkCount.
    const [ours, theirs] = [statSync(again).size, statSync(own(name)).size];
    t.ok(Math.abs(ours - theirs) < 0.01 * theirs + 100, `${ours} bytes, ${theirs} of the reference library`);
  }
});

t.test('channels are picked, and renamed in another order', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'out.exr');
  const expected = (await pixelDigests(twin('mixed.htj2k32'))).map((line) => line.split('\t'));
  const digestOf = (channel: string) => expected.find(([, name]) => name === channel)?.[2];
  await runFrame([own('mixed.htj2k32')], [pick({ channel: ['G', 'id'] })], out);
  t.strictSame(await pixelDigests(out), [`0\tG\t${digestOf('G')}`, `0\tid\t${digestOf('id')}`], 'G of a triple');
  await runFrame([own('mixed.htj2k32')], [rename({ map: ['R=z.R'] })], out);
  const lines = await pixelDigests(out);
  t.ok(lines.includes(`0\tz.R\t${digestOf('R')}`) && lines.length === expected.length);
});

t.test('a damaged chunk is named', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = Buffer.from(readFileSync(own('half_y_65x33.htj2k32')));
  const at = bytes.lastIndexOf(Buffer.of(0xff, 0x93));
  bytes.fill(0xff, at + 2, at + 40);
  const path = join(folder, 'bad.exr');
  writeFileSync(path, bytes);
  await t.rejects(runFrame([path], [compress({ to: 'zip' })], join(folder, 'out.exr')), {
    code: 'corrupt',
    where: { part: 0, chunk: 0 },
  });
});

t.test('both can be written, and lose nothing', async (t) => {
  for (const name of ['htj2k32', 'htj2k256'] as const) {
    const { encode, decode, splice, lines, loses } = codecOf(name);
    t.ok(encode && decode && splice);
    t.equal(lines, name === 'htj2k32' ? 32 : 256);
    t.strictSame(loses([{ name: 'R', type: 'float', xSampling: 1, ySampling: 1, linear: false }]), []);
  }
});
