/**
 * The public API is what others build on, so no name comes or goes by accident. After a change that is meant,
 * `UPDATE_GOLDEN=1 npx tap dist/test/api/surface.test.js` rewrites the list.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as filters from '../../filters/index.js';
import * as browser from '../../lib/browser/index.js';
import * as cryptomatte from '../../lib/cryptomatte/index.js';
import * as format from '../../lib/format/index.js';
import * as lib from '../../lib/index.js';
import * as layers from '../../lib/layers/index.js';
import * as look from '../../lib/look.js';

const list = fileURLToPath(new URL('../../../test/api/exports.txt', import.meta.url));
const { UPDATE_GOLDEN } = process.env;

const entries: Readonly<Record<string, object>> = {
  'lib/index': lib,
  'filters/index': filters,
  'lib/cryptomatte/index': cryptomatte,
  'lib/layers/index': layers,
  'lib/format/index': format,
  'lib/look': look,
  'lib/browser/index': browser,
};

/** Names that a compiled module's declarations export, types included. */
async function declaredNames(url: URL): Promise<string[]> {
  const text = await readFile(url, 'utf8');
  const blocks = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type, names = '']) =>
    names.split(',').map((name) => `${type ?? ''}${name.trim().replace(/^(type )?\w+ as /, '$1')}`),
  );
  const single = [...text.matchAll(/^export declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name ?? '');
  const others = await Promise.all(
    [...text.matchAll(/^export type \* from '(.*)\.js'/gm)].map(([, name]) =>
      declaredNames(new URL(`${name}.d.ts`, url)),
    ),
  );
  return [...blocks, ...single, ...others.flat()].filter((name) => name.trim() !== 'type' && name !== '').sort();
}

t.test('exported names', async (t) => {
  const names = await Promise.all(
    Object.keys(entries).map(async (module) =>
      (await declaredNames(new URL(`../../${module}.d.ts`, import.meta.url))).map((name) => `${module}: ${name}\n`),
    ),
  );
  const text = names.flat().join('');
  if (UPDATE_GOLDEN === '1') await writeFile(list, text);
  t.equal(text, await readFile(list, 'utf8'));
  const values = text.split('\n').filter((line) => line !== '' && !line.includes(': type '));
  const loaded = Object.entries(entries).flatMap(([module, own]) =>
    Object.keys(own).map((name) => `${module}: ${name}`),
  );
  t.strictSame([...values].sort(), loaded.sort(), 'what is declared is there');
});

t.test('the package exports these entries', async (t) => {
  const manifest: { exports: Record<string, string | { default: string }> } = JSON.parse(
    await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  const files = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [] : target.default));
  t.same(
    files.sort(),
    Object.keys(entries)
      .map((module) => `./dist/${module}.js`)
      .sort(),
  );
});

t.test('the table holds every filter once', async (t) => {
  const own = Object.values(filters).flatMap((value) => (typeof value === 'function' ? [value] : []));
  t.strictSame(
    filters.filters.map(({ definition }) => definition.name).sort(),
    own.map(({ definition }) => definition.name).sort(),
  );
});
