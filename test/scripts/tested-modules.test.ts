/** Every module of the product is run by some test, and by more than the list of exports. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { groupBy } from '../../lib/model/group-by.js';
import { readImports } from '../../scripts/layers/read-imports.js';
import { rooms } from '../../scripts/layers/rules.js';
import { readSources } from '../../scripts/layers/sources.js';

const sources = await readSources(fileURLToPath(new URL('../../../', import.meta.url)), rooms);
const imports = readImports(sources);

/** Files that these lead to, also as addresses of threads and while they run, but not through the public entries. */
function reached(starts: readonly string[], closed: (file: string) => boolean): Set<string> {
  const byFile = groupBy(
    imports.filter(({ kind, how }) => kind === 'file' && how !== 'types'),
    ({ file }) => file,
  );
  const found = new Set<string>();
  const next = [...starts];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    if (!closed(file)) next.push(...(byFile.get(file) ?? []).map(({ target }) => target));
  }
  return found;
}

const files = Object.keys(sources);
const tests = files.filter((file) => /^test\/.*\.test\.ts$/.test(file));

t.test('modules of lib and filters', async (t) => {
  const found = reached(tests, (file) => file === 'lib/index.ts');
  const product = files.filter((file) => /^(lib|filters)\//.test(file) && hasCode(file));
  t.ok(product.length > 200);
  t.same(
    product.filter((file) => !found.has(file)),
    [],
    'import it in the test that is about it',
  );
});

t.test('modules of the program', async (t) => {
  // test/cli/golden.test.ts starts it as a program, which starts threads.
  const found = reached(['bin/exrpipe.ts', 'bin/start.ts', 'bin/start-thread.ts', ...tests], () => false);
  t.same(
    files.filter((file) => file.startsWith('bin/') && hasCode(file) && !found.has(file)),
    [],
  );
});

/** Nobody runs a module of nothing but types. */
function hasCode(file: string): boolean {
  return /^(export )?(async )?(const|let|function|class|default|abstract class) |^export (\*|\{)|^await |^void /m.test(
    sources[file] ?? '',
  );
}
