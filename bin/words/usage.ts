import { ExrError } from '../../lib/index.js';

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_USAGE', message, hint === undefined ? {} : { hint });
}
