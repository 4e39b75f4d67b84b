/** Where functions report what they did; a filter's context has this shape. */
export interface NoticeReporter {
  warn(code: string, message: string): void;
  note(code: string, message: string): void;
}
