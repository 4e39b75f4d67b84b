import { fileState } from '../../lib/format/index.js';
import { type FileFacts, type Limits, openExrStream } from '../../lib/index.js';

/** The header of an image that comes through stdin. The rest is read only where its offset tables are empty. */
export async function readStdinFacts(limits: Partial<Limits> | undefined): Promise<FileFacts> {
  const { header, source } = await openExrStream(process.stdin, { limits, holes: true });
  try {
    return { header, chunks: source.random ? { sizes: undefined, state: fileState(header, source) } : undefined };
  } finally {
    await source.close();
  }
}
