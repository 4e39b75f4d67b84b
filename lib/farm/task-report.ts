import { ExrError } from '../model/error.js';
import { jsonFormat } from '../model/json-format.js';
import type { SequenceReport } from '../sequence/report.js';
import type { Attempt } from './attempt.js';

/**
 * What one attempt at a task leaves in the job's folder: the report of its run. It exists from the start, without a summary, so that
 * killed attempts are known too.
 */
export interface TaskReport extends SequenceReport {
  /** What the engine reports about it; absent where it reports nothing. */
  readonly attempt?: Attempt;
}

/** Longer names could be refused; the frames are in the report. */
const longestFrames = 80;

/**
 * The name of a report in a folder that all tasks share: by its frames and, from the second attempt on, a number, so that
 * none takes another's place. Frames with many gaps are identified by the first and the last, and then the number does the rest.
 */
export function taskReportName(frames: string, attempt: number): string {
  const safe = frames.length <= longestFrames ? frames : `${/^-?\d+/.exec(frames)?.[0]}_${/-?\d+$/.exec(frames)?.[0]}`;
  return `frames_${safe === '' ? 'none' : safe}${attempt > 1 ? `.${attempt}` : ''}.json`;
}

/** Whether a name in the folder is one of {@link taskReportName}. */
export function isTaskReport(name: string): boolean {
  return /^frames_.*\.json$/.test(name);
}

/**
 * A report from its text: undefined for a piece of one, which a machine leaves that fails in the middle of writing.
 *
 * @throws ExrError of kind `invalid` BAD_REPORT for JSON that is something else.
 */
export function parseTaskReport(text: string): TaskReport | undefined {
  const value = parsed(text);
  if (value === undefined || isReport(value)) return value;
  throw new ExrError(
    'invalid',
    'BAD_REPORT',
    'this is not the report of a task, or one of another version of exrpipe',
    {
      hint: 'Move it out of the folder, or use the version that wrote it.',
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is TaskReport {
  if (typeof value !== 'object' || value === null) return false;
  const { format, planned, missing, frames }: Partial<Record<keyof TaskReport, unknown>> = value;
  return format === jsonFormat && typeof planned === 'string' && Array.isArray(missing) && Array.isArray(frames);
}
