/** Filters of modules that a user names, in this thread and in frame threads. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { filters } from '../../filters/index.js';
import { defineFilter, loadPlugins, readExrHeader, runSequence, withPlugins } from '../../lib/index.js';
import { filtersModule, listener, makeFrames, outcome, range } from './support.js';

const library = new URL('../../lib/index.js', import.meta.url).href;
const format = new URL('../../lib/format/index.js', import.meta.url).href;

const mark = (name: string, value: string): string => `
import { defineFilter } from ${JSON.stringify(library)};
import { makeStringAttribute } from ${JSON.stringify(format)};
export const ${name} = defineFilter({
  name: '${name}', summary: '', description: '', examples: [], options: { word: { type: 'text', required: true, summary: '' } },
  header: (header, { word }) => ({
    ...header,
    parts: header.parts.map((part) => ({ ...part, attributes: part.attributes.with(word, makeStringAttribute('${value}')) })),
  }),
});
export default ${name};
`;

const table = new Map(filters.map((filter) => [filter.definition.name, filter]));

t.test('names of plug-ins', async (t) => {
  const folder = t.testdir({
    'a.mjs': mark('one', 'a'),
    node_modules: { pack: { 'package.json': '{ "exports": "./x.mjs" }', 'x.mjs': mark('two', 'b') } },
  });
  const names = async (...given: string[]) =>
    (await loadPlugins(given, folder)).map(({ filters: own }) => own.map(({ definition }) => definition.name));
  t.same(await names('./a.mjs', 'a.mjs', join(folder, 'a.mjs'), pathToFileURL(join(folder, 'a.mjs')).href, 'pack'), [
    ['one'],
    ['one'],
    ['one'],
    ['one'],
    ['two'],
  ]);
  t.equal([...withPlugins(table, await loadPlugins(['./a.mjs'], folder)).keys()].at(-1), 'one');
});

t.test('clashes', async (t) => {
  const folder = t.testdir({
    'a.mjs': mark('one', 'a'),
    'again.mjs': mark('one', 'b'),
    'rename.mjs': mark('rename', 'b'),
    'bad.mjs': mark('Bad_Name', 'b'),
  });
  const use = async (...given: string[]) => withPlugins(table, await loadPlugins(given, folder));
  await t.rejects(use('./rename.mjs'), { kind: 'usage', code: 'BAD_PLUGIN', message: /already is a filter "rename"/ });
  await t.rejects(use('./a.mjs', './again.mjs'), {
    message: /already is a filter "one"/,
    where: { file: join(folder, 'again.mjs') },
  });
  await t.rejects(use('./bad.mjs'), { kind: 'usage', message: /"Bad_Name" is not a name/ });
  t.equal((await use('./a.mjs', 'a.mjs')).size, table.size + 1, 'the same one twice is no clash');
});

t.test('frame threads have the filters of plug-ins', async (t) => {
  const folder = t.testdir({ 'a.mjs': mark('one', 'a'), in: {} });
  await makeFrames(join(folder, 'in'), range(1, 4));
  const address = pathToFileURL(join(folder, 'a.mjs')).href;
  const [plugin] = await loadPlugins([address]);
  const rename = table.get('rename');
  const steps = [plugin?.filters[0]?.create({ word: 'x' }), rename?.create({ addPrefix: 'p_' })].flatMap(
    (step) => step ?? [],
  );
  const { onEvent, of } = listener();
  const output = join(folder, 'out/');
  const options = { inputs: [join(folder, 'in')], steps, output, jobs: 2, filters: filtersModule };
  t.same(outcome(await runSequence({ ...options, plugins: [address], onEvent })), { done: '1-4' });
  t.ok((of('start')[0]?.threads ?? 0) > 0, 'on threads');
  const { parts } = await readExrHeader(join(output, 'shot.0003.exr'));
  t.match(parts[0]?.attributes.get('x'), { type: 'string' });
  t.ok(parts[0]?.channels.every(({ name }) => name.startsWith('p_')));
  await t.rejects(runSequence({ ...options, plugins: ['./no.mjs'] }), { kind: 'usage', code: 'NO_MODULE' });
});

t.test('what defineFilter gives needs no plug-in', async (t) => {
  const own = defineFilter({ name: 'own', summary: '', description: '', examples: [], options: {}, header: (h) => h });
  t.equal(withPlugins(new Map(), [{ address: 'file:///x.js', filters: [own] }]).get('own'), own);
});
