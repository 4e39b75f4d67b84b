import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { rename } from '../../filters/index.js';
import { planShot } from '../../lib/sequence/plan-shot.js';

const sample = fileURLToPath(new URL('../../../test/fixtures/blender/b1_direct_half.0001.exr', import.meta.url));

async function shot(t: Test, frames: readonly number[]): Promise<string> {
  const folder = t.testdir({});
  for (const frame of frames) await copyFile(sample, join(folder, `shot.000${frame}.exr`));
  return folder;
}

t.test('the frames that a run would process, and nothing is written', async (t) => {
  const folder = await shot(t, [1, 2, 4]);
  const inputs = [join(folder, 'shot.####.exr')];
  const steps = [rename({ addPrefix: 'a.' })];
  const output = join(folder, 'out/');
  const { plan } = await planShot({ inputs, steps, output, missing: 'skip' });
  t.same(
    plan?.items.map(({ frame }) => frame),
    [1, 2, 4],
  );
  t.match(plan?.missing, [{ frames: '3', policy: 'skip' }]);
  t.equal((await readdir(folder)).length, 3);
  await t.rejects(planShot({ inputs, steps, output }), { code: 'FRAMES_MISSING' });
  await t.rejects(planShot({ inputs, steps, output: folder }), { code: 'FRAMES_MISSING' });
  await t.rejects(planShot({ inputs, steps, output: folder, missing: 'skip' }), { code: 'OUTPUT_IS_INPUT' });
  await t.rejects(planShot({ inputs, steps, missing: 'skip' }), { code: 'BAD_SEQUENCE' });
});

t.test('while watching there is no plan, and frames come one by one', async (t) => {
  const folder = await shot(t, [1, 2]);
  const { plan, source } = await planShot({
    inputs: [join(folder, 'shot.####.exr')],
    steps: [rename({ addPrefix: 'a.' })],
    output: join(folder, 'out/'),
    watch: { until: 2, interval: 0.01 },
  });
  t.equal(plan, undefined);
  t.same([(await source.next())?.frame, (await source.next())?.frame, await source.next()], [1, 2, undefined]);
});
