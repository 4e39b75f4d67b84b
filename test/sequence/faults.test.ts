/** Faults within a run: threads that die, errors of every kind, listeners that throw. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { compress } from '../../filters/index.js';
import type { FilterStep } from '../../lib/index.js';
import { runSequence } from '../../lib/sequence/index.js';
import { temporaryFolder } from '../support.js';
import { grumble, halves, listener, makeFrames, type mishap, range, strays } from './support.js';

t.test('a thread that dies', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 6));
  const module = join(folder, 'filters.mjs');
  // A filter that works where the run is planned, and ends its thread at one frame.
  await writeFile(
    module,
    `import { isMainThread } from 'node:worker_threads';
     const create = (options) => ({ filter: 'fragile', options, joins: false, header: async (header, { inputs }) => {
       if (!isMainThread && inputs[0].frame === '0002') process.exit(9);
       return header;
     } });
     export const fragile = { definition: { name: 'fragile' }, create };`,
  );
  const { fragile } = (await import(module)) as { fragile: { create: (options: object) => ReturnType<typeof mishap> } };
  const summary = await runSequence({
    inputs: [join(folder, 'in')],
    steps: [fragile.create({})],
    filters: module,
    output: join(folder, 'out/'),
    jobs: 2,
  });
  t.ok(summary.failed.some(({ frame, error }) => frame === 2 && error.code === 'WORKER_DIED'));
  t.equal(summary.done + summary.failed.length, 6, 'another thread goes on');
  t.ok(summary.done >= 4);
});

t.test('a thread that dies while another of its frames waits for memory', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 12));
  const module = join(folder, 'filters.mjs');
  // The other frame of its thread has its header by then, and has asked for more memory than its share.
  await writeFile(
    module,
    `import { isMainThread } from 'node:worker_threads';
     const create = (options) => ({ filter: 'fragile', options, joins: false, header: async (header, { inputs }) => {
       if (!isMainThread && Number(inputs[0].frame) % 3 === 0) {
         await new Promise((resolve) => setTimeout(resolve, 100));
         process.exit(9);
       }
       return header;
     } });
     export const fragile = { definition: { name: 'fragile' }, create };`,
  );
  const { fragile } = (await import(module)) as { fragile: { create: (options: object) => ReturnType<typeof mishap> } };
  const summary = await runSequence({
    inputs: [join(folder, 'in')],
    steps: [fragile.create({})],
    filters: module,
    output: join(folder, 'out/'),
    jobs: 8,
    memory: 8,
  });
  t.equal(summary.done + summary.failed.length, 12, 'it ends');
  t.ok(summary.failed.every(({ error }) => error.code === 'WORKER_DIED'));
  t.same(await halves(join(folder, 'out')), []);
});

t.test('an error is of the same kind on every thread', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 3));
  const module = join(folder, 'filters.mjs');
  await writeFile(
    module,
    `export { compress } from ${JSON.stringify(new URL('../../filters/index.js', import.meta.url).href)};
     const make = (name, fail) => {
       const create = (options) => ({ filter: name, options, joins: false, header: async (header, { inputs }) => {
         if (inputs[0].frame === '0003') fail();
         return header;
       } });
       return { definition: { name }, create };
     };
     export const wrong = make('wrong', () => undefined.missing);
     export const refused = make('refused', () => { throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' }); });`,
  );
  const own = (await import(module)) as Record<'wrong' | 'refused', { create: (options: object) => FilterStep }>;
  // Bytes within the packed pixels of the second frame.
  const damaged = join(folder, 'in/shot.0002.exr');
  const bytes = await readFile(damaged);
  await writeFile(damaged, bytes.fill(0xff, bytes.length - 600, bytes.length - 100));
  for (const [name, kind, code] of [
    ['wrong', 'internal', 'UNEXPECTED'],
    ['refused', 'io', 'EIO'],
  ] as const) {
    const failures = async (filters: string | undefined, jobs: number) => {
      const output = join(folder, `${name}-${filters ? 'threads' : 'here'}-${jobs}/`);
      const steps = [own[name].create({}), compress({ to: 'none' })];
      const heard = listener();
      const { onEvent } = heard;
      const { failed } = await runSequence({ inputs: [join(folder, 'in')], steps, filters, output, jobs, onEvent });
      t.equal((heard.of('start')[0]?.threads ?? 0) > 0, filters !== undefined);
      return failed
        .map(({ frame, error }) => ({ frame, ...error }))
        .toSorted((a, b) => (a.frame ?? 0) - (b.frame ?? 0));
    };
    const here = await failures(undefined, 1);
    t.match(here, [
      { frame: 2, kind: 'invalid', where: { file: damaged, part: 0 } },
      { frame: 3, kind, code },
    ]);
    t.same(await failures(module, 2), here);
  }
});

t.test('a listener that throws ends the run, and leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 30));
  for (const type of ['frame-start', 'frame-done', 'notice'] as const)
    for (const filters of [undefined, new URL('./few-filters.js', import.meta.url)]) {
      const output = join(folder, `${type}-${filters ? 'threads' : 'here'}`);
      const running = runSequence({
        inputs: [join(folder, 'in')],
        steps: type === 'notice' ? [grumble({})] : [],
        filters,
        output: `${output}/`,
        jobs: 3,
        onEvent: (event) => {
          if (event.type === type) throw new Error('no more');
        },
      });
      await t.rejects(running, { message: 'no more' }, type);
      const there = await readdir(output).catch(() => []);
      await new Promise((resolve) => setTimeout(resolve, 50));
      t.same(await readdir(output).catch(() => []), there, 'nothing goes on');
      t.ok(there.length < 30);
      t.same(await strays(output).catch(() => []), []);
      t.same(await halves(output), []);
    }
});
