/**
 * Lets programs that know nothing of layers open what exrpipe writes: `npm run check:readers -- PYTHON [--corpus FOLDER] [--write]`.
 * PYTHON is a Python with some of opencv-python-headless, OpenEXR, imageio-ffmpeg and numpy; three.js and Debian's exrheader
 * (OpenEXR 3.1) and oiiotool are asked too where they are there. Fails where a reader refuses what it opened before, or any file of
 * `split --for viewers`, or shows a different image than the reference library. --write puts the table into docs/viewers.md. The files
 * are those of test/fixtures without --corpus. Takes a few minutes.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { table } from './markdown.js';
import { type Seen, sameImage } from './readers/seen.js';
import { seenByThree } from './readers/three.js';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const program = at('dist/cli/bin/exrpipe.js');
const page = at('docs/viewers.md');
const reference = 'OpenEXR 3.5 (Python)';
/** Files at most, spread over the folder. */
const mostFiles = 16;
/** What no reader but the newest has, or is broken on purpose; of sub-sampled colour each reader has its own idea. */
const passedOver = /damaged|lj2k|htj2k|zstd|deep|blend\/|fuzz|seen-by|subsampled/;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, corpus: { type: 'string' } },
});
const [python] = positionals;
if (python === undefined) {
  console.error('usage: check-readers PYTHON [--corpus FOLDER] [--write]');
  process.exit(2);
}

/** What is done to each file; a folder of files may result. */
const kinds: readonly { readonly name: string; readonly words: readonly string[]; readonly many?: boolean }[] = [
  { name: 'header edit', words: ['set-attribute', 'comments=tried'] },
  { name: '`compress --to zip`', words: ['compress', '--to', 'zip'] },
  { name: '`split --for viewers`', words: ['split', '--for', 'viewers'], many: true },
];

const folder = await mkdtemp(join(tmpdir(), 'exrpipe-readers-'));
try {
  process.exitCode = await check(resolve(values.corpus ?? at('test/fixtures')));
} finally {
  await rm(folder, { recursive: true });
}

interface Made {
  readonly kind: string;
  readonly input: string;
  readonly file: string;
}

async function check(corpus: string): Promise<number> {
  const all = (await readdir(corpus, { recursive: true }))
    .filter((name) => extname(name) === '.exr' && !passedOver.test(name))
    .toSorted();
  const step = Math.max(1, all.length / mostFiles);
  const chosen = all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const made: Made[] = [];
  for (const [number, name] of chosen.entries()) made.push(...(await makeAll(join(corpus, name), String(number))));
  const seen = await look(made.map(({ file }) => file));
  return judge(made, seen);
}

/** The file itself and what comes of it; nothing where exrpipe refuses it. */
async function makeAll(input: string, number: string): Promise<Made[]> {
  const made: Made[] = [{ kind: 'untouched', input, file: input }];
  for (const [at, { name: kind, words, many = false }] of kinds.entries()) {
    const own = join(folder, `${number}-${at}`);
    const output = many ? join(own, '{layer}.exr') : `${own}.exr`;
    const done = await run('node', [program, ...words, '--quiet', input, '-o', output]).then(
      () => true,
      () => false,
    );
    if (!done) continue;
    const files = many ? (await readdir(own)).map((name) => join(own, name)) : [output];
    made.push(...files.map((file) => ({ kind, input, file })));
  }
  return made;
}

async function look(files: readonly string[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const file of files) seen.push(await seenByThree(file));
  for (const [reader, command, words] of [
    ['OpenEXR 3.1 (exrheader)', 'exrheader', []],
    ['OpenImageIO (oiiotool)', 'oiiotool', ['--hash', '--info']],
  ] as const) {
    if (!(await opens('which', [command]))) continue;
    for (const file of files)
      seen.push({ reader, file, state: (await opens(command, [...words, file])) ? 'ok' : 'refused' });
  }
  const child = spawn(python as string, [at('scripts/readers/readers.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(files.join('\n'));
  let text = '';
  for await (const piece of child.stdout) text += piece;
  for (const line of text.split('\n')) if (line !== '') seen.push(JSON.parse(line) as Seen);
  return seen;
}

function opens(command: string, words: readonly string[]): Promise<boolean> {
  return run(command, words, { timeout: 120_000 }).then(
    () => true,
    () => false,
  );
}

async function judge(made: readonly Made[], seen: readonly Seen[]): Promise<number> {
  const found = new Map(seen.map((one) => [`${one.reader}\n${one.file}`, one]));
  const readers = [...new Set(seen.map(({ reader }) => reader))];
  const names = ['untouched', ...kinds.map(({ name }) => name)];
  const failures: string[] = [];
  const rows = readers.map((reader) => {
    const state = (file: string): Seen => found.get(`${reader}\n${file}`) ?? { reader, file, state: 'refused' };
    return [
      reader,
      ...names.map((kind) => {
        const own = made.filter((one) => one.kind === kind);
        let opened = 0;
        let wrong = 0;
        for (const { input, file } of own) {
          const now = state(file);
          const label = `${reader}: ${basename(input)}, ${kind}, ${basename(file)}`;
          if (now.state === 'ok') opened += 1;
          else if (kind === kinds.at(-1)?.name || state(input).state === 'ok')
            failures.push(`${label}: ${now.why ?? 'refused'}`);
          const truth = found.get(`${reference}\n${file}`);
          if (kind !== kinds.at(-1)?.name || now.state !== 'ok' || !now.mean || truth?.state !== 'ok') continue;
          if (sameImage(now, truth)) continue;
          wrong += 1;
          failures.push(`${label}: ${now.mean} instead of ${truth.mean}`);
        }
        return `${opened} of ${own.length}${wrong > 0 ? `, ${wrong} wrong` : ''}`;
      }),
    ];
  });
  const text = table(['reader', ...names], rows);
  console.log(text);
  for (const failure of failures) console.log(failure);
  if (values.write) await writeTable(text);
  console.log(`${made.length} files, ${readers.length} readers, ${failures.length} failures`);
  return failures.length > 0 ? 1 : 0;
}

async function writeTable(text: string): Promise<void> {
  const [before, , after] = (await readFile(page, 'utf8')).split(/<!-- (?:readers: .*|end of readers) -->\n/);
  await writeFile(
    page,
    `${before}<!-- readers: written by \`npm run check:readers -- PYTHON --write\` -->\n\n${text}\n<!-- end of readers -->\n${after}`,
  );
}
