import { jsonFormat } from '../model/json-format.js';
import type { EventError } from '../sequence/events.js';
import { formatFrames, parseFrames } from '../sequence/frames.js';
import type { FrameReport } from '../sequence/report.js';
import type { TaskReport } from './task-report.js';

/** A job from what its tasks have left, attempt by attempt. Its JSON form is stable: fields may be added, none is renamed. */
export interface JobReport {
  readonly format: typeof jsonFormat;
  /** Requested frames. */
  readonly frames: string;
  readonly total: number;
  /** Frames whose outputs exist. */
  readonly done: number;
  readonly doneFrames: string;
  readonly failed: readonly { readonly frame: number | undefined; readonly error: EventError | undefined }[];
  /** Frames without an input. */
  readonly missing: string;
  /** Frames that no attempt reports on: their tasks have not run, or were killed. */
  readonly unknown: string;
  /** Attempts at tasks, over all submissions. */
  readonly attempts: number;
  /** Frames of attempts that did not come to their end: killed, or still running. */
  readonly unfinished: readonly { readonly frames: string; readonly attempt: TaskReport['attempt'] }[];
  /** Tasks that their engine has started again, by its own count. */
  readonly restarted: readonly NonNullable<TaskReport['attempt']>[];
  /** Frames that more than one attempt has written, and those that one was at when it was killed or stopped. */
  readonly twice: string;
  /** Milliseconds of all frames together. */
  readonly milliseconds: number;
}

interface Fate {
  status: FrameReport['status'];
  error: EventError | undefined;
  writes: number;
  interrupted: boolean;
}

/** Puts the reports of all attempts together. `wanted` are the frames of the job. */
export function gatherReports(reports: readonly TaskReport[], wanted: readonly number[]): JobReport {
  const ordered = [...reports].sort((a, b) => (a.began < b.began ? -1 : a.began > b.began ? 1 : 0));
  const fates = new Map<number, Fate>();
  const missing = new Set<number>();
  for (const report of ordered) {
    takeFrames(report, fates);
    for (const { frames, policy } of report.missing)
      if (policy === 'skip') for (const frame of framesOf(frames)) missing.add(frame);
  }
  const asked = new Set(wanted);
  const own = [...fates].filter(([frame]) => asked.has(frame));
  const isDone = ({ status }: Fate): boolean => status === 'done' || status === 'existing';
  const done = own.filter(([, fate]) => isDone(fate)).map(([frame]) => frame);
  const failed = own.filter(([, { status }]) => status === 'failed' || status === 'skipped');
  const settled = new Set([...done, ...failed.map(([frame]) => frame)]);
  const lacking = wanted.filter((frame) => missing.has(frame) && !settled.has(frame));
  for (const frame of lacking) settled.add(frame);
  return {
    format: jsonFormat,
    frames: formatFrames(wanted),
    total: wanted.length,
    done: done.length,
    doneFrames: formatFrames(done),
    failed: failed.map(([frame, { error }]) => ({ frame, error })).sort((a, b) => a.frame - b.frame),
    missing: formatFrames(lacking),
    unknown: formatFrames(wanted.filter((frame) => !settled.has(frame))),
    attempts: reports.length,
    unfinished: ordered
      .filter(({ summary }) => summary === undefined)
      .map(({ planned, attempt }) => ({ frames: planned, attempt })),
    restarted: restarts(ordered),
    twice: formatFrames(own.filter(([, { writes }]) => writes > 1).map(([frame]) => frame)),
    milliseconds: ordered.flatMap(({ frames }) => frames).reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  };
}

/** The last attempt counts; the history of a frame is kept. Views of a frame share its fate: the worst. */
function takeFrames({ frames, planned, summary }: TaskReport, fates: Map<number, Fate>): void {
  if (summary === undefined) {
    // Killed: any of its frames may have been written, and which is not known.
    for (const frame of framesOf(planned)) {
      const fate = fates.get(frame);
      if (fate) fate.interrupted = true;
      else fates.set(frame, { status: 'unfinished', error: undefined, writes: 0, interrupted: true });
    }
    return;
  }
  const worst = new Map<number, FrameReport>();
  for (const report of frames) {
    if (report?.frame === undefined) continue;
    const before = worst.get(report.frame);
    if (!before || rank(report) > rank(before)) worst.set(report.frame, report);
  }
  for (const [frame, { status, error }] of worst) {
    const before = fates.get(frame) ?? { writes: 0, interrupted: false };
    const interrupted = before.interrupted && status !== 'existing';
    // A frame that was begun before and had to be begun again has run twice, though it was written once.
    const writes = before.writes + (status === 'done' ? (interrupted ? 2 : 1) : 0);
    fates.set(frame, { status, error, writes, interrupted: status === 'unfinished' });
  }
}

function rank({ status }: FrameReport): number {
  return ['existing', 'done', 'skipped', 'unfinished', 'failed'].indexOf(status);
}

function framesOf(text: string): number[] {
  return text === '' ? [] : parseFrames(text);
}

/** The last count of each task that has been started again. */
function restarts(reports: readonly TaskReport[]): NonNullable<TaskReport['attempt']>[] {
  const found = new Map<string, NonNullable<TaskReport['attempt']>>();
  for (const { attempt } of reports) {
    if (!attempt?.restarts) continue;
    const key = `${attempt.engine} ${attempt.job} ${attempt.task}`;
    if ((found.get(key)?.restarts ?? 0) < attempt.restarts) found.set(key, attempt);
  }
  return [...found.values()];
}
