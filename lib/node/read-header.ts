import { type FileHandle, open } from 'node:fs/promises';
import { defaultLimits, type Limits } from '../format/limits.js';
import type { FileSizes } from '../format/offset-table.js';
import { HeadedBytes } from '../io/headed-bytes.js';
import { readPartSizes } from '../io/part-sizes.js';
import { readHeader } from '../io/read-header.js';
import { withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { FileBytes } from './file-bytes.js';

/** Reads only the header of a file. */
export async function readExrHeader(path: string, limits: Limits = defaultLimits): Promise<Header> {
  try {
    const handle = await open(path, 'r');
    try {
      return (await readHeader(nextBytes(handle), limits)).parsed.header;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** The header of a file and, where its offset tables tell, how many bytes each part takes. */
export async function readExrSizes(
  path: string,
  limits: Limits = defaultLimits,
): Promise<{ readonly header: Header; readonly sizes: FileSizes | undefined }> {
  try {
    const handle = await open(path, 'r');
    try {
      const { parsed, head } = await readHeader(nextBytes(handle), limits);
      const stats = await handle.stat();
      const bytes = new HeadedBytes(new FileBytes(handle, stats.size), head);
      // A file that shrinks meanwhile is no reason to show nothing of it.
      const sizes = stats.isFile() ? await readPartSizes(bytes, parsed).catch(() => undefined) : undefined;
      return { header: parsed.header, sizes };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** The bytes of a file that has just been opened, one after the other: without a position, which a named pipe does not have. */
export function nextBytes(handle: FileHandle): (length: number) => Promise<Uint8Array> {
  return async (length) => {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, null);
    return buffer.subarray(0, bytesRead);
  };
}
