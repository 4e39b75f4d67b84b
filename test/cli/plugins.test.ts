/** Filters that are not exrpipe's own, from the command line. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadFilters } from '../../bin/filters.js';
import { checkCallable, takePlugins } from '../../bin/words/plugins.js';
import { defineFilter, readExrHeader } from '../../lib/index.js';
import { fixturePath } from '../support.js';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const plugin = fileURLToPath(new URL('../../examples/04-your-own-filter.js', import.meta.url));
const frame = fixturePath('blender/b1_direct_half.0001.exr');

function exrpipe(cwd: string, ...words: string[]): Promise<{ out: string; err: string; exit: number }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...words], { cwd }, (error, out, err) => {
      resolve({ out, err, exit: typeof error?.code === 'number' ? error.code : error ? -1 : 0 });
    });
  });
}

t.setTimeout(300_000);

t.test('the filter of the example, used like any other', async (t) => {
  const folder = t.testdir({
    frames: {},
    'p.yaml': `plugins: ${plugin}\ninputs: ${frame}\noutput: run.exr\npipeline:\n  - luminance: { layer: Combined }\n`,
  });
  const words = ['luminance', '--layer', 'Combined', frame];
  t.match(await exrpipe(folder, ...words, '--plugin', plugin, '-o', 'a.exr'), { exit: 0, err: '' });
  const { parts } = await readExrHeader(`${folder}/a.exr`);
  t.ok(parts[0]?.channels.some(({ name }) => name === 'Combined.Y'));
  t.match(await exrpipe(folder, 'run', 'p.yaml'), { exit: 0, err: '' });
  t.same(
    (await readExrHeader(`${folder}/run.exr`)).parts[0]?.channels.map(({ name }) => name),
    parts[0]?.channels.map(({ name }) => name),
  );
  const chain = [`--plugin=${plugin}`, ...words, 'then', 'pick', '--layer', '*', '-o', 'frames/', '--skip-existing'];
  t.match(await exrpipe(folder, ...chain, '--progress', 'none'), { exit: 2 }, 'an input before "then"');

  t.match(await exrpipe(folder, 'help', 'luminance', '--plugin', plugin), {
    exit: 0,
    out: /--layer NAME {2}the layer with the colour/,
  });
  t.match(await exrpipe(folder, '--help', '--plugin', plugin), { exit: 0, out: /luminance +Add the luminance/ });
  t.match(await exrpipe(folder, 'completion', 'words', '--', '--plugin', plugin, 'lum'), { out: 'luminance\n' });
  t.match(await exrpipe(folder, 'completion', 'words', '--', 'luminance', '--plugin', plugin, '--la'), {
    out: '--layer\n',
  });
  t.match(await exrpipe(folder, 'completion', 'words', '--', '--plugin', './no.js', 'rena'), { out: 'rename\n' });
});

t.test('the filter of docs/plugins.md', async (t) => {
  const page = await readFile(new URL('../../../docs/plugins.md', import.meta.url), 'utf8');
  const code = page.match(/```js\n(import [\s\S]*?)```/)?.[1] ?? '';
  const entry = (name: string) => `'${new URL(`../../lib/${name}index.js`, import.meta.url).href}'`;
  const folder = t.testdir({
    'add-note.mjs': code.replace("'exrpipe'", entry('')).replace("'exrpipe/format'", entry('format/')),
  });
  t.match(await exrpipe(folder, 'add-note', '--text', 'approved', frame, '--plugin', './add-note.mjs', '-o', 'a.exr'), {
    exit: 0,
    err: /the note is "approved"/,
  });
  const { parts } = await readExrHeader(`${folder}/a.exr`);
  t.match(parts[0]?.attributes.get('comments'), { type: 'string' });
});

t.test('what is wrong with a plug-in', async (t) => {
  const folder = t.testdir({
    'throws.mjs': '\nthrow new Error("boom")',
    'syntax.mjs': 'export const a = 1; what else',
    'none.mjs': 'export const a = 1',
    'lacks.mjs': 'import "no-such-package"',
  });
  for (const [name, exit, err] of [
    ['./no.mjs', 2, 'exrpipe: ./no.mjs: there is no such file. Check the path.\n'],
    ['no-such', 2, 'exrpipe: no-such: there is no such package. Install it (npm install no-such), or write ./no-such'],
    ['none.mjs', 2, /none\.mjs: this module exports no filter\. Export what/],
    ['throws.mjs', 1, /throws\.mjs:2: this module cannot be loaded: boom$/m],
    ['syntax.mjs', 1, /syntax\.mjs.*: this module cannot be loaded: /],
    ['lacks.mjs', 1, /Cannot find package 'no-such-package'.*Run "npm install no-such-package" in the folder/],
  ] as const) {
    t.match(await exrpipe(folder, 'luminance', '--plugin', name, frame, '-o', 'x.exr'), { exit, err, out: '' }, name);
  }
  t.match(await exrpipe(folder, 'rename', '--plugin'), { exit: 2, err: /--plugin needs a value/ });
  t.match(await exrpipe(folder, 'info', '--plugin', plugin, frame), { exit: 2, err: /there is no option --plugin/ });
});

t.test('plug-ins are taken out of the words', async (t) => {
  t.same(takePlugins(['a', '--plugin', 'x', 'then', '--plugin=y', 'b', '--', '--plugin', 'z']), {
    plugins: ['x', 'y'],
    words: ['a', 'then', 'b', '--', '--plugin', 'z'],
  });
  t.throws(() => takePlugins(['--plugin=']), { message: /needs a value/ });
});

t.test('a filter that the command line could not call is refused', async (t) => {
  const make = (name: string, option: string) =>
    defineFilter({
      name,
      summary: '',
      description: '',
      examples: [],
      options: { [option]: { type: 'flag', summary: '' } },
      header: (header) => header,
    });
  const commands = new Map([['info', true]]);
  t.throws(() => checkCallable(make('info', 'x'), commands), { kind: 'usage', message: /the name of a command/ });
  t.throws(() => checkCallable(make('then', 'x'), commands), { message: /the name of a command/ });
  t.throws(() => checkCallable(make('mine', 'dryRun'), commands), { kind: 'usage', message: /--dry-run/ });
  for (const filter of (await loadFilters()).values()) t.doesNotThrow(() => checkCallable(filter, commands));
});
