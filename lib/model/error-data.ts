import type { Advice } from './advice.js';
import { asExrError, type ErrorKind, type ErrorPlace, ExrError } from './error.js';

/** An ExrError as plain data, for events and for the way between threads, which classes do not survive. */
export interface ErrorData {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  /** The message with the options that it names as data. */
  readonly wording?: Advice | undefined;
  readonly where: ErrorPlace;
  readonly hint: string | undefined;
  /** The hint with the options that it names as data. */
  readonly advice?: Advice | undefined;
  /** Of kind `limit`: the name of the limit that was met, where it can be raised. */
  readonly limit?: string | undefined;
}

/** With what else a programmer wants to see: where it was thrown, and by what. */
export interface TracedErrorData extends ErrorData {
  readonly stack?: string | undefined;
  readonly cause?: CauseData | undefined;
}

/** An error of any class that caused another. */
export interface CauseData {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: CauseData | undefined;
}

/** Causes of causes that travel. Who wraps an error more often than that has a loop. */
const mostCauses = 8;

export function toErrorData(error: unknown): ErrorData {
  const { kind, code, message, wording, where, hint, advice, limit } = asExrError(error);
  return {
    kind,
    code,
    message,
    ...(wording && { wording }),
    where,
    hint,
    ...(advice && { advice }),
    ...(limit !== undefined && { limit }),
  };
}

export function toTracedErrorData(error: unknown): TracedErrorData {
  const own = asExrError(error);
  return { ...toErrorData(own), stack: own.stack, cause: causeData(own.cause, mostCauses) };
}

function causeData(cause: unknown, most: number): CauseData | undefined {
  if (cause === undefined || most === 0) return undefined;
  if (!(cause instanceof Error)) return { name: 'Error', message: String(cause) };
  const { name, message, stack } = cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return { name, message, code, stack, cause: causeData(cause.cause, most - 1) };
}

/** The error again. Its stack is that of the thread it was thrown on, where that was sent. */
export function fromErrorData(data: TracedErrorData): ExrError {
  const { kind, code, where, limit, stack, cause } = data;
  const hint = data.advice ?? data.hint;
  const error = new ExrError(kind, code, data.wording ?? data.message, {
    where,
    ...(hint !== undefined && { hint }),
    ...(limit !== undefined && { limit }),
    ...(cause !== undefined && { cause: causeOf(cause) }),
  });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function causeOf({ name, message, code, stack, cause }: CauseData): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: causeOf(cause) });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
