import type { SequenceReport } from '../sequence/report.js';
import type { Attempt } from './attempt.js';

/**
 * What one attempt at a task leaves in the job's folder: the report of its run. It is there from the beginning, without a summary, so
 * that an attempt that was killed is known too.
 */
export interface TaskReport extends SequenceReport {
  /** What the engine says of it; absent where it says nothing. */
  readonly attempt?: Attempt;
}

/** Longer names could be refused; the frames are in the report. */
const longestFrames = 80;

/**
 * The name of a report in a folder that all tasks share: by its frames and, from the second attempt on, a number, so that
 * none takes another's place. Frames with many gaps are told by the first and the last, and then the number does the rest.
 */
export function taskReportName(frames: string, attempt: number): string {
  const safe = frames.length <= longestFrames ? frames : `${/^-?\d+/.exec(frames)?.[0]}_${/-?\d+$/.exec(frames)?.[0]}`;
  return `frames_${safe === '' ? 'none' : safe}${attempt > 1 ? `.${attempt}` : ''}.json`;
}

/** Whether a name in the folder is one of {@link taskReportName}. */
export function isTaskReport(name: string): boolean {
  return /^frames_.*\.json$/.test(name);
}
