import t from 'tap';
import { compress } from '../../filters/index.js';
import { isExrError, runFrame } from '../../lib/index.js';
import { createRunner } from '../../lib/node/create-runner.js';
import { fixturePath, temporaryFolder } from '../support.js';

t.test('a runner of your own, closed when it is disposed of', async (t) => {
  const folder = await temporaryFolder(t);
  const input = fixturePath('reference/scan_piz.exr');
  const runner = createRunner(1);
  t.equal(runner.parallel, 1);
  await runFrame([input], [compress({ to: 'zip' })], `${folder}/out.exr`, { runner });
  await runner[Symbol.asyncDispose]();
  await t.rejects(runFrame([input], [compress({ to: 'zip' })], `${folder}/late.exr`, { runner }), {
    code: 'POOL_CLOSED',
  });
});

t.test('threads are whole numbers from 1', async (t) => {
  for (const threads of [0, -1, 1.5, Number.NaN]) {
    try {
      createRunner(threads);
      t.fail(`${threads} threads`);
    } catch (error) {
      t.ok(isExrError(error) && error.kind === 'usage' && error.code === 'BAD_THREADS', `${threads}`);
    }
  }
});
