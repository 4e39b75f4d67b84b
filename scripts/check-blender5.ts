/**
 * Tries every command on frames of Blender 5.3 and 4.5 and lets Blender's own Cryptomatte node judge what comes of them:
 * `npm run check:blender5 -- CORPUS BLENDER EXR-DIGEST [--all] [--write]`. CORPUS is a folder with a README whose table lists
 * which frames work in Blender, BLENDER a folder with Blender and the judge's Python in it, EXR-DIGEST a program of the
 * reference library that prints a digest of every channel. scripts/blender5/trials.ts lists the trials and the expected results.
 *
 * Without --all only a sample is tried. With --all the result must match docs/blender5-trials.md; --write writes it.
 * --only TEXT does the trials whose file and command line hold it. Fails where a trial that ought to be right is not.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Frame, frameOf, type Pieces } from './blender5/frame.js';
import { lineOf, pageOf, type Result, tally } from './blender5/page.js';
import { type Ended, each, look, run } from './blender5/programs.js';
import type { Seen } from './blender5/reading.js';
import { donors, sample, type Trial, trials, unrounded } from './blender5/trials.js';
import { advice, judge } from './blender5/verdict.js';
import { piecesIn, wordsOf } from './blender5/words.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, all: { type: 'boolean' }, only: { type: 'string' } },
});
const [corpus, folder, digest] = positionals.map((path) => resolve(path));
if (corpus === undefined || folder === undefined || digest === undefined) {
  console.error('usage: check-blender5 CORPUS BLENDER EXR-DIGEST [--all] [--write] [--only TEXT]');
  process.exit(2);
}
const programs = { folder, digest };
const at = (file: string): string => join(corpus, file);
const cli = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const page = fileURLToPath(new URL('../../docs/blender5-trials.md', import.meta.url));
/** What is slower on frames this small hangs. */
const promptly = 60_000;
/** To a loss for the second time: colours are another matter than IDs. */
const consent = '--allow-lossy';
/** Commands before their outputs are judged and thrown away: what a small disk holds. */
const wave = 300;

interface Job {
  readonly trial: Trial;
  readonly frame: Frame;
  readonly folder: string;
}

/** A job after its commands. */
interface Done extends Job {
  readonly ended: Ended;
  readonly advised: readonly Ended[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The table in the corpus's README: file name first, column b saying whether the Cryptomatte works in Blender. */
async function readVerdicts(): Promise<Map<string, string>> {
  const lines = (await readFile(at('README.md'), 'utf8')).split('\n');
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, file, , , , , b] = line.split('|').map((cell) => cell.trim());
      return file?.endsWith('.exr') && b !== undefined ? [[file, b]] : [];
    }),
  );
}

/** Frames rendered in that working space are judged in a scene of it, where they are right. */
const isAcescg = (path: string): boolean => path.includes('/workspace/');

async function exrsIn(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => name.endsWith('.exr'))
    .toSorted()
    .map((name) => join(path, name));
}

const linesOf = ({ run }: Trial): readonly string[] => (typeof run === 'string' ? [run] : run);

function fits(trial: Trial, frame: Frame): boolean {
  const pieces = linesOf(trial).flatMap(piecesIn);
  return trial.on(frame) && pieces.every((key) => key === 'prev' || frame.pieces[key as keyof Pieces] !== undefined);
}

const isAsked = (trial: Trial, frame: Frame): boolean =>
  (values.all === true || trial.always === true || sample.includes(frame.file)) &&
  (values.only === undefined || `${frame.file} ${lineOf(trial)}`.includes(values.only));

const exrpipe = (args: readonly string[], cwd: string): Promise<Ended> =>
  run(process.execPath, [cli, ...args], promptly, cwd);

/** Runs a job's commands, and where the last one refuses, what it advises. */
async function work(job: Job): Promise<Done> {
  const { trial, frame } = job;
  const donor = donors.find(([start]) => frame.file.startsWith(start))?.[1] ?? frame.file;
  const inputs = [at(frame.file)];
  let previous: string[] = [];
  let ended: Ended = { code: 0, stdout: '', stderr: '' };
  let advised: Ended[] = [];
  for (const [i, line] of linesOf(trial).entries()) {
    const own = join(job.folder, String(i));
    await mkdir(own, { recursive: true });
    const whole = {
      IN: [at(frame.file)],
      OUT: [join(own, 'out.exr')],
      PARTS: [join(own, '{layer}.exr')],
      PREV: previous,
      DONOR: [at(donor)],
    };
    const pieces = { ...frame.pieces, prev: join(job.folder, String(i - 1)) };
    const words = wordsOf(line, whole, pieces).map((word) => word.replace(/^CORPUS/, corpus as string));
    inputs.push(...siblingsIn(words, inputs));
    ended = await exrpipe(words, own);
    previous = await exrsIn(own);
    if (ended.code === 0) continue;
    advised = trial.lossy
      ? await each(advice(ended.stderr), (command) =>
          exrpipe([...wordsOf(command, {}, {}), 'then', ...words.slice(0, -1), join(own, 'advised.exr'), consent], own),
        )
      : [];
    break;
  }
  return { ...job, ended, advised, inputs, outputs: ended.code === 0 ? previous : [] };
}

/** Files of the corpus that a command reads beside the frame's, but for those that an option names. */
function siblingsIn(words: readonly string[], inputs: readonly string[]): string[] {
  return words.filter(
    (word, i) =>
      word.startsWith(corpus as string) &&
      word.endsWith('.exr') &&
      !inputs.includes(word) &&
      !words[i - 1]?.startsWith('-'),
  );
}

async function judgeWave(done: readonly Done[], sources: ReadonlyMap<string, Seen>): Promise<Result[]> {
  const acescg = new Set(
    done.filter(({ trial, frame }) => isAcescg(frame.file) && !trial.everywhere).flatMap(({ outputs }) => outputs),
  );
  const htj2k = new Set(done.flatMap(({ frame, outputs }) => (frame.htj2k ? outputs : [])));
  const seen = await look(
    programs,
    done.flatMap(({ outputs }) => outputs),
    (path) => acescg.has(path),
    (path) => htj2k.has(path),
  );
  const find = (from: ReadonlyMap<string, Seen>, path: string): Seen => from.get(path) as Seen;
  return done.map(({ trial, frame, ended, advised, inputs, outputs }) => {
    const before = unrounded[frame.file];
    const outcome = {
      ended,
      advised,
      sources: inputs.map((path) => find(sources, path)),
      outputs: outputs.map((path) => find(seen, path)),
      whole: before === undefined ? undefined : find(sources, at(before)),
    };
    return { trial, file: frame.file, ...judge(trial, frame, outcome) };
  });
}

const start = performance.now();
const verdicts = await readVerdicts();
const files = [...verdicts.keys()].toSorted();
const sources = await look(programs, files.map(at), isAcescg);
const problems: string[] = [];
const frames = files.map((file) => frameOf(file, verdicts.get(file) as string, sources.get(at(file)) as Seen));
const jobs = trials.flatMap((trial) =>
  frames.filter((frame) => fits(trial, frame) && isAsked(trial, frame)).map((frame) => ({ trial, frame })),
);
const results: Result[] = [];
const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-blender5-'));
try {
  for (let from = 0; from < jobs.length; from += wave) {
    const batch = jobs.slice(from, from + wave).map((job, i) => ({ ...job, folder: join(scratch, String(from + i)) }));
    results.push(...(await judgeWave(await each(batch, work), sources)));
    for (const { folder } of batch) await rm(folder, { recursive: true, force: true });
    console.error(`${results.length} of ${jobs.length} trials, ${Math.round((performance.now() - start) / 1000)} s`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

for (const { file, trial, outcome, why } of results) console.log([outcome, file, lineOf(trial), why].join('\t'));
for (const [fault, { right, all }] of tally(results)) console.log(`${fault}: ${right} of ${all} right`);
const bad = results.filter(({ outcome }) => outcome !== 'right').length;
console.log(`${results.length} trials on ${files.length} files: ${results.length - bad} right, ${bad} not`);
if (values.all && values.only === undefined) {
  const text = pageOf(results, files.length);
  if (values.write) await writeFile(page, text);
  else if ((await readFile(page, 'utf8').catch(() => '')) !== text)
    problems.push('docs/blender5-trials.md does not match what was found; rewrite it with --write');
}
for (const problem of problems) console.error(problem);
process.exitCode = bad > 0 || problems.length > 0 ? 1 : 0;
