/**
 * Runs damaged and hostile files through the program: `npm run check:damaged -- CORPUS EXR-DIGEST [--all] [--write] [--mutations N]`. CORPUS is
 * the folder with `damaged` and `openexr35/damaged`, beside which lies `cases/hostile`; EXR-DIGEST prints what the reference
 * library reads. A sample, about a minute, without --all; of the mutations every one with --all, or each N-th. --write writes the
 * table of docs/damaged.md.
 *
 *   every file by every command: exit code 0 to 3, one clear line for an error, no file left after one, and of an output
 *     OpenEXR reads just what it reads of the input
 *   four small files cut off at every byte, and with every bit of their headers and tables flipped: the same, in one process
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Measured, measure } from './damaged/measured.js';
import { flips, type Mutation, smallFiles, truncations, tryAll } from './damaged/mutations.js';
import { compare, isFault, pixelsOf, type Verdict } from './damaged/reference.js';
import { code, prose, table } from './markdown.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    mutations: { type: 'string' },
  },
});
const [corpus, digestProgram = ''] = positionals;
if (corpus === undefined || digestProgram === '') {
  console.error('usage: check-damaged CORPUS EXR-DIGEST [--all] [--write]');
  process.exit(2);
}

/** Of a sample each so many-th. */
const fileStep = values.all ? 1 : 8;
const mutationStep = Number(values.mutations ?? (values.all ? 1 : 1009));

interface Trial {
  readonly name: string;
  readonly words: (file: string, out: string) => readonly string[];
  /** The file is piped in. */
  readonly piped?: boolean;
  /** Writes no image. */
  readonly looks?: boolean;
}

const trials: readonly Trial[] = [
  { name: 'info', words: (file) => ['info', file], looks: true },
  { name: 'validate --pixels', words: (file) => ['validate', '--pixels', file], looks: true },
  {
    name: "pick --channel '*' (a pipe)",
    words: (_, out) => ['pick', '--channel', '*', '-o', join(out, 'o.exr')],
    piped: true,
  },
  {
    name: 'split --by layer',
    words: (file, out) => ['split', '--by', 'layer', file, '-o', join(out, '{part}_{layer}.exr')],
  },
  { name: 'compress --to zips', words: (file, out) => ['compress', '--to', 'zips', file, '-o', join(out, 'o.exr')] },
  { name: 'merge', words: (file, out) => ['merge', file, '-o', join(out, 'o.exr')] },
  { name: 'matte', words: (file, out) => ['matte', '--name', 'a', file, '-o', join(out, 'o.exr')] },
];

interface Row {
  runs: number;
  readonly codes: Map<string, number>;
  readonly verdicts: Map<Verdict, number>;
  slowest: { seconds: number; file: string };
  largest: { megabytes: number; file: string };
}

const faults: string[] = [];
const rows = new Map(trials.map((trial) => [trial, newRow()]));

function newRow(): Row {
  return {
    runs: 0,
    codes: new Map(),
    verdicts: new Map(),
    slowest: { seconds: 0, file: '' },
    largest: { megabytes: 0, file: '' },
  };
}

async function listFiles(root: string): Promise<string[]> {
  const folders = [join(root, 'damaged'), join(root, 'openexr35/damaged'), join(root, '../cases/hostile')];
  const found = await Promise.all(
    folders.map(async (one) =>
      (await readdir(one)).filter((name) => !name.endsWith('.md')).map((name) => join(one, name)),
    ),
  );
  return found.flat();
}

async function tryFile(file: string, out: string): Promise<void> {
  const before = await pixelsOf(digestProgram, file);
  for (const trial of trials) {
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    const measured = await measure(trial.words(file, out), trial.piped ? file : undefined);
    const written = (await readdir(out)).map((name) => join(out, name));
    const row = rows.get(trial) as Row;
    count(row, file, measured);
    const where = `${trial.name}: ${shortName(file)}`;
    for (const complaint of complaints(trial, measured, written)) faults.push(`${where}: ${complaint}`);
    if (trial.looks || measured.code !== 0) continue;
    const read = await Promise.all(written.map((path) => pixelsOf(digestProgram, path)));
    const after = read.every((lines) => lines !== undefined) ? read.flat() : undefined;
    const verdict = compare(before, after as string[] | undefined);
    row.verdicts.set(verdict, (row.verdicts.get(verdict) ?? 0) + 1);
    if (isFault(verdict)) faults.push(`${where}: ${verdict}`);
  }
}

function count(row: Row, file: string, { code: exit, seconds, megabytes }: Measured): void {
  const name = exit === undefined ? 'killed' : String(exit);
  row.runs += 1;
  row.codes.set(name, (row.codes.get(name) ?? 0) + 1);
  if (seconds > row.slowest.seconds) row.slowest = { seconds, file };
  if (megabytes > row.largest.megabytes) row.largest = { megabytes, file };
}

/** Letters that a person reads of a message. */
const longestLine = 1000;

function* complaints(
  { looks }: Trial,
  { code: exit, stderr }: Measured,
  written: readonly string[],
): Generator<string> {
  if (exit === undefined || exit > 3) yield `exit code ${exit}`;
  const lines = stderr.split('\n').filter((line) => line !== '');
  const errors = lines.filter((line) => line.startsWith('exrpipe:'));
  const others = lines.filter((line) => !/^(?:exrpipe|warning|note): /.test(line));
  if (others.length > 0) yield `says "${others[0]}"`;
  // What validate finds is on stdout.
  if (exit !== 0 && errors.length !== 1 && !looks) yield `${errors.length} error lines`;
  if (exit === 0 && errors.length > 0) yield 'an error, and exit code 0';
  const long = lines.find((line) => line.length > longestLine);
  if (long !== undefined) yield `a line of ${long.length} letters`;
  if (exit !== 0 && written.length > 0) yield `left ${written.length} files`;
}

interface Mutated {
  readonly files: readonly string[];
  mutations: number;
  outputs: number;
  compared: Map<Verdict, number>;
}

async function tryMutations(scratch: string): Promise<Mutated> {
  const files = await smallFiles();
  const found: Mutated = { files: [...files.keys()], mutations: 0, outputs: 0, compared: new Map() };
  for (const [name, bytes] of files) {
    let at = 0;
    for (const mutation of both(bytes)) {
      if (at++ % mutationStep !== 0) continue;
      found.mutations += 1;
      if (found.mutations % 10_000 === 0) console.log(`${found.mutations} mutations`);
      await tryMutation(name, mutation, scratch, found);
    }
  }
  return found;
}

function* both(bytes: Uint8Array): Generator<Mutation> {
  yield* truncations(bytes);
  yield* flips(bytes);
}

async function tryMutation(name: string, mutation: Mutation, scratch: string, found: Mutated): Promise<void> {
  const where = `${name}, ${mutation.name}`;
  try {
    const outputs = (await tryAll(mutation.bytes)).filter(({ output }) => output !== undefined);
    found.outputs += outputs.length;
    if (outputs.length === 0) return;
    const before = await pixelsIn(mutation.bytes, scratch);
    for (const { way, output } of outputs) {
      const verdict = compare(before, await pixelsIn(output as Uint8Array, scratch));
      found.compared.set(verdict, (found.compared.get(verdict) ?? 0) + 1);
      if (isFault(verdict)) faults.push(`${where}, ${way}: ${verdict}`);
    }
  } catch (error) {
    faults.push(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

/** What the reference library has read, by the digest of the file: most outputs of a mutation are the same bytes. */
const known = new Map<string, string[] | undefined>();

async function pixelsIn(bytes: Uint8Array, scratch: string): Promise<string[] | undefined> {
  const key = createHash('sha256').update(bytes).digest('hex');
  if (known.has(key)) return known.get(key);
  await writeFile(scratch, bytes);
  const pixels = await pixelsOf(digestProgram, scratch);
  known.set(key, pixels);
  return pixels;
}

function shortName(file: string): string {
  const name = file.split('/').slice(-2).join('/');
  return name.length > 60 ? `${name.slice(0, 40)}…${name.slice(-19)}` : name;
}

function listCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, number]) => `${what}: ${number}`)
    .join(', ');
}

function report(files: number, { mutations, outputs, compared }: Mutated): void {
  for (const [{ name }, { runs, codes, verdicts, slowest, largest }] of rows)
    console.log(
      `${name}: ${runs} runs; exit ${listCounts(codes)}; ${listCounts(verdicts)}; at most ${slowest.seconds.toFixed(1)} s (${shortName(slowest.file)}), ${largest.megabytes.toFixed(0)} MB (${shortName(largest.file)})`,
    );
  console.log(
    `${files} files; ${mutations} mutations, ${outputs} outputs: ${listCounts(compared)}; ${faults.length} faults`,
  );
}

async function writePage(files: number, { files: small, mutations, outputs, compared }: Mutated): Promise<void> {
  const head = ['command', 'exit codes', 'what OpenEXR reads of the output', 'most time', 'most memory'];
  const lines = [...rows].map(([{ name }, { codes, verdicts, slowest, largest }]) => [
    code(name),
    listCounts(codes),
    listCounts(verdicts),
    `${slowest.seconds.toFixed(1)} s, ${prose(shortName(slowest.file))}`,
    `${largest.megabytes.toFixed(0)} MB, ${prose(shortName(largest.file))}`,
  ]);
  const text = `# Damaged and hostile files

How exrpipe handles broken files: those from OpenEXR's own fuzzing, files that claim more than they hold, and files that failed
here before. Written by \`npm run check:damaged -- CORPUS EXR-DIGEST --all --write\`.

Every run ends with exit code 0 to 3, an error is one line, and after an error no file is left. OpenEXR reads exactly the
same from an output as from the input (\`same\`), or refuses both. \`input refused\` counts files that OpenEXR rejects and exrpipe finds
complete: their offset tables are wrong but all chunks exist, or the damage is in something that was dropped. Times are processor times, all
threads together.

${files} files, each with every command:

${table(head, lines)}
${small.map(code).join(', ')}, cut off at every byte and with every bit of their headers and offset tables flipped${mutationStep === 1 ? '' : `, of these one in ${mutationStep}`}: ${mutations} files, each copied
as a file and through a pipe, and recompressed. ${outputs} outputs (${listCounts(compared)}), all others are errors; no crash, no hang,
and no error without a code.
`;
  await writeFile(fileURLToPath(new URL('../../docs/damaged.md', import.meta.url)), text);
}

const folder = await mkdtemp(join(tmpdir(), 'exrpipe-damaged-'));
try {
  const files = (await listFiles(corpus)).filter((_, at) => at % fileStep === 0);
  let next = 0;
  // Two at a time, each with a folder of its own.
  await Promise.all(
    [0, 1].map(async (lane) => {
      while (next < files.length) await tryFile(files[next++] as string, join(folder, String(lane)));
    }),
  );
  const mutated = await tryMutations(join(folder, 'mutated.exr'));
  report(files.length, mutated);
  if (values.write) await writePage(files.length, mutated);
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(`fault: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
