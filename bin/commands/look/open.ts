import { type ExrDocument, type Limits, openExr, openExrStream } from '../../../lib/index.js';
import { usageError } from '../../words/usage.js';

/** Opens what is to be looked at: broken files as far as they go. */
export async function openInput(input: string, limits: Partial<Limits> | undefined): Promise<ExrDocument> {
  const options = { limits, holes: true };
  if (input !== '-') return openExr(input, options);
  if (process.stdin.isTTY)
    throw usageError('there is no input, and stdin is a terminal', 'Name an EXR file, or pipe one in.');
  return openExrStream(process.stdin, options);
}
