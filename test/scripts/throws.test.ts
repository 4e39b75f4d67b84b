/** What an exported function throws by itself is in its docstring, as `@throws`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { rooms } from '../../scripts/layers/rules.js';
import { readSources } from '../../scripts/layers/sources.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Names that the entries export. */
const exported = new Set(
  (await readFile(`${root}test/api/exports.txt`, 'utf8')).split('\n').map((line) => line.replace(/^.*: (type )?/, '')),
);

/** Functions at the beginning of a line, with the docstrings before them and their bodies. */
const functions = /(\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?^export (?:async )?function\*? (\w+)[\s\S]*?^\}$/gm;

t.test('exported functions', async (t) => {
  const sources = await readSources(root, rooms);
  let throwing = 0;
  for (const [file, text] of Object.entries(sources)) {
    if (!/^(lib|filters)\//.test(file)) continue;
    for (const [code, docstring = '', name = ''] of text.matchAll(functions)) {
      if (!exported.has(name) || !/\bthrow (new ExrError|[a-z]\w*\()/.test(code)) continue;
      throwing += 1;
      t.match(docstring, /@throws (\{@link )?ExrError/, `${file}: ${name}`);
    }
  }
  t.ok(throwing > 20, 'they are found');
});
