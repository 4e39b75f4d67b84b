import { open } from 'node:fs/promises';
import type { ExrDocument } from '../engine/document.js';
import { inputInfo } from '../io/input-name.js';
import { type OpenOptions, openBytes, openStream } from '../io/open.js';
import { withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { nextBytes } from './read-header.js';
import { openSpool } from './spool.js';

/** Opens an EXR file (or a named pipe or device, read as a stream). Close the document's source when done. */
export async function openExr(path: string, options: OpenOptions = {}): Promise<ExrDocument> {
  try {
    const handle = await open(path, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) {
        const document = await openExrStream(handle.createReadStream(), options);
        return { ...document, inputs: [inputInfo(document.arrived, path)] };
      }
      return await openBytes(new FileBytes(handle, stats.size), path, options, nextBytes(handle));
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Opens an EXR that arrives as a stream of bytes, such as stdin. Only the header is read before this returns. */
export function openExrStream(stream: AsyncIterable<Uint8Array>, options: OpenOptions = {}): Promise<ExrDocument> {
  return openStream(stream, openSpool, options);
}
