/** Pipeline files, run from the library. */
import { join } from 'node:path';
import t from 'tap';
import { filters } from '../../filters/index.js';
import { readExrHeader, readPipeline, runPipeline } from '../../lib/index.js';
import { filtersModule, makeFrames, outcome, range } from './support.js';

const table = new Map(filters.map((filter) => [filter.definition.name, filter]));
const step = 'pipeline:\n  - rename: { add-prefix: p_ }\n';

t.test('what a pipeline file names', async (t) => {
  const folder = t.testdir({
    'all.yaml': `inputs: [a.####.exr, b]\noutput: out/\nframes: 1-10\n${step}`,
    'few.yaml': step,
    'one.yaml': `inputs: a.exr\n${step}`,
  });
  const read = async (name: string) => {
    const { steps, ...rest } = await readPipeline(join(folder, name), table);
    t.same(
      steps.map(({ filter }) => filter),
      ['rename'],
    );
    return rest;
  };
  t.same(await read('all.yaml'), { inputs: ['a.####.exr', 'b'], output: 'out/', frames: '1-10', plugins: [] });
  t.same(await read('few.yaml'), { inputs: [], plugins: [] });
  t.same(await read('one.yaml'), { inputs: ['a.exr'], plugins: [] });
});

t.test('errors name the file and the line', async (t) => {
  const bad = {
    'setting.yaml': [`${step}input: x`, 3, /no setting "input".*/, /inputs/],
    'empty.yaml': [`inputs: []\n${step}`, 1, /"inputs" is text or a list of texts/, /^$/],
    'map.yaml': [`${step}frames: { a: b }\n`, 3, /"frames" is one value/, /^$/],
    'twice.yaml': [`${step}${step}`, 3, /not YAML/, /^$/],
    'none.yaml': ['inputs: a.exr', 1, /"pipeline" is a list/, /^$/],
  } as const;
  const folder = t.testdir(Object.fromEntries(Object.entries(bad).map(([name, [text]]) => [name, text])));
  for (const [name, [, line, message, hint]] of Object.entries(bad)) {
    const path = join(folder, name);
    const error: unknown = await readPipeline(path, table).catch((reason: unknown) => reason);
    t.match(error, { kind: 'usage', code: 'BAD_PIPELINE', message, where: { file: `${path}:${line}` } }, name);
    t.match((error as { hint?: string }).hint ?? '', hint);
  }
  await t.rejects(readPipeline(join(folder, 'missing.yaml'), table), { kind: 'io', code: 'ENOENT' });
});

t.test('a run from the file, and with what the caller says instead', async (t) => {
  const folder = t.testdir({ in: {} });
  await makeFrames(join(folder, 'in'), range(1, 3));
  const path = join(folder, 'p.yaml');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, `inputs: ${folder}/in\noutput: ${folder}/out/\nframes: 1-2\n${step}`);
  t.same(outcome(await runPipeline(path, { filters: filtersModule })), { done: '1-2' });
  const { parts } = await readExrHeader(join(folder, 'out/shot.0001.exr'));
  t.ok(parts[0]?.channels.every(({ name }) => name.startsWith('p_')));
  const options = { filters: filtersModule, output: join(folder, 'other/'), frames: '3' };
  t.same(outcome(await runPipeline(path, options)), { done: '3' });
  t.same(outcome(await runPipeline(path, { filters: filtersModule, inPlace: true })), { done: '1-2' });
  await writeFile(path, step);
  await t.rejects(runPipeline(path, options), { kind: 'usage', code: 'NO_INPUT', where: { file: path } });
});
