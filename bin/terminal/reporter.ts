import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { brief, printable } from '../../lib/format/index.js';
import { describeError, ExrError, isExrError, type Notice } from '../../lib/index.js';
import { asExrError } from '../../lib/program.js';
import { inOptionWords, noticeInOptionWords } from './option-hints.js';

export interface ReporterOptions {
  readonly quiet?: boolean;
  readonly strict?: boolean;
}

type Stream = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'hasColors'>>;

/** What the command line reports to people: always on stderr, one line each, since stdout carries data. */
export class Reporter {
  /** Opened when there is something to print: most commands print nothing, and it takes Node a while. */
  #stream: Stream | undefined;
  #options: ReporterOptions = {};
  #reason: string | undefined;

  constructor(stream?: Stream) {
    this.#stream = stream;
  }

  configure(options: ReporterOptions): void {
    this.#options = options;
  }

  /** Text of the program's own. */
  line(text: string): void {
    this.#open().write(`${text}\n`);
  }

  error(error: unknown): void {
    const text = describeError(inOptionWords(asExrError(error)));
    this.#reason ??= text;
    this.line(`${this.#paint('red', 'exrpipe:')} ${text}`);
  }

  /** Why the program fails, where that is more than its first error. */
  because(reason: string): void {
    this.#reason = reason;
  }

  /** What the failure of the program comes from; undefined while there was no error. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Throws where a warning must stop the work. */
  readonly notice = (notice: Notice): void => {
    const { level, code, message } = noticeInOptionWords(notice);
    if (level === 'warning' && this.#options.strict)
      throw new ExrError('invalid', code, message, { hint: '(A warning; --strict makes it an error.)' });
    if (this.#options.quiet) return;
    this.line(`${this.#paint(level === 'warning' ? 'yellow' : 'cyan', `${level}:`)} ${printable(brief(message))}`);
  };

  #open(): Stream {
    this.#stream ??= process.stderr;
    return this.#stream;
  }

  #paint(colour: 'red' | 'yellow' | 'cyan', text: string): string {
    // A terminal that has them, and whose user has not set NO_COLOR.
    const colours = this.#open().hasColors?.() ?? false;
    return colours ? styleText(colour, text, { validateStream: false }) : text;
  }
}

/** `signal` is what shells add the number of a signal to that ended a program. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, someFailed: 3, changed: 4, signal: 128 } as const;

/** The code of errors about a file that another program wrote meanwhile, so that its result was dropped. */
const changed = 'OUTPUT_CHANGED';

/** True when nothing went wrong but that: running again is all it takes. */
export function onlyChanged(errors: readonly { readonly code: string }[]): boolean {
  return errors.length > 0 && errors.every(({ code }) => code === changed);
}

/** 2 for what the caller can fix on the command line, 4 for a file that another program changed, 1 for all else. */
export function exitCode(error: unknown): number {
  if (isExrError(error) && onlyChanged([error])) return exitCodes.changed;
  return isExrError(error) && error.kind === 'usage' ? exitCodes.usage : exitCodes.failed;
}
