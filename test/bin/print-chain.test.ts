/** Chains printed as command lines are read as the chains they were. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { loadFilters } from '../../bin/filters.js';
import { type CommonOptions, commonOptions } from '../../bin/words/common-options.js';
import { parseChain } from '../../bin/words/grammar.js';
import { chainWords, type PrintableChain } from '../../bin/words/print-chain.js';
import { shellLine } from '../../bin/words/shell-line.js';
import { checkOptions, type OptionSpec, type OptionSpecs, takesList } from '../../lib/engine/options.js';
import { defineFilter, type Filter, type FilterTable } from '../../lib/index.js';

/** A filter that has another's options, and takes all values that fit them. */
function withOptions(name: string, options: OptionSpecs): Filter<OptionSpecs> {
  return defineFilter({ name, summary: '', description: '', examples: [], options, header: (header) => header });
}

/** The options of all filters, and those of one whose bare words could go to several of its options. */
const filters: FilterTable = new Map(
  [
    ...[...(await loadFilters()).values()].map(({ definition: { name, options } }) => withOptions(name, options)),
    withOptions('probe', {
      first: { type: 'text', positional: true, default: 'a', summary: 'one word' },
      kind: { type: 'choice', choices: ['a', 'b'], positional: true, summary: 'one of few words' },
      rest: { type: 'files', positional: true, summary: 'more words' },
      last: { type: 'text', positional: true, summary: 'one word more' },
    }),
  ].map((filter) => [filter.definition.name, filter]),
);

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    ...['', ' ', '-', '--', '---', '-x', '-o', '-ofile', '--help', '-h', '--part', '--no-such=1', '--output=x'],
    ...[
      'then',
      'a.exr',
      'B.EXR',
      '.exr',
      'a',
      'folder/',
      'x.####.exr',
      '{layer}.exr',
      'NAME=VALUE',
      '=',
      '=x',
      'a=b=c',
    ],
    ...[
      '1',
      '-1',
      '1e3',
      'true',
      '"q"',
      "'q'",
      '"',
      "'",
      "it's",
      '\n',
      'a\nb',
      '$HOME',
      '`x`',
      '\\',
      '~',
      '*',
      '#',
      '!',
    ],
    ...['ünï', 'Шар', '影', '🎬', 'e\u0301', '\u00a0', '\u2028', '__proto__', 'rename', '*.Noisy*', 's/\\./_/'],
  ),
);

function anyValue(spec: OptionSpec): fc.Arbitrary<unknown> {
  if (spec.type === 'flag') return fc.boolean();
  if (spec.type === 'choice') return fc.constantFrom(...spec.choices);
  if (spec.type === 'list' && spec.choices)
    return fc.array(fc.constantFrom(...spec.choices), { minLength: 1, maxLength: 4 });
  if (takesList(spec)) return fc.array(anyText, { minLength: 1, maxLength: 4 });
  if (spec.type !== 'number') return anyText;
  const { min = -1e300, max = 1e300 } = spec;
  // Minus zero is zero.
  return fc
    .oneof(fc.double({ min, max, noNaN: true }), fc.integer({ min: Math.max(min, -99), max: Math.min(max, 999) }))
    .map((value) => value + 0);
}

/** Some of the options, with values that fit and defaults filled in. */
function anyOptions<Specs extends OptionSpecs>(specs: Specs): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const entries = Object.entries(specs);
  const needed = entries.flatMap(([name, spec]) => ('required' in spec && spec.required ? [name] : []));
  return fc
    .record(Object.fromEntries(entries.map(([name, spec]) => [name, anyValue(spec)])), {
      requiredKeys: needed,
      noNullPrototype: true,
    })
    .map((values) => checkOptions('any', specs, values));
}

const { help: _, ...printableOptions } = commonOptions;
const anyStep = fc
  .constantFrom(...filters.values())
  .chain(({ definition: { name, options } }) =>
    fc.record({ filter: fc.constant(name), options: anyOptions(options) }, { noNullPrototype: true }),
  );
const anyChain = fc.record(
  {
    steps: fc.array(anyStep, { minLength: 1, maxLength: 3 }),
    inputs: fc.array(anyText, { maxLength: 3 }),
    common: anyOptions(printableOptions).map((values) => ({ ...values, help: false }) as CommonOptions),
  },
  { noNullPrototype: true },
);

/** A chain as plain data. */
function read(words: readonly string[]): PrintableChain {
  const chain = parseChain(words, filters);
  if ('help' in chain) throw new Error('help was not asked for');
  const steps = chain.steps.map(({ filter, options }) => ({ filter, options }));
  return { steps, inputs: chain.inputs, common: chain.common };
}

t.test('what is printed is read as the same chain', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyChain, (chain) => {
        assert.deepEqual(read(chainWords(chain, filters)), chain);
      }),
      { numRuns: 1000 },
    ),
  );
});

t.test('steps as they are sent to other threads are printed the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyChain, ({ steps }) => {
        const given = steps.map(({ filter, options }) => ({
          filter,
          options: Object.fromEntries(
            Object.entries(options).filter(
              ([, value]) => value !== false && (!Array.isArray(value) || value.length > 0),
            ),
          ),
        }));
        assert.deepEqual(chainWords({ steps: given }, filters), chainWords({ steps }, filters));
      }),
    ),
  );
});

t.test('a shell reads the words that were printed', async (t) => {
  const anyWord = anyText.filter((text) => text.isWellFormed() && !text.includes('\0'));
  const anyWords = fc.oneof(
    fc.array(anyWord, { minLength: 1, maxLength: 6 }),
    fc.array(
      anyWord.map((word) => `--add-prefix=${word}`),
      { minLength: 1 },
    ),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyWords, (words) => {
        const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${shellLine(words)}`], { encoding: 'utf8' });
        assert.deepEqual(printed.split('\0').slice(0, -1), words);
      }),
      { numRuns: 200 },
    ),
  );
});

t.test('command lines read as people write them', async (t) => {
  const lines: readonly [PrintableChain, string][] = [
    [
      {
        steps: [
          { filter: 'rename', options: { map: ['Chars=main', "a b=it's"], addPrefix: '-x.', rekey: true, part: [] } },
          { filter: 'matte', options: { name: ['hero*'], as: 'matte', only: false } },
        ],
        inputs: ['shots/hero.####.exr'],
        common: { output: 'out/{layer}.####.exr', level: 9, table: 'auto', strict: false },
      },
      "rename --map Chars=main --map 'a b=it'\\''s' --add-prefix=-x. --rekey then matte --name 'hero*' --as matte 'shots/hero.####.exr' -o 'out/{layer}.####.exr' --level 9",
    ],
    [
      { steps: [{ filter: 'set-attribute', options: { attributes: ['owner=me', 'note='] } }], inputs: ['Bühne.exr'] },
      'set-attribute owner=me note= Bühne.exr',
    ],
    [
      {
        steps: [{ filter: 'set-attribute', options: { attributes: ['plate=/in/plate.exr'] } }],
        inputs: ['take=2/shot.exr'],
      },
      'set-attribute plate=/in/plate.exr -- take=2/shot.exr',
    ],
    [
      {
        steps: [{ filter: 'drop-attribute', options: { attributes: ['File'], keep: [] } }],
        inputs: ['renders/'],
        common: { inPlace: true },
      },
      'drop-attribute File --in-place -- renders/',
    ],
    [
      { steps: [{ filter: 'drop-attribute', options: { attributes: ['-x', 'a'] } }], inputs: ['renders/'] },
      'drop-attribute --attributes=-x --attributes a renders/',
    ],
    [
      { steps: [{ filter: 'compress', options: { to: 'zip', part: [''] } }], inputs: ['-x.exr', 'then'] },
      'compress --to zip --part= -- -x.exr then',
    ],
    [
      { steps: [{ filter: 'rename', options: { stripPrefix: ["'", ''] } }] },
      "rename --strip-prefix ''\\''' --strip-prefix=",
    ],
  ];
  for (const [chain, line] of lines) t.equal(shellLine(chainWords(chain, filters)), line);
});

t.test('what cannot be printed is refused', async (t) => {
  t.throws(() => chainWords({ steps: [{ filter: 'nothing', options: {} }] }, filters), {
    message: 'there is no filter "nothing"',
  });
  t.throws(() => chainWords({ steps: [{ filter: 'rename', options: { nothing: 'x' } }] }, filters), {
    message: 'rename: there is no option "nothing"',
  });
  for (const word of ['a\0b', '\ud800']) t.throws(() => shellLine([word]), { message: /cannot be written/ });
});
