import { explainSystemError } from './system-error.js';

/**
 * What kind of trouble an error is, so that a caller can react without reading its text:
 * the file is wrong, the file is right but beyond this version, a safety limit was met,
 * the caller asked for something impossible, or the operating system refused.
 */
export type ErrorKind = 'invalid' | 'unsupported' | 'limit' | 'usage' | 'io';

/** Where in the input an error happened. Every field is filled in by the first layer that knows it. */
export interface ErrorPlace {
  readonly file?: string;
  readonly frame?: number;
  /** Part number, counted from 0 as in the file. */
  readonly part?: number;
  /** Chunk number within its part, counted from 0 as in the offset table. */
  readonly chunk?: number;
  /** Byte offset from the beginning of the file. */
  readonly offset?: number;
  readonly attribute?: string;
}

export interface ErrorDetails {
  readonly where?: ErrorPlace;
  /** The next step for the user, as a full sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error type of exrpipe. `code` is stable and meant for programs, the message for people. */
export class ExrError extends Error {
  override readonly name = 'ExrError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly where: ErrorPlace;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = code;
    this.where = details.where ?? {};
    this.hint = details.hint;
  }

  /** The same error with more context. What an inner layer already said about the place wins. */
  at(place: ErrorPlace): ExrError {
    const details: ErrorDetails = { where: { ...place, ...this.where }, cause: this.cause ?? this };
    return new ExrError(this.kind, this.code, this.message, this.hint ? { ...details, hint: this.hint } : details);
  }
}

/** True for errors thrown by exrpipe, also across copies of the library. */
export function isExrError(error: unknown): error is ExrError {
  return error instanceof Error && error.name === 'ExrError' && 'code' in error && 'kind' in error;
}

/** Adds a place to any error: an ExrError keeps its code, anything else becomes an `io` error. */
export function withPlace(error: unknown, place: ErrorPlace): ExrError {
  if (isExrError(error)) return error.at(place);
  const { code, message, hint } = explainSystemError(error);
  return new ExrError('io', code, message, { where: place, cause: error, ...(hint && { hint }) });
}

/** One line for people: place, message, next step. Control characters are made visible, so a name from a file cannot drive the terminal. */
export function describeError(error: unknown): string {
  if (!isExrError(error)) return printable(error instanceof Error ? error.message : String(error));
  const { file, frame, part, chunk, attribute, offset } = error.where;
  const place = [
    file,
    frame === undefined ? undefined : `frame ${frame}`,
    part === undefined ? undefined : `part ${part}`,
    chunk === undefined ? undefined : `chunk ${chunk}`,
    attribute === undefined ? undefined : `attribute "${attribute}"`,
    offset === undefined ? undefined : `at byte ${offset}`,
  ].filter((piece) => piece !== undefined);
  const head = place.length > 0 ? `${place.join(', ')}: ` : '';
  return printable(head + withHint(error));
}

/** Message and hint as sentences. */
function withHint({ message, hint }: ExrError): string {
  if (!hint) return message;
  return /[.!?]$/.test(message) ? `${message} ${hint}` : `${message}. ${hint}`;
}

/** Replaces control characters (terminal escapes, newlines) in text that came from a file. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code === 10 ? '\\n' : code === 9 ? '\\t' : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}
