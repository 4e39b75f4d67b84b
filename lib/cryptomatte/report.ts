import type { Advice } from '../model/advice.js';

/** Where functions report what they did; a filter's context has this shape. */
export interface NoticeReporter {
  /** Something that should be looked at. */
  warn(code: string, message: string | Advice): void;
  /** What was done. */
  note(code: string, message: string | Advice): void;
}
