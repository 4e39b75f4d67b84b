/** Chains over whole shots on the command line: what `runSequence` reports, for terminals, logs, farms and report files. */

import { brief, printable } from '../../lib/format/index.js';
import {
  type FilterStep,
  isSequence,
  ReportBuilder,
  runSequence,
  type SequenceEvent,
  type SequenceOptions,
  type SequenceSummary,
} from '../../lib/index.js';
import { filtersModule } from '../filters.js';
import { eventInOptionWords } from '../terminal/option-hints.js';
import { exitCodes, onlyChanged } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { type CommonOptions, limitsOf, parseSize } from '../words/common-options.js';
import type { SequenceWords } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import { adviceWording } from './advice.js';
import { NoticeFilter } from './notice-filter.js';
import { type Display, makeDisplay, progressMode } from './progress.js';
import { openReport, type ReportAddition } from './report-file.js';
import { errorText, failureText, frameText, summaryLines } from './sequence-text.js';

export interface SequenceChain {
  readonly steps: readonly FilterStep[];
  readonly inputs: readonly string[];
  readonly plugins?: readonly string[];
  readonly common: Omit<CommonOptions, keyof SequenceWords> & SequenceWords;
}

/** Whether a chain is to run over a sequence: by its inputs, or because an option asks for what only sequences have. */
export async function wantsSequence({ inputs, steps, common }: SequenceChain): Promise<boolean> {
  const { frames, skipExisting, inPlace, watch, report } = common;
  if (frames !== undefined || skipExisting || inPlace || watch || report !== undefined) return true;
  return isSequence(inputs, steps);
}

/**
 * Runs a chain over a sequence and gives the exit code: 0 when all is well, 3 when some frames failed, 1 when all did, 4 when
 * they failed only because other programs changed the files they were to replace.
 * Throws what is wrong before the first frame, and the signal's reason when it was interrupted.
 */
export async function runSequenceChain(chain: SequenceChain, session: Session): Promise<number> {
  const options = sequenceOptionsOf(chain, session);
  const text = await adviceWording(chain, session);
  return showRun(chain.common, session, (onEvent) =>
    runSequence({
      ...options,
      signal: session.signal,
      onEvent: (event) => onEvent(eventInOptionWords(event, text)),
    }),
  );
}

/** A run that emits its events and ends with their summary. */
export type ShownRun = (onEvent: (event: SequenceEvent) => void) => Promise<SequenceSummary>;

/** Shows a run, writes its report, and gives the exit code as {@link runSequenceChain} does. `addition` is asked at the end. */
export async function showRun(
  common: SequenceChain['common'],
  session: Pick<Session, 'reporter' | 'signal'>,
  run: ShownRun,
  addition: () => ReportAddition = () => ({ fields: {}, lines: [] }),
): Promise<number> {
  const { signal } = session;
  const reportFile =
    common.report === undefined
      ? undefined
      : await openReport(common.report, async (report, images) =>
          (await import('./run-report.js')).runPage(report, { signal, limits: limitsOf(common.limit), images }),
        );
  const streams = { err: process.stderr, out: process.stdout };
  const display = makeDisplay(progressMode(common.progress, common.quiet, process.stderr), streams);
  const report = new ReportBuilder();
  const notices = new NoticeFilter();
  try {
    const summary = await run((told) => {
      const event = eventInOptionWords(told);
      if (reportFile) report.onEvent(event);
      // A task that is killed reports nothing at its end.
      if (event.type === 'plan') reportFile?.begin(report.report());
      display.take(event);
      showEvent(event, display, common, notices);
    });
    display.end();
    const added = addition();
    if (!common.quiet) for (const line of notices.lines()) display.line(printable(brief(line)));
    showSummary(summary, display, common.quiet);
    if (!common.quiet) for (const line of added.lines) display.line(printable(brief(line)));
    const reason = failureText(summary);
    if (reason !== undefined) session.reporter.because(reason);
    await reportFile?.end(report.report(), added);
    signal.throwIfAborted();
    return exitCodeOf(summary);
  } finally {
    display.end();
  }
}

/** What `runSequence` is given for a chain. Throws `usage` for what no sequence can do. */
export function sequenceOptionsOf(
  { steps, inputs, plugins = [], common }: SequenceChain,
  session: Session,
): SequenceOptions {
  if (inputs.length === 0 || inputs.includes('-'))
    throw usageError(
      'a sequence cannot be read from stdin',
      'Name a pattern such as shot.####.exr, a folder, or files.',
    );
  if (common.table === 'zero') throw usageError('--table zero is for pipes; a sequence is written to files');
  if (!common.watch && (common.until !== undefined || common.idle !== undefined))
    throw usageError('--until and --idle require --watch');
  const {
    until,
    idle,
    output,
    inPlace,
    frames,
    missing,
    onError,
    skipExisting,
    strict,
    dryRun,
    allowLossy,
    level,
    limit,
  } = common;
  return {
    inputs,
    steps,
    output,
    inPlace,
    frames,
    missing,
    onError,
    skipExisting,
    strict,
    dryRun,
    allowLossy,
    for: common.for,
    level,
    limits: limitsOf(limit),
    mark: !common.noMark,
    jobs: common.jobs ?? common.threads,
    memory: common.memory === undefined ? undefined : parseSize(common.memory),
    watch: common.watch ? { until, idle } : undefined,
    filters: filtersModule,
    plugins: [...session.plugins, ...plugins],
  };
}

/** What is reported as soon as it happens. */
function showEvent(
  event: SequenceEvent,
  display: Display,
  { quiet, explain, dryRun }: SequenceChain['common'],
  notices: NoticeFilter,
): void {
  switch (event.type) {
    case 'plan':
      for (const { input, view, frames, policy } of event.missing) {
        const which = `${printable(input)}${view === undefined ? '' : ` (${printable(view)})`}`;
        const what = policy === 'hold' ? 'the previous frame is held' : 'skipped';
        if (!quiet) display.line(`missing: ${which}: ${frames} (${what})`);
      }
      break;
    case 'notice':
      if (!quiet && notices.isNew(event))
        display.line(
          `${event.level}: ${event.frame === undefined ? '' : `frame ${event.frame}: `}${printable(brief(event.message))}`,
        );
      break;
    case 'survey':
      for (const { level, message } of quiet ? [] : event.notices)
        display.line(`${level}: ${printable(brief(message))}`);
      break;
    case 'frame-done':
      if (dryRun || (explain && event.index === 0))
        for (const { part, file, method, reason } of event.parts)
          display.line(
            printable(
              `plan: ${frameText(event)}: ${part === '' ? 'all' : `"${part}"`} to ${file}: ${method}: ${reason}`,
            ),
          );
      break;
    case 'frame-failed':
      display.line(`exrpipe: ${errorText(event.error)}`);
      break;
    case 'frame-skipped':
      if (event.error && !quiet) display.line(`skipped: ${errorText(event.error)}`);
      break;
    case 'start':
    case 'frame-start':
    case 'progress':
    case 'summary':
      break;
  }
}

/** A quiet run reports only what went wrong. */
function showSummary(summary: SequenceSummary, display: Display, quiet: boolean): void {
  const bad = summary.failed.length > 0 || summary.left > 0;
  if (!quiet || bad) for (const line of summaryLines(summary)) display.line(line);
}

/** Frames that a renderer began and never finished are not a success either. */
function exitCodeOf({ done, existing, skipped, failed, left }: SequenceSummary): number {
  if (failed.length === 0 && left === 0) return exitCodes.ok;
  if (left === 0 && onlyChanged(failed.map(({ error }) => error))) return exitCodes.changed;
  return done + existing + skipped.length === 0 ? exitCodes.failed : exitCodes.someFailed;
}
