import t from 'tap';
import { startingAgain } from '../../bin/terminal/address-space.js';
import { embeddedFile, filtersAddress, importModule, isStandalone, programText } from '../../lib/node/program-files.js';

t.test('a program in files of its own finds them by their place', async (t) => {
  t.notOk(isStandalone);
  t.equal(embeddedFile('openexr.wasm'), undefined);
  const place = new URL('../../../package.json', import.meta.url);
  t.equal(filtersAddress(place), place);
  t.match(programText('package.json', place), /"name": "exrpipe"/);
  const { filters } = await importModule(new URL('../../filters/index.js', import.meta.url).href);
  t.ok(Array.isArray(filters));
});

t.test('the executable takes its words for itself, and what Node is told from a variable', async (t) => {
  const flag = '--disable-wasm-trap-handler';
  const { words, env } = startingAgain(true);
  t.strictSame(words, process.argv.slice(2));
  const { NODE_OPTIONS } = env;
  t.match(NODE_OPTIONS, new RegExp(`${flag}$`));
  t.strictSame(startingAgain(false).words.slice(0, 1), [flag]);
  t.equal(startingAgain(false).words.at(-1), process.argv.at(-1));
});
