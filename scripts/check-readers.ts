/**
 * Lets programs that know nothing of layers open what exrpipe writes: `npm run check:readers [-- --python PYTHON] [--corpus FOLDER] [--files N]
 * [--write]`. Some files of the corpus (by default the fixtures of the tests) are edited in their headers, stored anew, and split for
 * viewers; each reader opens each of them. A reader must open every file whose original it opens and see what it sees there, and must open
 * what was made for viewers and see what the reference library sees. --write writes the table of docs/viewers.md.
 *
 * Packages of npm and of Python are installed into a temporary folder (those of Python unless PYTHON has them). Programs that are not installed are left out.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { table } from './markdown.js';
import { javaScriptReaders, seenByJavaScript } from './readers/javascript.js';
import { seenByPrograms } from './readers/programs.js';
import { installPython, seenByPython } from './readers/python.js';
import { type Seen, sameImage } from './readers/seen.js';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const program = at('dist/cli/bin/exrpipe.js');
const page = at('docs/viewers.md');
const reference = 'OpenEXR 3.5 (Python)';
/** What no reader but the newest has, or is broken on purpose; of sub-sampled colour each reader has its own idea. */
const passedOver = /damaged|lj2k|htj2k|zstd|deep|blend\/|fuzz|seen-by|subsampled/;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    corpus: { type: 'string', default: at('test/fixtures') },
    files: { type: 'string', default: '16' },
    write: { type: 'boolean' },
  },
});

/** What is done to a file. */
interface Kind {
  readonly name: string;
  readonly words: readonly string[];
  /** Whether a folder of files results, made for viewers: each must be opened. */
  readonly forViewers?: boolean;
  /** Whether pixels change, so that they are not compared. */
  readonly loses?: boolean;
  /** What has the reference library do the same: readers that refuse its file as well have a limit of their own. */
  readonly library?: readonly string[];
}

const untouched = 'untouched';
const kinds: readonly Kind[] = [
  { name: 'header edit', words: ['set-attribute', 'comments=tried'] },
  { name: '`compress --to zip`', words: ['compress', '--to', 'zip'] },
  {
    name: '`compress --to dwaa`',
    words: ['compress', '--to', 'dwaa', '--allow-lossy'],
    loses: true,
    library: ['--compression', 'dwaa'],
  },
  { name: '`split --for viewers`', words: ['split', '--for', 'viewers'], forViewers: true },
];

interface Made {
  readonly kind: Kind | undefined;
  readonly input: string;
  readonly file: string;
  /** The same by the reference library. */
  readonly librarys?: string;
}

const folder = await mkdtemp(join(tmpdir(), 'exrpipe-readers-'));
try {
  const python = values.python ?? (await installPython(join(folder, 'python')));
  process.exitCode = await check(resolve(values.corpus), python);
} finally {
  await rm(folder, { recursive: true });
}

async function check(corpus: string, python: string): Promise<number> {
  const made: Made[] = [];
  for (const [number, name] of (await chosenFiles(corpus)).entries())
    made.push(...(await makeAll(join(corpus, name), String(number))));
  const files = made.flatMap(({ file, librarys = [] }) => [file, librarys].flat());
  const seen: Seen[] = [];
  const inJavaScript = await javaScriptReaders(join(folder, 'javascript'));
  for (const file of files) seen.push(...(await seenByJavaScript(inJavaScript, file)));
  seen.push(...(await seenByPrograms(files)), ...(await seenByPython(python, files)));
  return judge(made, seen);
}

/** So many files, spread over the folder. */
async function chosenFiles(corpus: string): Promise<string[]> {
  const all = (await readdir(corpus, { recursive: true }))
    .filter((name) => extname(name) === '.exr' && !passedOver.test(name))
    .toSorted();
  const step = Math.max(1, all.length / Number(values.files));
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

/** The file itself and what comes of it; nothing where exrpipe refuses it. */
async function makeAll(input: string, number: string): Promise<Made[]> {
  const made: Made[] = [{ kind: undefined, input, file: input }];
  for (const [place, kind] of kinds.entries()) {
    const own = join(folder, `${number}-${place}`);
    const output = kind.forViewers ? join(own, '{layer}.exr') : `${own}.exr`;
    if (!(await succeeds('node', [program, ...kind.words, '--quiet', input, '-o', output]))) continue;
    const files = kind.forViewers ? (await readdir(own)).map((name) => join(own, name)) : [output];
    const librarys = `${own}.library.exr`;
    const isThere = kind.library && (await succeeds('oiiotool', [input, ...kind.library, '-o', librarys]));
    made.push(...files.map((file) => ({ kind, input, file, ...(isThere && { librarys }) })));
  }
  return made;
}

function succeeds(command: string, words: readonly string[]): Promise<boolean> {
  return run(command, words).then(
    () => true,
    () => false,
  );
}

async function judge(made: readonly Made[], seen: readonly Seen[]): Promise<number> {
  const found = new Map(seen.map((one) => [`${one.reader}\n${one.file}`, one]));
  const readers = [...new Set(seen.map(({ reader }) => reader))];
  if (!readers.includes(reference))
    throw new Error(`${reference} is not there, and it is what all others are judged by`);
  const look = (reader: string, file: string): Seen =>
    found.get(`${reader}\n${file}`) ?? { reader, file, state: 'refused', why: 'it said nothing' };
  const failures: string[] = [];
  const rows = readers.map((reader) => [
    reader,
    ...[undefined, ...kinds].map((kind) => {
      const own = made.filter((one) => one.kind === kind);
      for (const one of own) {
        const trouble = troubleWith(one, reader, look);
        const name = `${basename(one.input)}, ${kind?.name ?? untouched}, ${basename(one.file)}`;
        if (trouble !== undefined) failures.push(`${reader}: ${name}: ${trouble}`);
      }
      const opened = own.filter(({ file }) => look(reader, file).state === 'ok');
      return `${opened.length} of ${own.length}`;
    }),
  ]);
  const text = table(['reader', untouched, ...kinds.map(({ name }) => name)], rows);
  console.log(text);
  for (const failure of failures) console.log(failure);
  if (values.write) await writeTable(text);
  console.log(`${made.length} files, ${readers.length} readers, ${failures.length} failures`);
  return failures.length > 0 ? 1 : 0;
}

/** What is wrong with a file in a reader: it is refused where that is a fault of ours, or its pixels are others than expected. */
function troubleWith(
  { kind, input, file, librarys }: Made,
  reader: string,
  look: (reader: string, file: string) => Seen,
): string | undefined {
  if (!kind) return undefined;
  const [before, now] = [look(reader, input), look(reader, file)];
  if (now.state === 'refused') {
    const isLimit = kind.library && (librarys === undefined || look(reader, librarys).state === 'refused');
    return kind.forViewers || (before.state === 'ok' && !isLimit) ? `refused: ${now.why ?? ''}` : undefined;
  }
  const expected = kind.forViewers ? look(reference, file) : before;
  // Some readers are wrong about the original, and right about what was made of it.
  const isWrongBefore = !kind.forViewers && sameImage(before, look(reference, input)) === false;
  if (kind.loses || expected.state === 'refused' || isWrongBefore || sameImage(now, expected) !== false)
    return undefined;
  return `${now.mean ?? now.shown} instead of ${expected.mean ?? expected.shown}`;
}

async function writeTable(text: string): Promise<void> {
  const [before, , after] = (await readFile(page, 'utf8')).split(/<!-- (?:readers: .*|end of readers) -->\n/);
  await writeFile(
    page,
    `${before}<!-- readers: written by \`npm run check:readers -- --write\` -->\n\n${text}\n<!-- end of readers -->\n${after}`,
  );
}
