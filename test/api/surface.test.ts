/**
 * The public API is what others build on, so no name comes or goes by accident. After a change that is meant,
 * `UPDATE_GOLDEN=1 npx tap dist/test/api/surface.test.js` rewrites the list.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as filters from '../../filters/index.js';
import * as lib from '../../lib/index.js';

const list = fileURLToPath(new URL('../../../test/api/exports.txt', import.meta.url));
const { UPDATE_GOLDEN } = process.env;

/** Names that a compiled module's declarations export, types included. */
async function declaredNames(module: string): Promise<string[]> {
  const text = await readFile(new URL(`../../${module}.d.ts`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type, names = '']) =>
    names.split(',').map((name) => `${type ?? ''}${name.trim().replace(/^.* as /, '')}`),
  );
  const single = [...text.matchAll(/^export declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name ?? '');
  return [...blocks, ...single].filter((name) => name.trim() !== 'type' && name !== '').sort();
}

t.test('exported names', async (t) => {
  const names = await Promise.all(
    ['lib/index', 'filters/index'].map(async (module) =>
      (await declaredNames(module)).map((name) => `${module}: ${name}\n`),
    ),
  );
  const text = names.flat().join('');
  if (UPDATE_GOLDEN === '1') await writeFile(list, text);
  t.equal(text, await readFile(list, 'utf8'));
  const values = text.split('\n').filter((line) => line !== '' && !line.includes(': type '));
  const loaded = [
    ...Object.keys(lib).map((name) => `lib/index: ${name}`),
    ...Object.keys(filters).map((name) => `filters/index: ${name}`),
  ];
  t.strictSame([...values].sort(), loaded.sort(), 'what is declared is there');
});

t.test('the table holds every filter once', async (t) => {
  const own = Object.values(filters).flatMap((value) => (typeof value === 'function' ? [value] : []));
  t.strictSame(
    filters.filters.map(({ definition }) => definition.name).sort(),
    own.map(({ definition }) => definition.name).sort(),
  );
});
