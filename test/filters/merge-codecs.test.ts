/** Which compression a merge ends in, and that pixels are as the reference library reads them in the files that went in. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { compress } from '../../filters/compress.js';
import { merge } from '../../filters/merge.js';
import { split } from '../../filters/split.js';
import { Geometry } from '../../lib/format/geometry.js';
import { codecOf } from '../../lib/format/index.js';
import { lossyChannels, makePlan, type Notice, openExr, type Part, runFrame } from '../../lib/index.js';
import { makeHeader, makePart, single } from '../cryptomatte/fixtures.js';
import { fixturePath, pixelDigests, referenceDigests, temporaryFolder } from '../support.js';
import { joined, run } from './support.js';

const codecs = ['none', 'rle', 'zips', 'zip', 'piz', 'pxr24', 'b44', 'b44a', 'dwaa', 'dwab'] as const;

/** Whether a codec changes any of the channels of a file in fixtures/reference. */
function isLossy(codec: (typeof codecs)[number]): boolean {
  const usual = { xSampling: 1, ySampling: 1, linear: false };
  return (
    codecOf(codec).loses([
      { ...usual, name: 'R', type: 'half' },
      { ...usual, name: 'Z', type: 'float' },
    ]).length > 0
  );
}

/** The digests of a reference file's channels under the names that a merge gives them. */
function expected(name: string, prefix: string): string[] {
  return referenceDigests(name).map((line) => line.replace('\t', `\t${prefix}.`));
}

t.setTimeout(120_000);

t.test('any two codecs merge, and nothing is lost', async (t) => {
  const folder = await temporaryFolder(t);
  const path = (name: string) => join(folder, `${name}.exr`);
  for (const left of codecs)
    for (const right of codecs) {
      await copyFile(fixturePath(`reference/scan_${left}.exr`), path('left'));
      await copyFile(fixturePath(`reference/scan_${right}.exr`), path('right'));
      const notices: Notice[] = [];
      const report = await runFrame([path('left'), path('right')], [merge({ name: '{stem}' })], path('out'), {
        onNotice: (notice) => notices.push(notice),
      });
      const name = `${left} and ${right}`;
      const got = report.plan[0]?.wanted.compression;
      t.equal(got, left === right || !isLossy(left) ? left : 'zip', name);
      t.same(
        notices.map(({ code }) => code),
        got === left ? [] : ['CODEC_CHANGED'],
        `${name}: a change is told`,
      );
      t.same(
        (await pixelDigests(path('out'))).toSorted(),
        [...expected(`scan_${left}.exr`, 'left'), ...expected(`scan_${right}.exr`, 'right')].toSorted(),
        `${name}: pixels`,
      );
    }
});

t.test('property: whatever is merged can be made, and re-encoding loses nothing', async (t) => {
  const names = [
    'R',
    'G',
    'B',
    'Y',
    'depth.Z',
    'depth.R',
    'ids00.r',
    'ids00.g',
    'CryptoObject00.R',
    'CryptoObject00.G',
  ];
  const channel = fc.record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom('half' as const, 'float' as const, 'uint' as const),
  });
  const tiles = { width: 4, height: 4, levels: 'one', rounding: 'down' } as const;
  const file = fc.record({
    channels: fc.uniqueArray(channel, { minLength: 1, maxLength: 6, selector: ({ name }) => name }),
    compression: fc.constantFrom(...codecs),
    xMax: fc.constantFrom(7, 11),
    shape: fc.constantFrom({}, { type: 'tiledimage' as const, tiles }),
  });
  const prefix = fc.constantFrom('{stem}', undefined);
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), prefix, async (files, name) => {
      const { header, inputs } = joined(
        Object.fromEntries(
          files.map(({ channels, compression, xMax, shape }, at) => [
            `f${at}.exr`,
            makeHeader(
              makePart(channels, {}, { compression, dataWindow: { xMin: 0, yMin: 0, xMax, yMax: 7 }, ...shape }),
            ),
          ]),
        ),
      );
      const { header: merged, codes } = await run(
        merge({ onClash: 'prefix', ...(name === undefined ? {} : { name }) }),
        header,
        { inputs },
      );
      // Throws where quality would be lost.
      const [plan] = makePlan(merged, header);
      const part = single(merged.parts);
      if (!codes.includes('CODEC_CHANGED')) t.equal(part.compression, files[0]?.compression);
      if (plan?.method === 'transcode' && !codecOf(part.compression).idempotent) t.same([...lossyChannels(part)], []);
    }),
    { numRuns: 500 },
  );
});

t.test('coding with loss again takes the user’s word for both', async (t) => {
  const folder = await temporaryFolder(t);
  const inputs = [fixturePath('reference/scan_dwaa.exr'), fixturePath('reference/scan_zip.exr')];
  const steps = [merge({ name: '{stem}' }), compress({ to: 'b44' })];
  const out = join(folder, 'out.exr');
  await t.rejects(runFrame(inputs, steps, out), { code: 'LOSSY_TO_LOSSY' });
  const report = await runFrame(inputs, steps, out, { allowLossy: true });
  t.equal(report.plan[0]?.wanted.compression, 'b44');
});

t.test('tiles of DWAA that are split and merged code R, G and B together in every chunk that is packed', async (t) => {
  const folder = await temporaryFolder(t);
  const [apart, whole] = [join(folder, 'apart.exr'), join(folder, 'whole.exr')];
  const original = fixturePath('cases/dwaa_tiled.exr');
  await runFrame([original], [split({ by: 'layer' })], apart);
  await runFrame([apart], [merge({})], whole);
  t.same(await pixelDigests(whole), await pixelDigests(original));
  const { header, source } = await openExr(whole);
  const sizes = [];
  for (const chunk of source.order) {
    const { width, height } = new Geometry(header.parts[0] as Part).region(chunk.index);
    const raw = width * height * 24;
    const payload = await source.read(chunk);
    const dcCount = new DataView(payload.buffer, payload.byteOffset).getBigUint64(72, true);
    // OpenEXR 3.1 refuses a packed chunk without what the chunks before it have.
    t.ok(payload.length === raw || dcCount > 0n, `chunk ${chunk.index}`);
    sizes.push(payload.length === raw);
  }
  await source.close();
  t.ok(sizes.includes(false), 'some are packed');
});
