import { resolve } from 'node:path';
import t from 'tap';
import { originsIn, withDirectImports } from '../../scripts/bundle/direct-imports.js';

const tables = new Map(
  Object.entries({
    'lib/index.js': "export { a, b as c } from './model/a.js';\nexport { d } from './sub/index.js';",
    'lib/sub/index.js': "export { inner as d } from './d.js';",
  }).map(([path, code]) => [resolve(path), originsIn(code, resolve(path))] as const),
);
const direct = (code: string) => withDirectImports(code, resolve('bin/main.js'), tables);

t.test('imports of an entry become imports of modules, on the same line', async (t) => {
  t.equal(
    direct("import { a, c as own } from '../lib/index.js';\nwork();"),
    "import { a as a } from './../lib/model/a.js'; import { b as own } from './../lib/model/a.js';\nwork();",
  );
  t.equal(direct("import { d } from '../lib/index.js';"), "import { inner as d } from './../lib/sub/d.js';");
  t.equal(
    direct("const { d } = await import('../lib/index.js');"),
    "const { inner: d } = await import('./../lib/sub/d.js');",
  );
});

t.test('others stay as they are', async (t) => {
  const code = "import { x } from './x.js';\nimport y from 'y';\nexport { z } from './z.js';";
  t.equal(direct(code), code);
});

t.test('a name that the entry does not have', async (t) => {
  t.throws(() => direct("import { z } from '../lib/index.js';"), /lib\/index\.js does not export z/);
});
