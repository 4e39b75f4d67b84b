import t from 'tap';
import { readImports } from '../../scripts/layers/read-imports.js';

/** What a file lib/io/a.ts of these lines imports, as `how target`. */
function read(...lines: string[]): string[] {
  return readImports({ 'lib/io/a.ts': lines.join('\n') }).map(({ how, target }) => `${how} ${target}`);
}

t.test('every way to import', async (t) => {
  t.same(
    read(
      `import a, * as b from './default.js';`,
      `import { c } from '../engine/named.js';`,
      `import './side-effect.js';`,
      `import type { D } from './types.js';`,
      `import type E from './default-type.js';`,
      `import { type F } from './loads.js';`,
      `export * from './star.js';`,
      `export * as g from './star-as.js';`,
      `export { h } from './again.js';`,
      `export type { I } from './type-again.js';`,
      `export type * from './type-star.js';`,
      `import data from './data.json' with { type: 'json' };`,
      `import { readFile } from 'node:fs/promises';`,
      `import { createCodecs } from 'openexr-wasm/core';`,
    ),
    [
      'run lib/io/default.ts',
      'run lib/engine/named.ts',
      'run lib/io/side-effect.ts',
      'types lib/io/types.ts',
      'types lib/io/default-type.ts',
      // verbatimModuleSyntax leaves `import {} from './loads.js'`.
      'run lib/io/loads.ts',
      'run lib/io/star.ts',
      'run lib/io/star-as.ts',
      'run lib/io/again.ts',
      'types lib/io/type-again.ts',
      'types lib/io/type-star.ts',
      'run lib/io/data.json',
      'run node:fs/promises',
      'run openexr-wasm/core',
    ],
  );
});

t.test('imports inside of expressions and types', async (t) => {
  t.same(
    read(
      `const a = await import(/* not './b.js' */ './a.js' /* nor './c.js' */);`,
      'const b = await import(`./template.js`);',
      `const c = \`one \${\`two \${(await import("./nested.js")).x} import("./text.js")\`} three\`;`,
      `type D = import('./type.js').D;`,
      `let e: typeof import('./typeof.js');`,
      `const f = async () => (await import('./arrow.js')).g?.[0] / 2;`,
    ),
    [
      'dynamic lib/io/a.ts',
      'dynamic lib/io/template.ts',
      'dynamic lib/io/nested.ts',
      'types lib/io/type.ts',
      'types lib/io/typeof.ts',
      'dynamic lib/io/arrow.ts',
    ],
  );
});

t.test('the old forms', async (t) => {
  t.same(read(`import a = require('./a.js');`, `import type b = require('./b.js');`), [
    'run lib/io/a.ts',
    'types lib/io/b.ts',
  ]);
});

t.test('over several lines and without spaces', async (t) => {
  t.same(
    read(
      'import {',
      '  a, // from "./comment.js"',
      '  /* } from "./other.js" */ b,',
      '} from',
      "  './a.js';",
      `import{c}from"./c.js";export*from'./d.js'`,
    ),
    ['run lib/io/a.ts', 'run lib/io/c.ts', 'run lib/io/d.ts'],
  );
});

t.test('text that only looks like an import', async (t) => {
  t.same(
    read(
      '/**',
      ' * An example:',
      ` * import { a } from './doc.js';`,
      ` * @param {import('./jsdoc.js').A} a`,
      ' */',
      `// import './line.js';`,
      `const a = "import b from './string.js'";`,
      `const b = 'it\\'s import("./escaped.js")';`,
      'const c = `',
      `import c from './template.js';`,
      '`;',
      `const d = "import e = require('./require.js')";`,
      `const e = { import: (name: string) => name, from: './object.js' };`,
      `e.import('./method.js');`,
      `const f = require('./commonjs.js');`,
    ),
    [],
  );
});

t.test('regular expressions and divisions do not open strings', async (t) => {
  t.same(
    read(
      'const a = /[\'"`/]\\/*/g;',
      `import b from './after-regex.js';`,
      'const c = 4 / 2; const quote = "/"; const d = c / 2;',
      `import e from './after-division.js';`,
      'if (a) /`/.test("x");',
      `import f from './after-condition.js';`,
      `const g = <T,>(x: T) => x as T; const h = (a)! / 2; // '`,
      `import i from './last.js';`,
    ),
    [
      'run lib/io/after-regex.ts',
      'run lib/io/after-division.ts',
      'run lib/io/after-condition.ts',
      'run lib/io/last.ts',
    ],
  );
});

t.test('files that threads start with', async (t) => {
  const found = readImports({
    'lib/node/pool.ts': `
      const worker = new Worker(new URL('./worker.js', import.meta.url));
      const built = new URL('../../cli/exrpipe.js', import.meta.url);
      const page = new URL('./page.md', import.meta.url);
      const other = new URL('./worker.js', base);`,
    'lib/node/worker.ts': '',
  });
  t.same(found, [{ file: 'lib/node/pool.ts', line: 2, target: 'lib/node/worker.ts', kind: 'file', how: 'address' }]);
});

t.test('lines are counted to the specifier', async (t) => {
  t.same(
    readImports({ 'a.ts': "\nimport {\n  b,\n} from './b.js';\r\nimport 'c';\n" }).map(({ target, kind, line }) => [
      target,
      kind,
      line,
    ]),
    [
      ['b.ts', 'file', 4],
      ['c', 'package', 5],
    ],
  );
});

t.test('a file that does not parse is not ignored', async (t) => {
  t.throws(
    () => read(`const a = 'import`, `import b from './b.js';`),
    /lib\/io\/a\.ts does not parse: Unterminated string/,
  );
});
