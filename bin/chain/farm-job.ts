/** A job of a farm from a chain: the files it names, its frames, and what a task is. */

import { basename, resolve } from 'node:path';
import { printable } from '../../lib/format/index.js';
import { type FilterTable, formatFrames, isExrError, parseFrames } from '../../lib/index.js';
import {
  type FarmJob,
  framesOfTask,
  type Item,
  type JobFile,
  type JobWord,
  listItems,
  memoryOfTask,
  pixelMemoryPerThread,
  splitPattern,
  timeoutOfTask,
} from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { parseSize } from '../words/common-options.js';
import { chainWords, commandLine, withPlugins } from '../words/print-chain.js';
import { usageError } from '../words/usage.js';
import { JobFiles, pluginPath } from './farm-files.js';
import { type FrameCost, probeFrames } from './farm-probe.js';
import type { SequenceChain } from './sequence.js';

/** What is asked of a job besides its chain. */
export interface JobWishes {
  /** Folder for the job's own files. */
  readonly to: string;
  readonly name?: string | undefined;
  readonly program: string;
  readonly framesPerTask?: number | undefined;
  readonly secondsPerTask: number;
}

/** Threads of a task by default: few enough to fit in beside others. */
const usualThreads = 2;
/** Frames of a task of whose cost nothing is known. */
const unknownFrames = 10;

/** Makes the job of a chain. What a user should know becomes notes. Throws `usage` for a chain that no farm can run. */
export async function makeFarmJob(
  chain: SequenceChain,
  wishes: JobWishes,
  filters: FilterTable,
  session: Session,
): Promise<FarmJob> {
  refuse(chain);
  const { common } = chain;
  const threads = Math.floor(common.jobs ?? common.threads ?? usualThreads);
  const memory = common.memory === undefined ? threads * pixelMemoryPerThread : parseSize(common.memory);
  const { frames, items } = await jobFrames(chain, session);
  const there = [...new Set(items.flatMap(({ frame }) => frame ?? []))];
  const cost =
    wishes.framesPerTask === undefined ? await probeFrames(chain, there, { threads, memory }, session) : undefined;
  const seconds = cost?.seconds ?? wishes.secondsPerTask / unknownFrames;
  const framesPerTask = Math.floor(wishes.framesPerTask ?? framesOfTask(wishes.secondsPerTask, seconds, frames.length));
  tellCost(cost, wishes, framesPerTask, session);

  const files = new JobFiles();
  const words = await jobWords(chain, { threads, memory }, files, filters, session);
  const reports = await files.add(`${resolve(wishes.to)}/reports/`, 'Reports', 'Reports', 'out');
  return {
    name: printable(wishes.name ?? jobName(chain, items)),
    command: commandLine(withPlugins(chain, session), filters),
    program: wishes.program,
    folder: resolve(wishes.to),
    ...words,
    files: files.all(),
    reports,
    outputs: outputsOf(chain, words.inputs, files.all(), items),
    frames,
    framesPerTask,
    secondsPerTask: wishes.secondsPerTask,
    resources: {
      threads,
      memory: memoryOfTask(threads, memory, cost?.peak),
      timeout: timeoutOfTask(seconds, framesPerTask),
    },
  };
}

function refuse({ inputs, common }: SequenceChain): void {
  if (inputs.length === 0 || inputs.includes('-'))
    throw usageError('farm: a job cannot be read from stdin', 'Name a pattern such as shot.####.exr, or a folder.');
  if (common.output === undefined && !common.inPlace)
    throw usageError('farm: a job needs an output', 'Name a folder or a pattern with -o, or work with --in-place.');
  if (common.inPlace && common.noMark)
    throw usageError(
      'farm: in place, tasks that run again recognise their results only by the mark',
      'Remove --no-mark, or write somewhere else.',
    );
  const senseless = (['watch', 'dryRun', 'explain'] as const).find((option) => common[option]);
  if (senseless !== undefined || common.report !== undefined || common.table === 'zero')
    throw usageError(
      'farm: --watch, --dry-run, --explain, --report and --table are for a run on this machine',
      'Tasks leave reports of their own in the folder of the job.',
    );
}

/** The frames of a job, and which of them exist: a job may be written before a render is finished. */
async function jobFrames(
  { inputs, steps, common }: SequenceChain,
  { reporter }: Session,
): Promise<{ readonly frames: readonly number[]; readonly items: readonly Item[] }> {
  const wanted = common.frames === undefined ? undefined : parseFrames(common.frames);
  const joins = steps.some((step) => step.joins);
  const { items, missing } = await listItems(inputs, { frames: wanted, missing: 'skip', joins }).catch((error) => {
    if (wanted && isExrError(error) && ['NO_FILES', 'NO_FRAMES'].includes(error.code))
      return { items: [], missing: [] };
    throw error;
  });
  for (const { input, frames } of missing)
    if (!common.quiet) reporter.line(`note: missing so far: ${printable(input)}: ${frames}`);
  if (wanted && items.length === 0 && !common.quiet) reporter.line('note: none of the frames exists yet');
  const lacking = missing.flatMap(({ frames }) => parseFrames(frames));
  const frames = wanted ?? [...items.flatMap(({ frame }) => frame ?? []), ...lacking];
  if (frames.length === 0)
    throw usageError(
      'farm: the inputs have no frame numbers',
      'A job is cut into tasks by frame numbers: name.0001.exr.',
    );
  return { frames: [...new Set(frames)].sort((a, b) => a - b), items };
}

function tellCost(
  cost: FrameCost | undefined,
  { framesPerTask: asked, secondsPerTask }: JobWishes,
  framesPerTask: number,
  { reporter }: Session,
): void {
  if (asked !== undefined) return;
  if (cost)
    reporter.line(
      `note: ${cost.frames} frames tried here: ${cost.seconds.toFixed(2)} s each; ${framesPerTask} frames per task for about ${secondsPerTask} s`,
    );
  else
    reporter.line(
      `note: no frame could be tried, so a task has ${framesPerTask} frames; choose with --frames-per-task`,
    );
}

/** The words of tasks, with their files. */
async function jobWords(
  { steps, inputs, plugins = [], common }: SequenceChain,
  { threads, memory }: { readonly threads: number; readonly memory: number },
  files: JobFiles,
  filters: FilterTable,
  session: Session,
): Promise<Pick<FarmJob, 'chain' | 'inputs'>> {
  const inputWords: string[] = [];
  for (const input of inputs)
    inputWords.push(await files.word(input, 'Input', 'Frames', common.inPlace ? 'inout' : 'in'));
  const printedSteps = [];
  for (const step of steps) printedSteps.push(await files.step(step, filters));
  const plugin: string[] = [];
  for (const name of [...session.plugins, ...plugins]) {
    const path = pluginPath(name);
    plugin.push(path === undefined ? name : await files.word(path, 'Plugin', 'Plug-in', 'in'));
  }
  const { frames: _frames, output, jobs: _jobs, skipExisting: _skip, ...others } = common;
  const options = {
    ...others,
    plugin,
    threads,
    memory: `${Math.max(1, Math.floor(memory / (1 << 20)))}M`,
    ...(output !== undefined && { output: await files.word(output, 'Output', 'Results', 'out') }),
  };
  const printed = chainWords({ steps: printedSteps, inputs: inputWords, common: options }, filters);
  const dashes = printed.includes('--') ? ['--'] : [];
  return {
    chain: files.words(printed.filter((word) => word !== '--' && !inputWords.includes(word))),
    inputs: [...dashes, ...files.words(inputWords)],
  };
}

function jobName({ inputs }: SequenceChain, [first]: readonly Item[]): string {
  return first?.inputs[0]?.stem ?? basename(inputs[0] ?? '').replace(/[.#@%*]+.*$/, '') ?? 'frames';
}

/** What `validate` reads when all is done; undefined where the outputs are no EXR files. */
function outputsOf(
  { inputs, common }: SequenceChain,
  inputWords: readonly JobWord[],
  files: readonly JobFile[],
  items: readonly Item[],
): readonly JobWord[] | undefined {
  // What a result is for, and how large a file may be, holds for its check too.
  const how = [
    ...common.for.flatMap((program) => ['--target', program]),
    ...common.limit.flatMap((limit) => ['--limit', limit]),
  ];
  if (common.inPlace) return [...how, ...inputWords];
  const output = files.find(({ key }) => key === 'Output');
  if (!output) return undefined;
  const stems = new Set(items.map(({ inputs: [input] }) => input?.stem));
  const [stem] = stems.size === 1 ? stems : [];
  const { pattern = '' } = output;
  // A folder gets the names of the inputs, and the tokens of layers and parts are any names.
  const named =
    pattern === '' && inputs.length === 1
      ? (splitPattern(inputs[0] as string).pattern ?? '').replace(/^.*[/\\]/, '')
      : pattern;
  const read = named.replaceAll('{stem}', stem ?? '*').replaceAll(/\{(?:layer|part|name)\}/g, '*');
  if (read !== '' && !/\.exr$/i.test(read)) return undefined;
  return [...how, { ...output, pattern: read }];
}

/** For people: how many tasks there are, of which frames. */
export function jobText({ frames, framesPerTask }: FarmJob): string {
  const tasks = Math.ceil(frames.length / framesPerTask);
  return `${frames.length} frames (${formatFrames(frames)}) in ${tasks} ${tasks === 1 ? 'task' : 'tasks'} of up to ${framesPerTask}`;
}
