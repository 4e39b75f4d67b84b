/** Runs a chain of filters over its inputs. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { JobRunner } from '../lib/codecs/runner.js';
import type { Step } from '../lib/engine/filter.js';
import { makePlan } from '../lib/engine/plan.js';
import { framePath, isFramePattern } from '../lib/io/frame-path.js';
import { parsePath } from '../lib/io/open.js';
import { type Input, openFrame, type PipelineOptions, runFrame } from '../lib/io/pipeline.js';
import { routeParts } from '../lib/io/route.js';
import { stdoutSink } from '../lib/io/stream-sink.js';
import type { Destination } from '../lib/io/write.js';
import type { Session } from './command.js';
import { type CommonOptions, parseSize } from './common-options.js';
import { planLines, routeLines } from './explain.js';
import { loadFilters } from './filters.js';
import { type Chain, parseChain } from './grammar.js';
import { exitCode, exitCodes } from './reporter.js';
import { usageError } from './usage.js';

/** Runs the words of a chain, or shows the help they ask for. Gives the exit code. */
export async function runWords(words: readonly string[], session: Session): Promise<number> {
  const chain = parseChain(words, await loadFilters());
  if ('help' in chain) return (await import('./help.js')).showHelp(chain.help.definition.name);
  return runChain(chain, session);
}

/**
 * Runs a chain over everything it is given. Several inputs that no filter joins are frames of their own: one that
 * fails does not stop the others, and the exit code says that some failed.
 */
export async function runChain({ inputs, steps, common }: Chain, session: Session): Promise<number> {
  session.reporter.configure(common);
  const frames = groupInputs(inputs, steps);
  const explainOnly = common.dryRun || (common.explain && common.output === undefined && process.stdout.isTTY);
  if (!explainOnly) checkStdout(common.output, process.stdout.isTTY, frames.length);
  const outputs = await outputPaths(frames, common.output);
  const options = await pipelineOptions(common, session);
  let failed = 0;
  for (const [index, frame] of frames.entries()) {
    try {
      if (explainOnly) await explainFrame(frame, steps, outputs[index], options, session);
      else await runFrame(openInputs(frame, session), steps, outputs[index] ?? stdoutSink(), options);
    } catch (error) {
      if (frames.length === 1 || session.signal.aborted) throw error;
      session.reporter.error(error);
      if (exitCode(error) === exitCodes.usage) return exitCodes.usage;
      failed += 1;
    }
  }
  return failed === 0 ? exitCodes.ok : failed === frames.length ? exitCodes.failed : exitCodes.someFailed;
}

/** One entry for each frame: all inputs together when a filter joins them, otherwise each by itself. */
export function groupInputs(inputs: readonly string[], steps: readonly Step[]): readonly (readonly string[])[] {
  const given = inputs.length === 0 ? ['-'] : inputs;
  if (given.filter((input) => input === '-').length > 1) throw usageError('stdin (-) can be only one of the inputs');
  return steps.some(({ joins }) => joins) ? [given] : given.map((input) => [input]);
}

/** A picture on a terminal helps nobody, and on one stream there is room for one. */
export function checkStdout(output: string | undefined, isTerminal: boolean, frames: number): void {
  if (output !== undefined) return;
  if (frames > 1)
    throw usageError(
      `${frames} inputs, but only one output: stdout`,
      'Give a folder or a pattern with -o, or join the inputs with "merge".',
    );
  if (isTerminal)
    throw usageError(
      'the output is a picture and stdout is a terminal',
      'Name a file with -o, or redirect with > or |.',
    );
}

/**
 * Where each frame goes: a folder keeps the names of the inputs, `####` stands for the frame. Tokens in braces are left
 * to the writer, which knows the parts. Undefined for stdout.
 */
export async function outputPaths(
  frames: readonly (readonly string[])[],
  output: string | undefined,
): Promise<readonly (string | undefined)[]> {
  if (output === undefined) return frames.map(() => undefined);
  const folder = await isFolder(output);
  if (frames.length > 1 && !folder && !/\{(?:stem|frame)\}/.test(output) && !isFramePattern(output))
    throw usageError(
      `${frames.length} inputs would all be written to ${output}`,
      'Give a folder, or a pattern with {stem}, {frame} or ####; or join the inputs with "merge".',
    );
  return frames.map(([first]) => {
    const input = first === '-' ? undefined : first;
    if (folder) return join(output, input === undefined ? 'stdin.exr' : basename(input));
    return isFramePattern(output) ? framePath(output, parsePath(input).frame) : output;
  });
}

async function isFolder(path: string): Promise<boolean> {
  if (/[/\\]$/.test(path)) return true;
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function openInputs(frame: readonly string[], { signal }: Session): Input[] {
  return frame.map((input) => (input === '-' ? openStdin(signal) : input));
}

function openStdin(signal: AbortSignal): NodeJS.ReadStream {
  if (process.stdin.isTTY)
    throw usageError('there is no input, and stdin is a terminal', 'Name an EXR file, or pipe one in.');
  // Someone who waits for input that never comes must still hear of a signal.
  signal.addEventListener('abort', () => process.stdin.destroy(), { once: true });
  return process.stdin;
}

async function pipelineOptions(common: CommonOptions, session: Session): Promise<PipelineOptions> {
  const { level, table, memory, threads, allowLossy, explain } = common;
  const { reporter, signal } = session;
  return {
    level,
    table: table === 'zero' ? 'zero' : 'auto',
    allowLossy,
    signal,
    memory: memory === undefined ? undefined : parseSize(memory),
    runner: threads === undefined ? undefined : await makeRunner(threads),
    onNotice: reporter.notice,
    onPlan: explain ? (plan) => planLines(plan).forEach((line) => void reporter.line(line)) : undefined,
  };
}

async function makeRunner(threads: number): Promise<JobRunner> {
  const { WorkerPool } = await import('../lib/codecs/pool.js');
  return new WorkerPool(Math.floor(threads));
}

async function explainFrame(
  frame: readonly string[],
  steps: readonly Step[],
  output: Destination | undefined,
  options: PipelineOptions,
  session: Session,
): Promise<void> {
  const document = await openFrame(openInputs(frame, session), steps, options);
  try {
    const plan = makePlan(document.header, document.arrived, options);
    const routes = routeParts(document, typeof output === 'string' ? output : undefined);
    for (const line of [...planLines(plan), ...routeLines(routes)]) session.reporter.line(line);
  } finally {
    await document.source.close();
  }
}
