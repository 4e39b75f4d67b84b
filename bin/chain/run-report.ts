/** What became of a run, as a report for people. */
import { printable } from '../../lib/format/index.js';
import { type FrameReport, type Limits, parseFrames, type SequenceReport } from '../../lib/index.js';
import type { FrameRow, ReportPage, State } from '../report/model.js';
import { type Place, Remarks } from '../report/remarks.js';
import { lookInto } from '../report/seen.js';
import { chosenFrames, thumbnailsOf } from '../report/thumbnails.js';
import { sizeText } from '../terminal/units.js';
import { errorText, frameText, summaryLines } from './sequence-text.js';

/** Files of the first frame whose headers are looked at. */
const mostSeen = 3;

const columns = ['time', 'read', 'written', 'files', 'plan', 'findings'];

const states: Readonly<Record<FrameReport['status'], State>> = {
  done: 'good',
  existing: 'good',
  skipped: 'warning',
  failed: 'error',
  unfinished: 'missing',
};

/** The page of a run. Its images and what programs see are those of the files written, or of the inputs where nothing was. */
export async function runPage(
  report: SequenceReport,
  settings: {
    readonly signal: AbortSignal;
    readonly limits: Partial<Limits> | undefined;
    /** Whether it shows images. */
    readonly images: boolean;
  },
): Promise<ReportPage> {
  const { steps, frames, missing, summary, dryRun } = report;
  const rows = frames.map(frameRow);
  const all = withMissing(
    rows,
    missing.flatMap(({ frames: list, view, policy }) => missingRows(list, view, policy)),
  );
  // An interrupted run has its report, but nobody waits for images.
  const isOver = settings.signal.aborted;
  const shown = frames.map((frame, at) => ({ ...(rows[at] as FrameRow), file: pictured(frame, dryRun) }));
  const done = frames.find(({ files, status }) => status === 'done' && files.length > 0 && !dryRun);
  return {
    title: `exrpipe ${steps.join(' then ')}${dryRun ? ' (dry run)' : ''}`,
    facts: factsOf(report),
    summary: summary ? summaryLines(summary) : ['The run did not finish.'],
    counts: countsOf(all, dryRun),
    remarks: remarksOf(report),
    seen: isOver ? [] : await seenOf(done?.files.slice(0, mostSeen) ?? []),
    thumbnails:
      isOver || !settings.images
        ? []
        : await thumbnailsOf(chosenFrames(shown.filter(({ file }) => file !== '')), settings),
    columns,
    frames: all,
  };
}

async function seenOf(files: readonly string[]): Promise<ReportPage['seen']> {
  const seen = [];
  for (const file of files) seen.push(await lookInto(file));
  return seen.filter((one) => one !== undefined);
}

function pictured({ files, inputs, status }: FrameReport, dryRun: boolean): string {
  const written = !dryRun && (status === 'done' || status === 'existing') ? files[0] : undefined;
  return written ?? inputs[0] ?? '';
}

function factsOf({ version, began, steps, output, planned, jobs, missing }: SequenceReport): [string, string][] {
  return [
    ['chain', steps.join(' then ')],
    ['output', output ?? 'in place'],
    ...(planned === '' ? [] : [['frames', planned] as [string, string]]),
    ...missing.map(({ input, frames, policy }): [string, string] => ['missing', `${input}: ${frames} (${policy})`]),
    ['at once', `${jobs} ${jobs === 1 ? 'frame' : 'frames'}`],
    ['began', began],
    ['by', `exrpipe ${version}`],
  ];
}

function countsOf(rows: readonly FrameRow[], dryRun: boolean): ReportPage['counts'] {
  const sum = (state: State) => rows.reduce((count, row) => (row.state === state ? count + row.count : count), 0);
  const labels: readonly (readonly [State, string])[] = [
    ['good', dryRun ? 'would be done' : 'done or up to date'],
    ['error', dryRun ? 'would fail' : 'failed'],
    ['warning', 'with warnings or skipped'],
    ['missing', 'missing or not done'],
  ];
  return labels
    .map(([state, label]) => ({ state, label, count: sum(state) }))
    .filter(({ state, count }) => count > 0 || state === 'good');
}

function frameRow(frame: FrameReport): FrameRow {
  const { status, milliseconds, inputBytes, bytes, files, parts, inputs, notices, error } = frame;
  const isDone = status === 'done';
  const warns = notices.some(({ level }) => level === 'warning');
  const state = isDone && warns ? 'warning' : states[status];
  return {
    name: nameOf(frame),
    count: 1,
    file: files.length > 0 ? files.join(', ') : (inputs[0] ?? ''),
    state,
    status: state === 'warning' && isDone ? 'done, with warnings' : status,
    cells: [
      isDone ? `${Math.round(milliseconds)} ms` : '',
      isDone ? sizeText(inputBytes) : '',
      isDone ? sizeText(bytes) : '',
      files.length > 0 ? String(files.length) : '',
      [...new Set(parts.map(({ method }) => method))].join(', '),
      [...new Set([...(error ? [error.code] : []), ...notices.map(({ code }) => code)])].join(', '),
    ],
  };
}

function nameOf(frame: FrameReport): string {
  return frame.frame === undefined ? frameText(frame) : frameText(frame).replace(/^frame /, '');
}

function missingRows(list: string, view: string | undefined, policy: string): FrameRow[] {
  return list.split(',').map((range) => ({
    name: view === undefined ? range : `${range} (${printable(view)})`,
    count: parseFrames(range).length,
    file: '',
    state: 'missing',
    status: policy === 'hold' ? 'missing, the frame before is held' : 'missing',
    cells: columns.map(() => ''),
  }));
}

/** Rows for what is missing where they belong, as far as rows are in the order of their numbers. */
function withMissing(rows: readonly FrameRow[], missing: readonly FrameRow[]): FrameRow[] {
  const all = [...rows];
  for (const row of missing) {
    const at = all.findIndex(({ name }) => Number.parseInt(name, 10) > Number.parseInt(row.name, 10));
    all.splice(at < 0 ? all.length : at, 0, row);
  }
  return all;
}

function remarksOf({ frames, survey = [] }: SequenceReport): ReportPage['remarks'] {
  const remarks = new Remarks();
  const nothing = { affects: '', remedy: undefined, command: undefined };
  for (const { level, code, message } of survey)
    remarks.add({ ...nothing, level, code, text: message }, { name: 'the whole shot', frame: undefined });
  for (const frame of frames) {
    const place: Place = { name: nameOf(frame), frame: frame.view === undefined ? frame.frame : undefined };
    for (const { level, code, message } of frame.notices)
      remarks.add({ ...nothing, level, code, text: message }, place);
    const { error, status } = frame;
    if (!error) continue;
    // The files of frames differ, and the table has them.
    const { file: _, frame: __, ...where } = error.where;
    const text = errorText({ ...error, where });
    remarks.add({ ...nothing, level: status === 'skipped' ? 'warning' : 'error', code: error.code, text }, place);
  }
  return remarks.list(frames.length);
}
