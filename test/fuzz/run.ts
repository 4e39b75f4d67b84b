/**
 * Fuzzing by hand: `npm run fuzz -- --minutes N [--surface NAME] [--seed S] [--folder F]`. Goes round the surfaces, each for a
 * while in a process of its own, and keeps in a folder outside the tree how far each is (so that it goes on there) and every
 * finding: the input, and what came out. FUZZ_SEEDS names a folder with more EXR files to change.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Report } from './child.js';
import { inputOf, type Surface } from './surface.js';
import { loadSurfaces } from './surfaces/index.js';

/** Seconds that one surface runs before it is the next one's turn. */
const slice = 20;
/** Seconds without a step forward after which an input hangs. The machine may be busy with other things. */
const patience = 30;

interface Progress {
  /** Of the next input. */
  index: number;
  inputs: number;
  seconds: number;
  results: number;
  findings: number;
}

interface State {
  seed: string;
  surfaces: Record<string, Progress>;
  /** What was found, by what it looks like: the first time it is kept. */
  known: Record<string, number>;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    surface: { type: 'string' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(tmpdir(), 'exrpipe-fuzz') },
  },
});
const { folder, seed } = values;
const findings = join(folder, 'findings');
mkdirSync(findings, { recursive: true });
const stateFile = join(folder, `state-${seed}.json`);
const state: State = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, 'utf8'))
  : { seed, surfaces: {}, known: {} };

const surfaces = (await loadSurfaces()).filter(({ name }) => (values.surface ? name === values.surface : true));
if (surfaces.length === 0) throw new Error(`there is no surface ${values.surface}`);

const end = Date.now() + Number(values.minutes) * 60_000;
while (Date.now() < end)
  for (const surface of surfaces) {
    if (Date.now() >= end) break;
    await turn(surface, Math.min(slice, (end - Date.now()) / 1000));
    save();
  }
summary();

/** One surface for some seconds, however often its process dies. */
async function turn(surface: Surface, seconds: number): Promise<void> {
  state.surfaces[surface.name] ??= { index: 0, inputs: 0, seconds: 0, results: 0, findings: 0 };
  const progress = state.surfaces[surface.name] as Progress;
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const started = Date.now();
    const before = progress.index;
    progress.index = await runChild(surface, progress, until);
    progress.inputs += progress.index - before;
    progress.seconds += (Date.now() - started) / 1000;
  }
}

/** Runs inputs from where the surface is, until the time is over or the process ends. Gives the index of the next input. */
function runChild(surface: Surface, progress: Progress, until: number): Promise<number> {
  const cursor = join(folder, `cursor-${process.pid}`);
  writeFileSync(cursor, String(progress.index));
  const child = fork(
    fileURLToPath(new URL('./child.js', import.meta.url)),
    [surface.name, seed, String(progress.index), cursor],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let noise = '';
  child.stderr?.on('data', (text) => {
    noise = `${noise}${text}`.slice(-4000);
  });
  return new Promise((resolve) => {
    let next: number | undefined;
    let hangs = false;
    let at = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const index = Number(readFileSync(cursor, 'latin1'));
      if (index !== at) {
        at = index;
        since = Date.now();
      }
      if (Date.now() > until && child.connected) child.send('stop');
      if (Date.now() - since > patience * 1000) {
        hangs = true;
        child.kill('SIGKILL');
      }
    }, 250);
    child.on('message', (report: Report) => {
      if (report.kind === 'done') {
        progress.results += report.results;
        next = report.index;
      } else if (report.kind === 'memory') keep(surface, report.index, `memory: ${report.megabytes} MB`, '');
      else keep(surface, report.index, report.message, report.stack);
    });
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      if (next !== undefined) return resolve(next);
      const index = Number(readFileSync(cursor, 'latin1'));
      keep(surface, index, hangs ? `hangs for ${patience} s` : `the process ended (${signal ?? code})`, noise);
      resolve(index + 1);
    });
  });
}

function keep(surface: Surface, index: number, message: string, stack: string): void {
  const looks = `${surface.name}: ${message.replace(/\d+/g, 'N')}`;
  const times = (state.known[looks] ?? 0) + 1;
  state.known[looks] = times;
  (state.surfaces[surface.name] as Progress).findings++;
  if (times > 3) return;
  const { bytes, seed: number } = inputOf(surface, seed, index);
  const name = join(findings, `${surface.name}-${seed}-${index}`);
  writeFileSync(`${name}.bin`, bytes);
  writeFileSync(`${name}.txt`, `${message}\nmade of ${surface.seeds[number]?.name} (seed ${number})\n\n${stack}\n`);
  console.log(`${new Date().toISOString()} ${surface.name} ${index}: ${message}`);
}

function save(): void {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state, null, 1));
  renameSync(`${stateFile}.new`, stateFile);
}

function summary(): void {
  for (const [name, { inputs, seconds, results, findings: count }] of Object.entries(state.surfaces))
    console.log(`${name}: ${inputs} inputs in ${Math.round(seconds)} s, ${results} with a result, ${count} findings`);
}
