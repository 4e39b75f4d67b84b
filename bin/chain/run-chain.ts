/** Runs a chain of filters over its inputs. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  createRunner,
  type FilterStep,
  type FrameInput,
  isExrError,
  makePlan,
  openFrame,
  type PipelineOptions,
  runFrame,
  stdoutSink,
} from '../../lib/index.js';
import { closeQuietly, reporter, routeParts, settleRoutes } from '../../lib/program.js';
import { openJd } from '../terminal/openjd.js';
import { inOptionWords } from '../terminal/option-hints.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { type CommonOptions, limitsOf, parseSize } from '../words/common-options.js';
import { type Chain, dashesHint, isInput } from '../words/grammar.js';
import { usageError } from '../words/usage.js';
import { planLines, renamingLines, routeLines } from './explain.js';

/** Runs a chain over all its inputs: one image, or a sequence of them. Gives the exit code. */
export async function runChain(chain: Chain, session: Session): Promise<number> {
  session.reporter.configure(chain.common);
  await refuseTakenInputs(chain);
  const { runSequenceChain, wantsSequence } = await import('./sequence.js');
  if (await wantsSequence(chain)) return runSequenceChain(chain, session);
  return runImage(chain, session).catch((error) => refused(error, chain, session));
}

/**
 * Who names a folder behind the patterns of a filter means an input, and would wait for a stdin that nobody fills. A first word is
 * what the filter cannot do without, unless it can only be a path. Throws `usage`.
 */
async function refuseTakenInputs({ inputs, taken = [] }: Chain): Promise<void> {
  if (inputs.length > 0) return;
  for (const { filter, as, words } of taken) {
    const last = words.at(-1) ?? '';
    if (words.length < 2 && !/[/\\]/.test(last)) continue;
    if ((await isThere(last)) || (/[/\\]/.test(last) && isInput(last) && (await isThere(dirname(last)))))
      throw usageError(`there is no input: "${last}" was read as a ${as} of ${filter}`, dashesHint(last));
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Throws an error with advice that is the whole command to type. */
async function refused(error: unknown, chain: Chain, session: Session): Promise<never> {
  if (!isExrError(error) || error.advice === undefined) throw error;
  const { adviceWording } = await import('./advice.js');
  throw inOptionWords(error, await adviceWording(chain, session));
}

/** One image, from a file, from several files that a filter joins, or from stdin. */
async function runImage({ inputs, steps, common, taken }: Chain, session: Session): Promise<number> {
  const from = inputs.length === 0 ? ['-'] : inputs;
  if (from.filter((input) => input === '-').length > 1) throw usageError('stdin (-) can be only one of the inputs');
  const explainOnly = onlyExplains(common, process.stdout.isTTY);
  const forOpenJd = common.progress === 'openjd';
  if (!explainOnly && common.output === undefined) checkStdout(process.stdout.isTTY, forOpenJd);
  const output = common.output === undefined ? undefined : await outputPath(common.output, from[0]);
  const options = await pipelineOptions(common, session);
  if (explainOnly) await explainImage(openInputs(from, session, taken), steps, output, options, session);
  else await runFrame(openInputs(from, session, taken), steps, output ?? stdoutSink(), options);
  if (forOpenJd) await writeStdout(imageEnding(from, common.dryRun));
  return exitCodes.ok;
}

/** Who asks for the plan at a terminal, and names no output, wants to read the plan. */
export function onlyExplains({ dryRun, explain, output }: CommonOptions, isTerminal: boolean): boolean {
  return dryRun || (explain && output === undefined && isTerminal);
}

/** One image is done at once: there is no progress before. */
function imageEnding(inputs: readonly string[], dryRun: boolean): string {
  const names = inputs.map((input) => (input === '-' ? 'stdin' : input)).join(', ');
  return openJd.status(`${names} ${dryRun ? 'would be done' : 'done'}`) + openJd.progress(100);
}

/** Binary data on a terminal helps nobody, nor among messages for OpenJD. */
export function checkStdout(isTerminal: boolean, forOpenJd = false): void {
  if (forOpenJd)
    throw usageError('--progress openjd writes to stdout, so the image cannot go there', 'Name a file with -o.');
  if (isTerminal)
    throw usageError(
      'refusing to write binary EXR data to a terminal',
      'Name a file with -o, or redirect with > or |.',
    );
}

/** A folder keeps the name of the input. Patterns are left to the writer, which knows the parts. */
export async function outputPath(output: string, input: string | undefined): Promise<string> {
  const folder = /[/\\]$/.test(output) || ((await stat(output).catch(() => undefined))?.isDirectory() ?? false);
  if (!folder) return output;
  return join(output, input === undefined || input === '-' ? 'stdin.exr' : basename(input));
}

function openInputs(inputs: readonly string[], { signal }: Session, taken: Chain['taken']): FrameInput[] {
  return inputs.map((input) => (input === '-' ? openStdin(signal, taken?.at(-1)?.words.at(-1)) : input));
}

/** `taken` is a word that was perhaps meant as the input. */
function openStdin(signal: AbortSignal, taken: string | undefined): NodeJS.ReadStream {
  if (process.stdin.isTTY) {
    const hints = ['Name an EXR file, or pipe one in.', taken === undefined ? '' : dashesHint(taken)];
    throw usageError('there is no input, and stdin is a terminal', hints.join(' ').trim());
  }
  // Someone who waits for input that never comes must still hear of a signal.
  signal.addEventListener('abort', () => process.stdin.destroy(), { once: true });
  return process.stdin;
}

async function pipelineOptions(common: CommonOptions, session: Session): Promise<PipelineOptions> {
  const { level, table, memory, threads, allowLossy, explain, limit } = common;
  const { reporter, signal } = session;
  return {
    level,
    table: table === 'zero' ? 'zero' : 'auto',
    allowLossy,
    for: common.for,
    signal,
    limits: limitsOf(limit),
    memory: memory === undefined ? undefined : parseSize(memory),
    runner: threads === undefined ? undefined : createRunner(Math.floor(threads)),
    onNotice: reporter.notice,
    onPlan: explain ? (plan) => planLines(plan).forEach((line) => void reporter.line(line)) : undefined,
  };
}

async function explainImage(
  inputs: readonly FrameInput[],
  steps: readonly FilterStep[],
  output: string | undefined,
  options: PipelineOptions,
  session: Session,
): Promise<void> {
  const document = await openFrame(inputs, steps, options);
  try {
    const plan = makePlan(document.header, document.arrived, options);
    const routes = settleRoutes(routeParts(document, output), document, reporter(options.onNotice), options.for);
    for (const line of [...renamingLines(document), ...planLines(plan), ...routeLines(routes)])
      session.reporter.line(line);
  } finally {
    await closeQuietly(document.source);
  }
}
