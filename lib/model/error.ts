import { type Advice, adviceText } from './advice.js';
import { explainFault } from './fault.js';
import { brief, listed } from './listed.js';

/**
 * What kind of trouble an error is, so that a caller can react without reading its text:
 * the file is wrong, the file is right but beyond this version, a safety limit was met,
 * the caller asked for something impossible, the operating system refused (trying again may help), or the program itself is
 * at fault (trying again does not help).
 */
export type ErrorKind = 'invalid' | 'unsupported' | 'limit' | 'usage' | 'io' | 'internal';

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

/** What an error has apart from kind, code and message. */
export interface ErrorDetails {
  readonly where?: ErrorPlace;
  /** The next step for the user, as a full sentence. */
  readonly hint?: string | Advice;
  /** Of kind `limit`: the name of the limit of a file that was met, which a caller may raise. */
  readonly limit?: string;
  readonly cause?: unknown;
}

/** The one error type of exrpipe. `code` is stable and meant for programs, the message for people. */
export class ExrError extends Error {
  override readonly name = 'ExrError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly where: ErrorPlace;
  /** The message with the options that it names as data, where it names any. */
  readonly wording: Advice | undefined;
  /** The next step for the user, in the words of the library: names of functions and options. */
  readonly hint: string | undefined;
  /** The same as data, where it names options: a program that has other names for them words it itself. */
  readonly advice: Advice | undefined;
  /** The limit that was met, by its name in `Limits`; undefined for other errors, and for limits that cannot be raised. */
  readonly limit: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string | Advice, details: ErrorDetails = {}) {
    super(adviceText(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.wording = typeof message === 'string' ? undefined : message;
    this.code = code;
    this.where = details.where ?? {};
    this.hint = details.hint === undefined ? undefined : adviceText(details.hint);
    this.advice = typeof details.hint === 'string' ? undefined : details.hint;
    this.limit = details.limit;
  }

  /** The same error with more context. Information from inner layers about the place takes precedence. */
  at(place: ErrorPlace): ExrError {
    const { kind, code, limit, cause, stack } = this;
    const hint = this.advice ?? this.hint;
    const error = new ExrError(kind, code, this.wording ?? this.message, {
      where: { ...place, ...this.where },
      cause,
      ...(hint !== undefined && { hint }),
      ...(limit !== undefined && { limit }),
    });
    if (stack !== undefined) error.stack = stack;
    return error;
  }
}

/** True for errors thrown by exrpipe, also across copies of the library. */
export function isExrError(error: unknown): error is ExrError {
  return error instanceof Error && error.name === 'ExrError' && 'code' in error && 'kind' in error;
}

/** True for the default reasons of a signal's `abort()` and of `AbortSignal.timeout()`, which are not failures. */
export function isAbort(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** Any error as an ExrError: a refusal of the operating system is `io`, an unforeseen error `internal`. */
export function asExrError(error: unknown, place: ErrorPlace = {}): ExrError {
  if (isExrError(error)) return error.at(place);
  const { kind, code, message, hint } = explainFault(error);
  return new ExrError(kind, code, message, { where: place, cause: error, ...(hint && { hint }) });
}

/** The same for errors on their way up to the caller, except that an abort is kept. */
export function withPlace(error: unknown, place: ErrorPlace): Error {
  return isAbort(error) ? error : asExrError(error, place);
}

/** One line for people: place, message, next step. Control characters are made visible, so a name from a file cannot drive the terminal. */
export function describeError(error: unknown): string {
  if (!isExrError(error)) return printable(brief(error instanceof Error ? error.message : String(error)));
  const { file, frame, part, chunk, attribute, offset } = error.where;
  const place = [
    file === undefined ? undefined : brief(file),
    frame === undefined ? undefined : `frame ${frame}`,
    part === undefined ? undefined : `part ${part}`,
    chunk === undefined ? undefined : `chunk ${chunk}`,
    attribute === undefined ? undefined : `attribute ${listed([attribute])}`,
    offset === undefined ? undefined : `at byte ${offset}`,
  ].filter((piece) => piece !== undefined);
  const head = place.length > 0 ? `${place.join(', ')}: ` : '';
  return printable(head + withHint(error));
}

/** Message and hint as sentences. */
function withHint({ message, hint }: ExrError): string {
  const sentence = brief(message);
  if (!hint) return sentence;
  return /[.!?]$/.test(sentence) ? `${sentence} ${brief(hint)}` : `${sentence}. ${brief(hint)}`;
}

/**
 * Characters that a terminal would obey, or not show: control characters, newlines, marks that reverse the direction of text,
 * characters without width, and bytes that are not UTF-8 (lone surrogates, see text.ts). Allowed are variation selectors after
 * a letter, and joiners between emoji.
 */
const unprintable =
  /(?!(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic}))(?![\ufe00-\ufe0f])[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** Text from a file, safe for a terminal: characters that would control it, or hide, are written as escapes. */
export function printable(text: string): string {
  return text.replace(unprintable, (c) => {
    const code = c.codePointAt(0) ?? 0;
    if (code === 10) return '\\n';
    if (code === 9) return '\\t';
    const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
    return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u{${byte.toString(16)}}`;
  });
}
