/** What the library says names functions and options: the command line translates (lib/model/advice.ts). */
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import t from 'tap';
import { rooms } from '../../scripts/layers/rules.js';
import { readSources } from '../../scripts/layers/sources.js';

/** Texts that are of the command line, and why. */
const exceptions: readonly { readonly files: RegExp; readonly lines: RegExp; readonly why: string }[] = [
  {
    files: /^filters\//,
    lines: /^(?:\{ )?(summary|what|command): /,
    why: 'the definition of a filter is the source of its help',
  },
  {
    files: /^lib\/cryptomatte\/(rules\/.*|validate)\.ts$/,
    lines: /./,
    why: 'the `command` of a finding is a command line by contract (docs/json.md)',
  },
  { files: /^lib\/farm\//, lines: /./, why: 'a farm runs command lines: to write them is what these modules are for' },
  { files: /^lib\/node\/kernels\.ts$/, lines: /--disable-wasm-trap-handler/, why: 'an option of Node' },
];

/** Lines without comments that hold an option as it is typed. */
async function linesWithOptions(source: string): Promise<string[]> {
  const { code } = await transform(source, { loader: 'ts', charset: 'utf8' });
  return withoutDescriptions(code)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /(?<![\w-])--[a-z]/.test(line));
}

/** A filter's description is a list of texts, printed as a list of lines. */
function withoutDescriptions(code: string): string {
  return code.replace(/^ {2}description: (\[$.*?^ {2}\]|.*?,$)/gms, '');
}

t.test('no option of the command line in what lib and filters say', async (t) => {
  const sources = await readSources(fileURLToPath(new URL('../../../', import.meta.url)), rooms);
  const files = Object.keys(sources).filter((file) => /^(lib|filters)\//.test(file));
  const found = await Promise.all(
    files.map(async (file) => (await linesWithOptions(sources[file] ?? '')).map((line) => ({ file, line }))),
  );
  const excused = new Set<string>();
  const left = found.flat().filter(({ file, line }) => {
    const own = exceptions.filter(({ files: these, lines }) => these.test(file) && lines.test(line));
    for (const { why } of own) excused.add(why);
    return own.length === 0;
  });
  t.same(
    left.map(({ file, line }) => `${file}: ${line}`),
    [],
    'use advise, stepOf and optionNamed',
  );
  t.same(
    exceptions.filter(({ why }) => !excused.has(why)),
    [],
    'no exception has become needless',
  );
});
