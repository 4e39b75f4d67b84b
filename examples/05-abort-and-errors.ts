/**
 * When things go wrong: an AbortSignal stops the work and leaves no half-written file, and errors can be told apart
 * without reading their texts.
 *
 *     node dist/examples/05-abort-and-errors.js shot.0001.exr out.exr 10
 */
import { compress } from '../filters/index.js';
import { describeError, isExrError, runFrame } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** Says how it ended: never throws for what may happen to a file. */
export async function compressWithin(input: string, output: string, seconds: number): Promise<string> {
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    await runFrame([input], [compress({ to: 'zip' })], output, { signal });
    return 'done';
  } catch (error) {
    if (signal.aborted) return 'took too long';
    if (!isExrError(error)) throw error;
    switch (error.kind) {
      case 'invalid':
        return `render it again: ${describeError(error)}`;
      case 'io':
        return `try again later: ${describeError(error)}`;
      default:
        return `cannot be done: ${describeError(error)}`;
    }
  }
}

await asProgram(import.meta.url, ['INPUT', 'OUTPUT', 'SECONDS'], (input = '', output = '', seconds = '10') =>
  compressWithin(input, output, Number(seconds)),
);
