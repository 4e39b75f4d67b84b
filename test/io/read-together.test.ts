/** Chunks of a line each, as many codecs have them, are read several at a time. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { merge, rename } from '../../filters/index.js';
import { openExr, runFrame } from '../../lib/index.js';
import { fixturePath, offsetTables, pixelDigests, temporaryFolder } from '../support.js';

const lines = fixturePath('reference/scan_zips.exr');

t.test('neighbours share a buffer, whatever their order, and are what each of them is by itself', async (t) => {
  const { source } = await openExr(lines);
  const { order } = source;
  t.ok(order.length > 10, 'a line is a chunk');
  for (const chunks of [order, order.toReversed(), [order[7], order[2], order[3], order[9]], [order[4]], []]) {
    const wanted = chunks.flatMap((chunk) => chunk ?? []);
    const together = (await source.readTogether?.(wanted)) ?? [];
    t.same(together, await Promise.all(wanted.map((chunk) => source.read(chunk))));
  }
  const [a, b, c] = (await source.readTogether?.([2, 3, 9].flatMap((index) => order[index] ?? []))) ?? [];
  t.equal(a?.buffer, b?.buffer);
  t.not(a?.buffer, c?.buffer, 'what lies apart is read apart');
  await source.close();
});

t.test('a damaged chunk among others is named, and one that the table does not lead to is found', async (t) => {
  const folder = await temporaryFolder(t);
  const [bad, out] = ['bad.exr', 'out.exr'].map((name) => join(folder, name)) as [string, string];
  const bytes = await readFile(lines);
  const { start } = offsetTables(bytes);
  const damaged = Buffer.from(bytes);
  const third = Number(bytes.readBigUInt64LE(start + 8 * 3));
  // The bytes of the stream, after line and size.
  damaged.fill(0xff, third + 8, third + 12);
  await writeFile(bad, damaged);
  const turned = rename({ map: ['R=A9'] });
  await t.rejects(runFrame([bad], [turned], out), { code: 'corrupt', where: { part: 0, chunk: 3 } });
  const misled = Buffer.from(bytes);
  misled.writeBigUInt64LE(BigInt(third + 1), start + 8 * 3);
  await writeFile(bad, misled);
  await runFrame([bad], [turned], out);
  const digests = async (path: string) => (await pixelDigests(path)).map((line) => line.split('\t')[2]).toSorted();
  t.same(await digests(out), await digests(lines));
});

t.test('several files, line by line', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'out.exr');
  const renamed = join(folder, 'renamed.exr');
  await runFrame([lines], [rename({ addPrefix: 'other.' })], renamed);
  await runFrame([lines, renamed], [merge({})], out);
  const digests = async (path: string) => (await pixelDigests(path)).map((line) => line.split('\t')[2]).toSorted();
  const own = await digests(lines);
  t.same(await digests(out), [...own, ...own].toSorted());
});
