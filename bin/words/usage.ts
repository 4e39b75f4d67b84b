import { nearest } from '../../lib/format/index.js';
import { ExrError } from '../../lib/index.js';

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_USAGE', message, hint === undefined ? {} : { hint });
}

/** A hint with the nearest of the known names, or else all of them. */
export function suggest(wrong: string, known: readonly string[]): string {
  const near = nearest(wrong, known);
  return near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${near}?`;
}
