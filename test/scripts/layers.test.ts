import t from 'tap';
import { complaints } from '../../scripts/layers/complaints.js';
import { cycles, cycleText } from '../../scripts/layers/cycles.js';
import { withRooms } from '../../scripts/layers/page.js';
import { portableComplaints } from '../../scripts/layers/portable.js';
import { readImports, type Sources } from '../../scripts/layers/read-imports.js';
import { rooms as ownRooms, type Room } from '../../scripts/layers/rules.js';

const rooms: readonly Room[] = [
  { path: 'bin', what: 'words', rank: 10, node: true },
  { path: 'bin/chain', what: 'chains', rank: 9, node: true },
  { path: 'filters', what: 'filters', rank: 8, only: ['lib/index.ts'], packages: { glob: 'any' } },
  { path: 'lib/index.ts', what: 'the API', rank: 7 },
  { path: 'lib/node', what: 'files', rank: 3, node: true, packages: { codecs: 'any' } },
  { path: 'lib/browser', what: 'blobs', rank: 3, portable: true },
  { path: 'lib/jobs', what: 'jobs', rank: 2, portable: true, packages: { codecs: 'types', 'codecs/core': 'any' } },
  { path: 'lib/model', what: 'values', rank: 1, portable: true },
  { path: 'test', what: 'tests', rank: 11, node: true, around: true },
];

function complain(sources: Sources): string[] {
  return complaints(readImports(sources), rooms);
}

function cyclesOf(sources: Sources): string[] {
  return cycles(readImports(sources)).map(cycleText);
}

t.test('imports that the rules allow', async (t) => {
  t.same(
    complain({
      'lib/model/a.ts': `import './inside/b.js';`,
      'lib/model/inside/b.ts': `import type { A } from '../a.js';`,
      'lib/jobs/a.ts': `import '../model/a.js'; import 'codecs/core'; import type { Codecs } from 'codecs';`,
      'lib/node/a.ts': `import '../jobs/a.js'; import 'node:fs'; import 'codecs';`,
      'lib/index.ts': `export * from './node/a.js'; export * from './model/a.js';`,
      'filters/a.ts': `import '../lib/index.js'; import './shared/b.js'; import 'glob';`,
      'filters/shared/b.ts': '',
      'bin/main.ts': `import './chain/a.js'; import '../filters/a.js'; import '../lib/model/a.js'; import 'node:tty';`,
      'bin/chain/a.ts': `import '../../filters/a.js';`,
      'test/a.test.ts': `import '../bin/main.js'; import './support.js'; import 'tap';`,
      'test/support.ts': '',
    }),
    [],
  );
});

t.test('an upward import, in every form', async (t) => {
  t.same(
    complain({
      'lib/model/a.ts': [
        `import { b } from '../jobs/b.js';`,
        `import type { C } from '../jobs/b.js';`,
        `export * from '../index.js';`,
        `await import('../node/d.js');`,
        `import '../../test/support.js';`,
      ].join('\n'),
    }),
    [
      'lib/model/a.ts:1 imports lib/jobs/b.ts: lib/model (1) may import from smaller ranks only, and lib/jobs is 2',
      'lib/model/a.ts:2 imports lib/jobs/b.ts: lib/model (1) may import from smaller ranks only, and lib/jobs is 2',
      'lib/model/a.ts:3 imports lib/index.ts: lib/model (1) may import from smaller ranks only, and lib/index.ts is 7',
      'lib/model/a.ts:4 imports lib/node/d.ts: lib/model (1) may import from smaller ranks only, and lib/node is 3',
      'lib/model/a.ts:5 imports test/support.ts: lib/model (1) may import from smaller ranks only, and test is 11',
    ],
  );
});

t.test('rooms of one rank do not import each other, by address neither', async (t) => {
  t.same(
    complain({
      'lib/browser/a.ts': `new URL('../node/b.js', import.meta.url);`,
      'lib/node/b.ts': `import '../browser/a.js';`,
    }),
    [
      'lib/browser/a.ts:1 imports lib/node/b.ts: lib/browser (3) may import from smaller ranks only, and lib/node is 3',
      'lib/node/b.ts:1 imports lib/browser/a.ts: lib/node (3) may import from smaller ranks only, and lib/browser is 3',
    ],
  );
});

t.test('filters import the public API only', async (t) => {
  t.same(complain({ 'filters/a.ts': `import '../lib/model/b.js'; import 'node:path';` }), [
    'filters/a.ts:1 imports lib/model/b.ts: filters may import nothing but lib/index.ts',
    `filters/a.ts:1 imports node:path: filters may not import Node's modules`,
  ]);
});

t.test("Node's modules in a portable room, types and short names included", async (t) => {
  t.same(complain({ 'lib/jobs/a.ts': `import type { Readable } from 'node:stream';\nimport 'fs';` }), [
    `lib/jobs/a.ts:1 imports node:stream: lib/jobs may not import Node's modules; lib/node may`,
    `lib/jobs/a.ts:2 imports fs: lib/jobs may not import Node's modules; lib/node may`,
  ]);
});

t.test('a package imported from the wrong room', async (t) => {
  t.same(
    complain({
      'lib/model/a.ts': `await import('codecs');`,
      'lib/jobs/a.ts': `import 'codecs'; import 'codecs/other';`,
    }),
    [
      'lib/model/a.ts:1 imports codecs: lib/model may not import this package; lib/node may',
      'lib/jobs/a.ts:1 imports codecs: lib/jobs may import its types only; lib/node may',
      'lib/jobs/a.ts:1 imports codecs/other: lib/jobs may not import this package',
    ],
  );
});

t.test('a folder that the rules do not know', async (t) => {
  t.same(complain({ 'lib/blend/a.ts': `import './b.js';`, 'lib/node/c.ts': `import '../blend/a.js';` }), [
    'lib/blend is in no room of scripts/layers/rules.ts',
  ]);
});

t.test('a cycle of three through a type and a dynamic import', async (t) => {
  t.same(
    cyclesOf({
      'lib/a.ts': `import './b.js';`,
      'lib/b.ts': `import type { C } from './c.js'; import './d.js';`,
      'lib/c.ts': `await import('./a.js');`,
      'lib/d.ts': `import './e.js';`,
      'lib/e.ts': '',
    }),
    ['lib/a.ts -> lib/b.ts -> lib/c.ts (types) -> lib/a.ts (dynamic)'],
  );
});

t.test('the shortest cycle of each knot', async (t) => {
  t.same(
    cyclesOf({
      'a.ts': `import './b.js'; import './c.js';`,
      'b.ts': `import './c.js';`,
      'c.ts': `import './a.js'; import './x.js';`,
      'x.ts': `import './x.js';`,
    }),
    ['a.ts -> c.ts -> a.ts', 'x.ts -> x.ts'],
  );
});

t.test('a thread that imports what started it is not a cycle', async (t) => {
  t.same(cyclesOf({ 'a.ts': `new URL('./b.js', import.meta.url);`, 'b.ts': `import type { A } from './a.js';` }), []);
});

t.test('the page shows what really imports what', async (t) => {
  const imports = readImports({
    'bin/main.ts': `import './chain/a.js'; import 'node:fs'; import 'node:os';`,
    'bin/chain/a.ts': `import '../../lib/node/a.js'; import '../../lib/model/a.js';`,
    'lib/node/a.ts': `import '../jobs/a.js'; import '../model/a.js'; import type { A } from 'node:fs'; import 'codecs';`,
    'lib/jobs/a.ts': `import '../model/a.js'; import 'codecs/core'; import type { C } from 'codecs';`,
    'lib/model/a.ts': '',
    'test/a.test.ts': `import '../lib/model/a.js'; import 'tap';`,
  });
  const markers = ['<!-- rooms: written by `npm run check:layers -- --write` -->', '<!-- end of rooms -->'] as const;
  const page = withRooms(`before\n${markers.join('\nold\n')}\nafter\n`, imports, rooms);
  t.equal(
    page,
    [
      'before',
      markers[0],
      '',
      '```mermaid',
      'flowchart TD',
      '  bin["bin"]',
      '  lib_node["lib/node"]',
      '  lib_jobs["lib/jobs"]',
      '  lib_model["lib/model"]',
      '  bin --> lib_node',
      '  lib_node --> lib_jobs',
      '  lib_jobs --> lib_model',
      '```',
      '',
      '| room | rank | what it is | imports | packages |',
      '|---|---|---|---|---|',
      '| `bin` | 10 | words | `bin/chain` | `node:` |',
      '| `bin/chain` | 9 | chains | `lib/node`, `lib/model` | |',
      '| `lib/node` | 3 | files | `lib/jobs`, `lib/model` | `codecs`, `node:` (types) |',
      '| `lib/jobs` | 2 | jobs (portable) | `lib/model` | `codecs` (types), `codecs/core` |',
      '| `lib/model` | 1 | values (portable) | | |',
      '| `test` | 11 | tests | anything | any |',
      '',
      markers[1],
      'after',
      '',
    ].join('\n'),
  );
  t.equal(withRooms(page, imports, rooms), page, 'what is written is what the check expects');
  t.throws(() => withRooms('no markers', imports, rooms), /no place for the rooms/);
});

t.test('tsconfig.portable.json names the portable rooms', async (t) => {
  const files = ['lib/model/a.ts', 'lib/jobs/a.ts', 'lib/node/a.ts'];
  const config = { include: ['lib/model', 'lib/node'], exclude: ['lib/model/b.ts'] };
  t.same(portableComplaints(JSON.stringify(config), files, rooms), [
    'tsconfig.portable.json does not include lib/jobs, which is portable',
    'tsconfig.portable.json includes lib/node, which is no portable room',
    'tsconfig.portable.json excludes lib/model/b.ts',
  ]);
  t.same(portableComplaints(JSON.stringify({ include: ['lib/model', 'lib/jobs'] }), files, rooms), []);
});

t.test('our own rules do not contradict themselves', async (t) => {
  const paths = ownRooms.map(({ path }) => path);
  t.equal(new Set(paths).size, paths.length, 'no room is there twice');
  t.same(
    ownRooms.filter(({ portable, node }) => portable && node),
    [],
    'no portable room may import from Node',
  );
});
