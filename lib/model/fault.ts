import { type Advice, advise, optionNamed } from './advice.js';
import { explainSystemError, isSystemError } from './system-error.js';

/** An error that was not made for a reader, in words, with the kind that it is of. */
interface Fault {
  readonly kind: 'io' | 'invalid' | 'internal';
  readonly code: string;
  readonly message: string;
  readonly hint?: string | Advice;
}

/**
 * What an error means that is no ExrError. It is the operating system's, or that of a library about bytes it was given; what is
 * neither is a fault of the program, or of a filter from elsewhere, and no file is to blame for it.
 */
export function explainFault(error: unknown): Fault {
  if (isSystemError(error)) return { kind: 'io', ...explainSystemError(error) };
  const { message, code } = parts(error);
  // V8 has no code for it. The system may have memory again when other work is done.
  if (error instanceof RangeError && /allocat|out of memory/i.test(message))
    return {
      kind: 'io',
      code: 'OUT_OF_MEMORY',
      message: 'the system gives no more memory',
      hint: advise`Use fewer ${optionNamed('jobs')} or ${optionNamed('threads')}, or a smaller ${optionNamed('memory')}.`,
    };
  if (/^Z_(DATA|BUF|STREAM)_ERROR$|^Z_NEED_DICT$/.test(code ?? ''))
    return { kind: 'invalid', code: code ?? '', message: `packed data is damaged: ${message}` };
  if (error instanceof Error && programFaults.has(error.name))
    return {
      kind: 'internal',
      code: code ?? 'UNEXPECTED',
      message: `internal error: ${error.name}: ${message}`,
      hint: 'This is a fault of the program or of a filter, not of the file; please report it.',
    };
  return { kind: 'internal', code: code ?? 'UNEXPECTED', message };
}

/** Errors that the language throws at a program that is wrong. */
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
