import { Readable } from 'node:stream';
import type { OpenDocument } from '../engine/document.js';
import { type OpenOptions, openBytes, openStream } from '../io/open.js';
import { closeQuietly } from '../model/close.js';
import { withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { givenUp, openPath } from './input.js';
import { nextBytes } from './read-header.js';
import { versionOf } from './replaced-file.js';
import { openSpool } from './spool.js';

/**
 * Opens an EXR file (or a named pipe or device, read as a stream). Close the document's source when done.
 *
 * @throws ExrError of kind `invalid` for what is wrong with the file, `unsupported` for a newer format, `limit` beyond the
 *   limits, `io` where the system refuses.
 */
export async function openExr(path: string, options: OpenOptions = {}): Promise<OpenDocument> {
  try {
    const opened = await openPath(path);
    if (opened.kind === 'stream') return await openStream(givenUp(opened.stream), openSpool, options, path);
    const { handle, stats } = opened;
    try {
      const document = await openBytes(new FileBytes(handle, Number(stats.size)), path, options, nextBytes(handle));
      const version = versionOf(stats);
      return { ...document, inputs: document.inputs.map((input) => ({ ...input, version })) };
    } catch (error) {
      await closeQuietly(handle);
      throw error;
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/**
 * Opens an EXR that arrives as a stream of bytes, such as stdin. Only the header is read before this returns.
 *
 * @throws ExrError of kind `invalid` for what is wrong with the file, `unsupported` for a newer format, `limit` beyond the
 *   limits, `io` where the system refuses.
 */
export function openExrStream(stream: AsyncIterable<Uint8Array>, options: OpenOptions = {}): Promise<OpenDocument> {
  return openStream(stream instanceof Readable ? givenUp(stream) : stream, openSpool, options);
}
