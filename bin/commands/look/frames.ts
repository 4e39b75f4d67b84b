/** The same work for each frame of what the user names, for commands that write files that are no EXR. */

import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { brief, printable } from '../../../lib/format/index.js';
import {
  ExrError,
  isSequence,
  type Notice,
  type OptionSpecs,
  type OptionValues,
  parseFrames,
} from '../../../lib/index.js';
import { type Item, isAbort, listItems, lookAt, renderPath } from '../../../lib/program.js';
import { NoticeFilter } from '../../chain/notice-filter.js';
import { exitCodes, type Reporter } from '../../terminal/reporter.js';
import type { Session } from '../../terminal/session.js';
import { sequenceOptions } from '../../words/sequence-options.js';
import { usageError } from '../../words/usage.js';

/** Options of commands that work frame by frame. */
export const frameOptions = {
  frames: sequenceOptions.frames,
  missing: sequenceOptions.missing,
  skipExisting: {
    type: 'flag',
    summary: 'skip frames whose outputs are up to date and made with the same options',
  },
  quiet: { type: 'flag', summary: 'no notes and no summary on stderr, only errors' },
} as const satisfies OptionSpecs;

export type FrameValues = OptionValues<typeof frameOptions>;

/** What is asked for. */
export interface FrameRun {
  /** Files, patterns or folders; stdin without any. */
  readonly inputs: readonly string[];
  /** Undefined for stdout. */
  readonly output: string | undefined;
  /** Ending of the files that are written. */
  readonly ending: string;
  readonly values: FrameValues;
}

/** Where one frame comes from and goes to. */
export interface FrameJob {
  /** `-` for stdin. */
  readonly input: string;
  /** Undefined for stdout. */
  readonly output: string | undefined;
  /** Reports what people should know about the frame. */
  readonly notice: (notice: Notice) => void;
}

/** Does it for one frame; false for a frame that was done already. */
type Work = (job: FrameJob) => Promise<boolean>;

/** Frames at once: while one is drawn, the next is read. */
const lanes = 2;

/**
 * Does the work for one file, for stdin, or for each frame of a shot; gives the exit code. A frame that fails is reported, and the
 * others are done: then the code is 3, or 1 when none was done.
 */
export async function eachFrame(run: FrameRun, session: Session, work: Work): Promise<number> {
  const { inputs, output, ending, values } = run;
  session.reporter.configure({ quiet: values.quiet });
  if (values.frames !== undefined || (await isSequence(inputs, []))) return eachOfShot(run, session, work);
  const [input = '-'] = inputs;
  const item = input === '-' ? undefined : (await plan([input], values))[0];
  await work({ input, output: await outputFor(output, item, ending), notice: session.reporter.notice });
  return exitCodes.ok;
}

async function eachOfShot(
  { inputs, output, ending, values }: FrameRun,
  { reporter, signal }: Session,
  work: Work,
): Promise<number> {
  if (output === undefined) throw usageError('a sequence needs an output', `Write -o out/####${ending}, or a folder.`);
  const notices = new FrameNotices(reporter);
  const jobs = await Promise.all(
    (await plan(inputs, values)).map(async (item) => ({
      input: item.inputs[0]?.path ?? '',
      output: await outputFor(output, item, ending),
      notice: (notice: Notice) => notices.add(notice, item),
    })),
  );
  refuseTwice(jobs);
  const counts = { done: 0, existing: 0, failed: 0 };
  const queue = jobs.values();
  const lane = async (): Promise<void> => {
    for (const job of queue) {
      signal.throwIfAborted();
      try {
        if (await work(job)) counts.done += 1;
        else counts.existing += 1;
      } catch (error) {
        if (isAbort(error)) throw error;
        counts.failed += 1;
        reporter.error(error);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (!values.quiet) notices.end();
  if (!values.quiet || counts.failed > 0) reporter.line(summary(counts));
  if (counts.failed === 0) return exitCodes.ok;
  return counts.failed === jobs.length ? exitCodes.failed : exitCodes.someFailed;
}

/** Reports once what holds for many frames, and at the end for how many. */
class FrameNotices {
  readonly #filter = new NoticeFilter();
  readonly #reporter: Reporter;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  add(notice: Notice, { frame, name }: Item): void {
    if (!this.#filter.isNew(notice)) return;
    this.#reporter.notice({
      ...notice,
      message: `${frame === undefined ? name : `frame ${frame}`}: ${notice.message}`,
    });
  }

  end(): void {
    for (const line of this.#filter.lines()) this.#reporter.line(printable(brief(line)));
  }
}

async function plan(inputs: readonly string[], { frames, missing }: FrameValues): Promise<readonly Item[]> {
  const wanted = frames === undefined ? undefined : parseFrames(frames);
  return (await listItems(inputs, { frames: wanted, missing, joins: false })).items;
}

/** A folder keeps the name of the input, with another ending. */
async function outputFor(
  output: string | undefined,
  item: Item | undefined,
  ending: string,
): Promise<string | undefined> {
  if (output === undefined) return undefined;
  const isFolder = /[/\\]$/.test(output) || ((await stat(output).catch(() => undefined))?.isDirectory() ?? false);
  const name = item?.name ?? 'stdin.exr';
  if (isFolder) return join(output, `${basename(name, extname(name))}${ending}`);
  const { stem = 'stdin', frame, view } = item?.inputs[0] ?? {};
  return renderPath(output, {
    stem,
    ...(frame !== undefined && { frame }),
    ...((item?.view ?? view) !== undefined && { view: item?.view ?? view ?? '' }),
  });
}

function refuseTwice(jobs: readonly FrameJob[]): void {
  const seen = new Set<string>();
  for (const { output = '', input } of jobs) {
    if (seen.has(output) || output === input)
      throw new ExrError('usage', 'OUTPUT_TWICE', `several frames would be written to ${output}`, {
        hint: 'Put {frame} (or ####) into the output pattern, and {stem} or {view} where there are several.',
      });
    seen.add(output);
  }
}

function summary({ done, existing, failed }: { done: number; existing: number; failed: number }): string {
  return [
    `${done} done`,
    ...(existing ? [`${existing} up to date`] : []),
    ...(failed ? [`${failed} failed`] : []),
  ].join(', ');
}

/** Whether an output is there and not older than what it is made from. */
export async function isUpToDate(output: string, inputs: readonly string[]): Promise<boolean> {
  const written = await lookAt(output);
  if (!written?.isFile()) return false;
  const sources = await Promise.all(inputs.map((input) => lookAt(input)));
  return sources.every((source) => source !== undefined && source.mtimeMs <= written.mtimeMs);
}
