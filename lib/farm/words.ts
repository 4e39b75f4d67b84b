import { ExrError } from '../model/error.js';
import { type FarmJob, framesPiece, type JobFile, type JobWord } from './job.js';

/** How an engine writes what is not plain text. */
export interface Spelling {
  readonly text: (text: string) => string;
  readonly file: (file: JobFile) => string;
  /** The frames of the task. */
  readonly frames: string;
}

export function spellWords(words: readonly JobWord[], { text, file, frames }: Spelling): string[] {
  return words.map((word) => (word === framesPiece ? frames : typeof word === 'string' ? text(word) : file(word)));
}

/** The path a file has on the machine that submits, with its pattern. */
export function fullPath({ path, pattern }: JobFile): string {
  return pattern === undefined ? path : `${path.replace(/\/$/, '')}/${pattern}`;
}

/**
 * The words of one task: the chain over some frames. Existing outputs are kept, so a task may run any number of times; a frame that
 * fails does not keep the others of its task.
 */
export function taskWords({ chain, inputs, reports }: FarmJob, ...more: readonly string[]): JobWord[] {
  return [...chain, '--frames', framesPiece, '--skip-existing', '--report', reports, ...more, ...inputs];
}

/** The same for `farm-task`, which puts the frames of its task in. */
export function numberedTaskWords({ chain, inputs, reports }: FarmJob): JobWord[] {
  return [...chain, '--skip-existing', '--report', reports, ...inputs];
}

/** The words of the check after all tasks, over all frames; undefined where there is nothing that it could read. */
export function checkWords({ outputs }: FarmJob, ...more: readonly string[]): JobWord[] | undefined {
  return outputs && ['validate', '--quiet', '--frames', framesPiece, ...more, ...outputs];
}

/** The words of the report at the end, over all frames. */
export function reportWords({ reports }: FarmJob): JobWord[] {
  return ['farm-report', '--frames', framesPiece, reports];
}

/** Tasks of a job, for engines that number them. */
export function taskCount({ frames, framesPerTask }: FarmJob): number {
  return Math.ceil(frames.length / framesPerTask);
}

/** Throws `usage` for what an engine cannot take. */
export function cannot(engine: string, message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_FARM_JOB', `${engine}: ${message}`, hint === undefined ? {} : { hint });
}

/** The start of a text that an engine allows so many characters of, without cutting a character in two. */
export function within(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
