import { createHash } from 'node:crypto';
import t from 'tap';
import { compress, split } from '../../filters/index.js';
import { makeLimits } from '../../lib/format/limits.js';
import { openExr, readSamples, runFrame } from '../../lib/index.js';
import { StatisticsFinder } from '../../lib/look/statistics.js';
import { channelDigests, formatDigests, parseDigests } from '../../lib/node/checksum.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { sharedRunners } from '../../lib/node/runners.js';
import { fixturePath, temporaryFolder } from '../support.js';

async function digestsOf(path: string) {
  const document = await openExr(path, { holes: true });
  try {
    return await channelDigests(document, { runners: sharedRunners, kernels: loadKernels, limits: makeLimits() });
  } finally {
    await document.source.close();
  }
}

const keys = (digests: Awaited<ReturnType<typeof digestsOf>>) =>
  digests.map(({ digest, window }) => `${digest} ${window}`).toSorted();

t.test('a digest is that of the samples, line after line', async (t) => {
  const path = fixturePath('reference/scan_zip.exr');
  const found = (await digestsOf(path)).find(({ name }) => name === 'R');
  const document = await openExr(path);
  t.teardown(() => document.source.close());
  const [part] = document.header.parts;
  if (!part) return t.fail('no part');
  const hash = createHash('sha256');
  for await (const { samples } of readSamples(document, part, ['R'])) {
    const view = new DataView(new ArrayBuffer(4 * (samples[0]?.length ?? 0)));
    samples[0]?.forEach((value, i) => void view.setFloat32(i * 4, value, true));
    hash.update(new Uint8Array(view.buffer));
  }
  t.equal(found?.digest, hash.digest('hex'));
});

t.test('codec, order of lines, tiles, parts and names do not matter', async (t) => {
  const folder = await temporaryFolder(t);
  const path = fixturePath('blender/b2_main_dot.0001.exr');
  const edit = [split({ by: 'layer', stripPrefix: true }), compress({ to: 'piz' })];
  await runFrame([path], edit, `${folder}/one.exr`);
  t.strictSame(keys(await digestsOf(`${folder}/one.exr`)), keys(await digestsOf(path)));
  const scan = fixturePath('reference/tiles_mipmap.exr');
  for (const to of ['piz', 'rle', 'none', 'zips', 'zstd', 'htj2k32'] as const) {
    await runFrame([scan], [compress({ to })], `${folder}/${to}.exr`);
    t.strictSame(keys(await digestsOf(`${folder}/${to}.exr`)), keys(await digestsOf(scan)), to);
  }
});

t.test('lists are read as they are written', async (t) => {
  const digests = await digestsOf(fixturePath('blender/b2_main_dot.0001.exr'));
  t.strictSame(parseDigests(`# a comment\n\n${formatDigests(digests)}`), digests);
  t.throws(() => parseDigests('nonsense'), { kind: 'invalid', code: 'BAD_CHECKSUM', message: /line 1/ });
});

t.test('statistics leave out what is not finite', async (t) => {
  const finder = new StatisticsFinder();
  finder.add(Float32Array.of(1, Number.NaN, -3, Number.POSITIVE_INFINITY, 4));
  finder.add(Uint32Array.of(2));
  t.strictSame(finder.statistics, { count: 6, min: -3, max: 4, mean: 1, nan: 1, infinite: 1 });
  t.match(new StatisticsFinder().statistics, { count: 0, min: undefined, mean: undefined });
});
