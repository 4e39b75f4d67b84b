import { HeaderParser, type ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import type { RandomBytes } from './random-bytes.js';

/** Bytes read at once while looking for the end of the header; grows with the header. */
const headerStep = 64 << 10;

/** The header that bytes begin with, and the bytes read while finding it. `next` returns the next bytes, none at the end. */
export async function readHeader(
  next: (length: number) => Promise<Uint8Array>,
  limits: Limits,
): Promise<{ readonly parsed: ParsedHeader; readonly head: Uint8Array }> {
  const parser = new HeaderParser(limits);
  const head = await next(headerStep);
  let parsed = head.length > 0 ? parser.push(head) : undefined;
  for (let step = 2 * headerStep; !parsed; step *= 2) {
    const more = await next(step);
    if (more.length === 0) throw parser.truncated();
    parsed = parser.push(more);
  }
  return { parsed, head };
}

/** Reads bytes in order from the beginning. */
export function fromStart(bytes: RandomBytes): (length: number) => Promise<Uint8Array> {
  let position = 0;
  return async (length) => {
    const into = new Uint8Array(Math.min(length, bytes.size - position));
    const read = await bytes.readInto(into, position);
    position += read;
    return into.subarray(0, read);
  };
}
