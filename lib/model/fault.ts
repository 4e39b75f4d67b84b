import { type Advice, advise, optionNamed } from './advice.js';
import { explainSystemError, isSystemError } from './system-error.js';

/** An error that was not written for users, in words, with its kind. */
interface Fault {
  readonly kind: 'io' | 'invalid' | 'internal';
  readonly code: string;
  readonly message: string;
  readonly hint?: string | Advice;
}

/**
 * The meaning of an error that is not an ExrError. It comes from the operating system, or from a library about its input;
 * anything else is a fault of the program, or of a filter from elsewhere, and not of a file.
 */
export function explainFault(error: unknown): Fault {
  if (isSystemError(error)) return { kind: 'io', ...explainSystemError(error) };
  const { message, code } = parts(error);
  // V8 has no code for it. Memory may become available when other work is done.
  if (error instanceof RangeError && /allocat|out of memory/i.test(message))
    return {
      kind: 'io',
      code: 'OUT_OF_MEMORY',
      message: 'the system has no more memory',
      hint: advise`Use fewer ${optionNamed('jobs')} or ${optionNamed('threads')}, or a smaller ${optionNamed('memory')}.`,
    };
  if (/^Z_(DATA|BUF|STREAM)_ERROR$|^Z_NEED_DICT$/.test(code ?? ''))
    return { kind: 'invalid', code: code ?? '', message: `packed data is damaged: ${message}` };
  if (error instanceof Error && programFaults.has(error.name))
    return {
      kind: 'internal',
      code: code ?? 'UNEXPECTED',
      message: `internal error: ${error.name}: ${message}${placeOf(error)}`,
      hint: 'This is a bug in exrpipe or in a filter, not a problem with the file; please report it.',
    };
  return { kind: 'internal', code: code ?? 'UNEXPECTED', message };
}

/** The line of the program that threw, for whoever wrote it: ` (my-filter.js:21)`; '' where no stack tells. */
function placeOf({ stack = '' }: Error): string {
  const [, file, line] = /^ +at .*?([^\\/()\s]+\.[cm]?[jt]s)\b[^\\/()\s:]*:(\d+):\d+\)?$/m.exec(stack) ?? [];
  return file === undefined ? '' : ` (${file}:${line})`;
}

/** Errors that the language throws for programming mistakes. */
const programFaults: ReadonlySet<string> = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'RuntimeError',
  'AssertionError',
  'DataCloneError',
]);

function parts(error: unknown): { readonly message: string; readonly code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  return { message: error.message, code: 'code' in error && typeof error.code === 'string' ? error.code : undefined };
}
