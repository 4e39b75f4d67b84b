/** What the command line makes of words, without starting a process. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { checkStdout, onlyExplains, outputPath } from '../../bin/chain/run-chain.js';
import { candidates } from '../../bin/commands/candidates.js';
import { commands } from '../../bin/commands/table.js';
import { loadFilters } from '../../bin/filters.js';
import { Reporter } from '../../bin/terminal/reporter.js';
import { alignColumns } from '../../bin/terminal/table.js';
import { commonOptions, parseSize } from '../../bin/words/common-options.js';
import { type Chain, commonValues, parseChain } from '../../bin/words/grammar.js';
import { optionValues, splitWords } from '../../bin/words/option-words.js';
import { kebabCase } from '../../lib/engine/option-text.js';
import { defineFilter, ExrError, isExrError } from '../../lib/index.js';
import { suggest } from '../../lib/model/near.js';
import { parsePipeline } from '../../lib/sequence/pipeline-file.js';
import { apiEntries, readTables, withDirectImports } from '../../scripts/bundle/direct-imports.js';

const probe = defineFilter({
  name: 'probe',
  summary: 'Every kind of option',
  description: 'For tests.',
  examples: [],
  options: {
    word: { type: 'text', positional: true, placeholder: 'WORD', summary: 'one word' },
    rest: { type: 'list', positional: true, placeholder: 'REST', summary: 'more words' },
    someText: { type: 'text', placeholder: 'TEXT', summary: 'text' },
    many: { type: 'list', placeholder: 'ITEM', summary: 'texts' },
    count: { type: 'number', placeholder: 'N', summary: 'a number' },
    noCheck: { type: 'flag', summary: 'a flag' },
  },
  header: (header) => header,
});
const filters = new Map([['probe', probe]]);

function parse(...words: string[]): Chain {
  const chain = parseChain(words, filters);
  if ('help' in chain) throw new Error('help was not asked for');
  return chain;
}

/** The first step's value of one option. */
function value(chain: Chain, name: string): unknown {
  return Object.entries(chain.steps[0]?.options ?? {}).find(([own]) => own === name)?.[1];
}

function usage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isExrError(error) && error.kind === 'usage') return error.message;
    throw error;
  }
  throw new Error('a usage error was expected');
}

t.test('values arrive as they were written, whatever they look like', async (t) => {
  const anyValue = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '-x',
      '--many',
      '--',
      '-',
      'then',
      '1e3',
      '0x10',
      '001',
      'true',
      'a=b=c',
      '"q"',
      "'q'",
      'a.b',
      ' ',
      '__proto__',
      '--__proto__=1',
    ),
  );
  const specs = probe.definition.options;
  fc.assert(
    fc.property(fc.array(anyValue, { minLength: 1, maxLength: 4 }), fc.boolean(), (values, joined) => {
      const words = values.flatMap((one) => (joined ? [`--many=${one}`] : ['--many', one]));
      const chain = parse('probe', ...words, '--some-text', values[0] as string, '--no-check');
      const { many, someText, noCheck } = chain.steps[0]?.options ?? {};
      t.strictSame({ many, someText, noCheck }, { many: values, someText: values[0], noCheck: true });
      t.strictSame(optionValues(splitWords(words, specs, 'probe').named, specs, 'probe'), { many: values });
    }),
  );
});

t.test('numbers', async (t) => {
  t.equal(value(parse('probe', '--count', '-10.5'), 'count'), -10.5);
  t.equal(value(parse('probe', '--count=1e3'), 'count'), 1000);
  for (const bad of ['', ' ', 'ten', '1,5', 'NaN'])
    t.match(
      usage(() => parse('probe', '--count', bad)),
      /--count is a number/,
    );
});

t.test('positional words, inputs and chains', async (t) => {
  const chain = parse('probe', 'a', 'b', 'c', 'x.EXR', 'y');
  t.strictSame(value(chain, 'word'), 'a');
  t.strictSame(value(chain, 'rest'), ['b', 'c']);
  t.strictSame(chain.inputs, ['x.EXR', 'y']);
  t.strictSame(parse('probe', '-').inputs, ['-'], 'stdin is no positional word');
  t.strictSame(parse('probe', 'a', '--', 'then', '--many').inputs, ['then', '--many'], 'all is input after --');
  t.equal(parse('probe', 'a', 'then', 'probe', 'b', 'then', 'probe', 'x.exr').steps.length, 3);
  t.equal(parse('--level', '3', 'probe', 'x.exr', '-ofile').common.output, 'file');
  t.equal(parse('probe', '-o=file', '--strict').common.strict, true);
  t.match(
    usage(() => parse('probe', 'a', 'x.exr', 'then', 'probe')),
    /unexpected "x.exr"/,
  );
  t.match(
    usage(() => parse('probe', 'then')),
    /a filter is missing/,
  );
  t.match(
    usage(() => parse('probe', '-x')),
    /there is no option -x/,
  );
  const named = parse('probe', '--word=-x', '--rest', 'x.exr', 'then', 'probe', '--rest=a', 'b', '--rest=then', 'c');
  t.strictSame(value(named, 'word'), '-x', 'by name, a positional option takes what a bare word cannot say');
  t.strictSame(value(named, 'rest'), ['x.exr']);
  t.match(named.steps[1]?.options, { word: 'b', rest: ['a', 'then'] }, 'and no bare words then');
  t.strictSame(named.inputs, ['c']);
  t.match(
    usage(() => parse('probe', '--word=a', '--word=b')),
    /--word is given 2 times/,
  );
  t.match(
    usage(() => parse('--', 'probe')),
    /a filter is missing/,
  );
  const help = parseChain(['probe', 'then', 'probe', '-h'], filters);
  t.equal('help' in help && help.help, probe);
});

t.test('where NAME=VALUE is expected, one that ends in .exr is no input', async (t) => {
  const table = await loadFilters();
  const read = (...words: string[]) => {
    const chain = parseChain(words, table);
    const { attributes } = ('steps' in chain && chain.steps[0]?.options) || {};
    return 'steps' in chain && [attributes, chain.inputs];
  };
  t.same(read('set-attribute', 'plate=b.exr', 'in.exr'), [['plate=b.exr'], ['in.exr']]);
  t.same(read('set-attribute', 'plate=/b/b.exr', 'a=1', 'in.exr'), [['plate=/b/b.exr', 'a=1'], ['in.exr']]);
  t.same(read('rename-attribute', 'a=x.exr', 'in.exr'), [['a=x.exr'], ['in.exr']]);
  t.same(read('set-attribute', 'a=1', 'takes/take=2.exr'), [['a=1'], ['takes/take=2.exr']], 'a path');
  t.same(read('set-attribute', 'a=1', '--', 'take=2.exr'), [['a=1'], ['take=2.exr']]);
  t.same(read('drop-attribute', 'a', 'take=2.exr'), [['a'], ['take=2.exr']], 'no pairs are expected');
});

t.test('definitions fit the command line', async (t) => {
  const table = await loadFilters();
  for (const [name, { definition }] of table) {
    t.equal(name, kebabCase(definition.name), `${name} is in kebab case`);
    t.notOk(commands.has(name), `${name} is no command`);
    for (const option of Object.keys(definition.options))
      t.notOk(Object.hasOwn(commonOptions, option), `${name}: ${option} is no common option`);
    for (const { command } of definition.examples)
      t.ok(command.startsWith(`${name} `) || command.includes(` then ${name} `), command);
  }
  for (const [name, load] of commands) t.equal((await load()).command.name, name);
});

t.test('every example in a help text can be parsed', async (t) => {
  const table = await loadFilters();
  const shellWords = (text: string): string[] =>
    [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  for (const { definition } of table.values())
    for (const { command } of definition.examples) {
      const first = command.split(/ [|<>] | \| /)[0] as string;
      t.ok('steps' in parseChain(shellWords(first), table), command);
    }
});

const common = (words: string[]) => commonValues(splitWords(words, commonOptions, 'options').named);

t.test('where an image goes', async (t) => {
  const folder = t.testdir({ old: {} });
  t.equal(await outputPath('x.exr', 'a/b.exr'), 'x.exr');
  t.equal(await outputPath('new/', 'a/b.exr'), 'new/b.exr');
  t.equal(await outputPath(`${folder}/old`, 'a/b.exr'), `${folder}/old/b.exr`);
  t.equal(await outputPath('new/', '-'), 'new/stdin.exr');
  t.match(
    usage(() => checkStdout(true)),
    /refusing to write binary EXR data/,
  );
  t.doesNotThrow(() => checkStdout(false));
  t.equal(onlyExplains(common(['--explain']), true), true);
  t.equal(onlyExplains(common(['--explain']), false), false);
  t.equal(onlyExplains(common(['--explain', '--output=x.exr']), true), false);
  t.equal(onlyExplains(common(['--dry-run', '--output=x.exr']), false), true);
});

t.test('sizes', async (t) => {
  t.equal(parseSize('512M'), 512 << 20);
  t.equal(parseSize('1.5g'), 1.5 * (1 << 30));
  t.equal(parseSize('64 KiB'), 64 << 10);
  t.equal(parseSize('100'), 100);
  for (const bad of ['', '0', '-1', 'M', '1T', '1e9', '9999999999999999G'])
    t.match(
      usage(() => parseSize(bad)),
      /is not a size/,
    );
});

t.test('suggestions', async (t) => {
  t.equal(suggest('--strip-prefx', ['--add-prefix', '--strip-prefix']), 'Did you mean --strip-prefix?');
  t.equal(suggest('nothing-like-it', ['a', 'b']), 'Known: a, b.');
});

t.test('reports', async (t) => {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text) > 0 };
  const reporter = new Reporter(stream);
  reporter.error(new ExrError('invalid', 'X', 'bad \u001b[31m name', { where: { file: 'a\nb.exr' } }));
  reporter.notice({ level: 'warning', code: 'W', message: 'careful' });
  t.strictSame(lines, ['exrpipe: a\\nb.exr: bad \\x1b[31m name\n', 'warning: careful\n']);
  lines.length = 0;
  const coloured = new Reporter({ ...stream, hasColors: () => true });
  coloured.notice({ level: 'note', code: 'N', message: 'done' });
  t.equal(lines[0], '\u001b[36mnote:\u001b[39m done\n');
  lines.length = 0;
  reporter.configure({ quiet: true });
  reporter.notice({ level: 'warning', code: 'W', message: 'careful' });
  t.strictSame(lines, []);
  reporter.configure({ strict: true, quiet: true });
  t.throws(() => reporter.notice({ level: 'warning', code: 'W', message: 'careful' }), { code: 'W', kind: 'invalid' });
  t.doesNotThrow(() => reporter.notice({ level: 'note', code: 'N', message: 'done' }));
});

t.test('columns', async (t) => {
  t.strictSame(
    alignColumns(
      [
        ['a', 'b'],
        ['long', ''],
        ['ü', 'x', 'y'],
      ],
      ' ',
    ),
    [' a     b', ' long', ' ü     x  y'],
  );
});

/** Compiled modules that a module imports when it is loaded, by their URLs; packages by their names. */
const entryTables = readTables(apiEntries(fileURLToPath(new URL('../../', import.meta.url))));

async function loadedWith(entry: URL, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(entry.href)) return found;
  found.add(entry.href);
  const code = await readFile(entry, 'utf8');
  // As in the bundle, where imports from the API's entries lead to the modules behind them.
  const tables = await entryTables;
  const text = tables.has(fileURLToPath(entry))
    ? code
    : withDirectImports(code, fileURLToPath(entry), tables).replaceAll('; import', ';\nimport');
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)) {
    if (name.startsWith('.')) await loadedWith(new URL(name, entry), found);
    else if (!name.startsWith('node:')) found.add(name);
  }
  return found;
}

t.test('info loads nothing that it does not need', async (t) => {
  const bin = new URL('../../bin/', import.meta.url);
  const found = new Set<string>();
  for (const module of ['exrpipe.js', 'commands/info.js', 'commands/info-text.js'])
    await loadedWith(new URL(module, bin), found);
  const own = [...found]
    .filter((name) => name.startsWith('file:'))
    .map((href) => href.slice(new URL('..', bin).href.length));
  const packages = [...found].filter((name) => !name.startsWith('file:'));
  t.ok(own.includes('lib/cryptomatte/describe.js'), 'the search finds what is there');
  t.strictSame(
    own.filter((name) =>
      /^(filters|lib\/(sequence|cryptomatte\/blend|jobs)|openexr-wasm)\/|^lib\/engine\/(?!option)|^lib\/node\/(?!read-header|file-bytes|input|program-files|side-file|paths)/.test(
        name,
      ),
    ),
    [],
  );
  t.strictSame(packages.sort(), ['murmurhash3js-revisited']);
  const filters = await loadedWith(new URL('../filters/index.js', bin));
  t.ok(
    [...filters].some((name) => name.endsWith('lib/node/streams.js')),
    'and follows what others do',
  );
});

t.test('completion', async (t) => {
  const complete = async (...words: string[]): Promise<readonly string[]> => (await candidates(words, commands)).words;
  t.ok((await complete('')).includes('rename'));
  t.ok((await complete('')).includes('info'));
  t.notOk((await complete('rename', 'then', '')).includes('info'), 'commands do not stand in chains');
  t.strictSame(await complete('compress', '--to', 'dw'), ['dwaa', 'dwab']);
  t.strictSame(await complete('--table', 'z'), ['zero'], 'common options work before the filter');
  t.strictSame(await complete('rename', '--map', ''), [], 'a value nobody can know');
  t.strictSame(await complete('rename', '--', '--m'), [], 'names of files');
  t.ok((await complete('farm-task', '1/2', '--frames', '1-9', '--', '')).includes('rename'), 'the command behind --');
  t.strictSame(await complete('farm-task', '1/2', '--', 'compress', '--to', 'dw'), ['dwaa', 'dwab']);
  t.strictSame(await complete('farm-task', '1/2', '--z'), ['--zero-based']);
  t.strictSame(await complete('no-such-filter', '--dry'), ['--dry-run']);
  t.strictSame(await complete('rename', '--add-prefix', '--map', 'th'), ['then'], 'a value is no option');
  t.strictSame(await complete('compress', '--to', '=', 'dw'), ['dwaa', 'dwab'], 'as bash takes it apart');
  t.strictSame(await complete('compress', '--to', '=', 'zip', 'th'), ['then']);
  t.ok((await complete('compress', '--to', '=')).includes('dwaa'));
});

t.test('completion of names of files', async (t) => {
  const files = async (...words: string[]): Promise<boolean> => (await candidates(words, commands)).files;
  const words = async (...given: string[]): Promise<readonly string[]> => (await candidates(given, commands)).words;
  for (const option of ['--from', '--sidecar', '--names', '--blend', '--output', '-o', '--report'])
    t.equal(await files('inject-manifest', option, ''), true, option);
  for (const option of ['--donor-layer', '--layer', '--level', '--memory', '--frames', '--table'])
    t.equal(await files('inject-manifest', option, ''), false, option);
  t.equal(await files('compress', '--to=x'), false);
  t.equal(await files('copy-attributes', '--from=x'), true);
  t.equal(await files('repair', '--sidecar-out', ''), false, 'a pattern is no file that is there');
  t.strictSame(await words('rename', '--preset', ''), ['blender', 'nuke', 'arnold', 'fusion', 'viewers']);
  t.strictSame(await words('rename', '--from-preset=n'), ['--from-preset=nuke']);
  t.equal(await files('rename', '--preset', ''), true, 'a preset is a name or a file');
  t.equal(await files('rename', ''), true, 'an input');
  t.equal(await files('drop-attribute', ''), true, 'an input may come after an argument');
  t.equal(await files('rename', '--', '--m'), true);
  t.equal(await files(''), false, 'a filter or a command');
  t.equal(await files('rename', 'then', ''), false, 'a filter');
  t.equal(await files('rename', '--m'), false, 'an option');
  t.equal(await files('completion', ''), false);
  t.equal(await files('info', ''), true);
});

t.test('pipeline files', async (t) => {
  const read = (text: string): unknown =>
    parsePipeline(text, 'p.yaml')
      .steps(filters)
      .map(({ options }) =>
        Object.fromEntries(
          Object.entries(options).filter(
            ([, value]) => value !== false && !(Array.isArray(value) && value.length === 0),
          ),
        ),
      );
  t.strictSame(read('pipeline: [probe]'), [{}]);
  t.strictSame(read('pipeline:\n  - probe:\n  - probe: {}'), [{}, {}]);
  t.strictSame(read('pipeline:\n  - probe: { some-text: 001, many: no, count: 1e3, no-check: true }'), [
    { someText: '001', many: ['no'], count: 1000, noCheck: true },
  ]);
  t.strictSame(read('pipeline:\n  - probe: &a { someText: x }\n  - probe: *a'), [{ someText: 'x' }, { someText: 'x' }]);
  t.strictSame(read('pipeline:\n  - probe: { rest: [a, b], many: [c] }'), [{ rest: ['a', 'b'], many: ['c'] }]);
  const where = (text: string): string | undefined => {
    try {
      read(text);
    } catch (error) {
      if (isExrError(error) && error.kind === 'usage') return error.where.file;
      throw error;
    }
    return undefined;
  };
  t.equal(where(''), 'p.yaml:1');
  t.equal(where('pipeline: []'), 'p.yaml:1');
  t.equal(where('pipeline:\n  - probe:\n      many: { a: b }'), 'p.yaml:3');
  t.equal(where('pipeline:\n  - probe:\n      some-text: [a]'), 'p.yaml:3');
  t.equal(where('pipeline:\n  - probe:\n      no-check: perhaps'), 'p.yaml:2');
  t.equal(where('pipeline:\n  - probe:\n      someText: a\n      some-text: b'), 'p.yaml:4');
  t.equal(where('pipeline:\n  - probe: text'), 'p.yaml:2');
  t.equal(where('pipeline:\n  - [probe]'), 'p.yaml:2');
  t.equal(where('pipeline:\n  - probe: {}\n---\n'), 'p.yaml:3');
});
