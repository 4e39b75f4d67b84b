import { asExrError, ExrError } from '../model/error.js';
import type { EventError } from './events.js';

/** An error as data, for events and for messages between threads. */
export function toEventError(error: unknown): EventError {
  const { kind, code, message, where, hint, limit } = asExrError(error);
  return { kind, code, message, where, hint, ...(limit !== undefined && { limit }) };
}

export function fromEventError({ kind, code, message, where, hint, limit }: EventError): ExrError {
  return new ExrError(kind, code, message, {
    where,
    ...(hint !== undefined && { hint }),
    ...(limit !== undefined && { limit }),
  });
}
