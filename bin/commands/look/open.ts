import { type ExrDocument, ExrError, type Limits, openExr, openExrStream } from '../../../lib/index.js';
import { withPlace } from '../../../lib/program.js';
import { usageError } from '../../words/usage.js';

/** Opens what is to be looked at: broken files as far as they go. */
export async function openInput(input: string, limits: Partial<Limits> | undefined): Promise<ExrDocument> {
  const options = { limits, holes: true };
  if (input !== '-') return openExr(input, options);
  if (process.stdin.isTTY)
    throw usageError('there is no input, and stdin is a terminal', 'Name an EXR file, or pipe one in.');
  return openExrStream(process.stdin, options);
}

/** The same for as long as it is used. Errors name the file. */
export async function withInput<Result>(
  input: string,
  limits: Partial<Limits> | undefined,
  use: (document: ExrDocument) => Promise<Result>,
): Promise<Result> {
  const document = await openInput(input, limits);
  try {
    return await use(document);
  } catch (error) {
    throw withPlace(error, { file: shownName(input) });
  } finally {
    await document.source.close();
  }
}

/** Throws for a file that lacks chunks: what is made from it would be empty there. */
export function refuseUnfinished({ source }: ExrDocument, input: string): void {
  if (source.missing.length === 0) return;
  const message = `${source.missing.length} chunks are missing: the file is unfinished`;
  throw new ExrError('invalid', 'CHUNKS_MISSING', message, { where: { file: shownName(input) } });
}

/** What errors call an input. */
function shownName(input: string): string {
  return input === '-' ? 'stdin' : input;
}
