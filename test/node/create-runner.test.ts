import t from 'tap';
import { compress, drop, merge, pick, rename, setAttribute, split } from '../../filters/index.js';
import { type FilterStep, isExrError, runFrame } from '../../lib/index.js';
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

t.test('a thread starts while the header is read, where chunks are rewritten', async (t) => {
  const folder = await temporaryFolder(t);
  const log: string[] = [];
  const pool = createRunner(1);
  t.teardown(() => pool.close());
  const runner = {
    ...pool,
    parallel: 1,
    run: pool.run.bind(pool),
    prepare: () => log.push('thread'),
    close: async () => {},
  };
  const header = (filter: FilterStep): FilterStep => ({
    ...filter,
    header: (...words) => {
      log.push('header');
      return filter.header(...words);
    },
  });
  const run = async (step: FilterStep): Promise<string[]> => {
    log.length = 0;
    await runFrame([fixturePath('reference/scan_piz.exr')], [header(step)], `${folder}/out.exr`, { runner });
    return [...log];
  };
  t.strictSame((await run(compress({ to: 'zip' }))).slice(0, 2), ['thread', 'header']);
  t.strictSame(await run(setAttribute({ attributes: ['owner=me'] })), ['header'], 'not for an edit of the header');
});

t.test('filters that rewrite chunks say so', async (t) => {
  const rewrites = (step: FilterStep) => step.rewritesChunks;
  t.ok(rewrites(split({})));
  t.notOk(rewrites(split({ as: 'parts' })), 'whole parts');
  t.notOk(rewrites(split({ by: 'part' })));
  t.ok(rewrites(merge({})));
  t.notOk(rewrites(merge({ as: 'parts' })));
  t.ok(rewrites(pick({ layer: ['Chars'] })));
  t.notOk(rewrites(pick({ part: ['0'] })));
  t.notOk(rewrites(drop({ part: ['0'] })));
  t.notOk(rewrites(rename({ preset: 'nuke' })));
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
