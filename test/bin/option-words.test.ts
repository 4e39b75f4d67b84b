/** Words taken apart by the options that there are, and why yargs does not do that. */
import t from 'tap';
import yargs from 'yargs';
import { optionValues, splitWords } from '../../bin/words/option-words.js';
import type { OptionSpecs } from '../../lib/engine/options.js';

const specs = {
  addPrefix: { type: 'text', summary: '' },
  layer: { type: 'list', summary: '' },
  level: { type: 'number', summary: '' },
  force: { type: 'flag', summary: '' },
} as const satisfies OptionSpecs;

function read(...words: string[]) {
  const { named, bare } = splitWords(words, specs, 'probe');
  return { ...optionValues(named, specs, 'probe'), ...(bare.length > 0 && { bare }) };
}

function readByYargs(...words: string[]): unknown {
  const parsed = yargs(words)
    .parserConfiguration({ 'camel-case-expansion': false, 'greedy-arrays': false })
    .options({ 'add-prefix': { type: 'string', nargs: 1 }, layer: { type: 'string', array: true } })
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    })
    .parseSync();
  const { _: bare, 'add-prefix': addPrefix, layer } = parsed;
  return { ...(addPrefix !== undefined && { addPrefix }), ...(layer && { layer }), ...(bare.length > 0 && { bare }) };
}

t.test('values', async (t) => {
  t.same(read('--add-prefix', 'a', 'x', '--layer=b', '--layer', 'c', '--level', '1e1', '--force', '--', '--layer'), {
    addPrefix: 'a',
    layer: ['b', 'c'],
    level: 10,
    force: true,
    bare: ['x', '--layer'],
  });
  t.same(read('--force', '--force'), { force: true });
  t.same(read('--layer', '__proto__', '--add-prefix='), { addPrefix: '', layer: ['__proto__'] });
  t.throws(() => read('--level', '1', '--level', '2', '--level=3'), { message: /--level is given 3 times/ });
  t.throws(() => read('--force=1'), { message: /--force takes no value/ });
  t.throws(() => read('--level'), { message: /--level needs a value/ });
  t.throws(() => read('--levle', '1'), { message: /there is no option --levle/, hint: 'Did you mean --level?' });
});

t.test('what yargs makes of words of a chain', async (t) => {
  t.same(
    readByYargs('--layer', 'a', 'then', '--layer', 'b'),
    { layer: ['a', 'b'], bare: ['then'] },
    'one set of options',
  );
  t.throws(() => readByYargs('--add-prefix', '-x'), { message: /Not enough arguments/ });
  t.same(read('--add-prefix', '-x'), { addPrefix: '-x' });
  t.same(readByYargs('--layer="a"'), { layer: ['a'] }, 'the quotes are gone');
  t.same(read('--layer="a"'), { layer: ['"a"'] });
});
