/** Where functions report what they did; a filter's context has this shape. */
export interface Reporter {
  warn(code: string, message: string): void;
  note(code: string, message: string): void;
}
