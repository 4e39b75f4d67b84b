import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { defaultLimits, type Limits } from '../format/limits.js';
import type { FileSizes } from '../format/offset-table.js';
import { HeadedBytes } from '../io/headed-bytes.js';
import { readPartSizes } from '../io/part-sizes.js';
import { PipeReader } from '../io/pipe-reader.js';
import { readHeader } from '../io/read-header.js';
import { closeQuietly } from '../model/close.js';
import { withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { FileBytes } from './file-bytes.js';
import { givenUp, openPath } from './input.js';

/** Reads only the header of a file, or of what comes out of a named pipe. */
export async function readExrHeader(path: string, limits: Limits = defaultLimits): Promise<Header> {
  try {
    const opened = await openPath(path);
    if (opened.kind === 'stream') return await headerOfStream(opened.stream, limits);
    try {
      return (await readHeader(nextBytes(opened.handle), limits)).parsed.header;
    } finally {
      await closeQuietly(opened.handle);
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function headerOfStream(stream: Readable, limits: Limits): Promise<Header> {
  const pipe = new PipeReader(givenUp(stream));
  try {
    return (await readHeader(async () => (await pipe.some()) ?? new Uint8Array(0), limits)).parsed.header;
  } finally {
    await closeQuietly(pipe);
  }
}

/** The header of a file and, where its offset tables tell, how many bytes each part takes. */
export async function readExrSizes(
  path: string,
  limits: Limits = defaultLimits,
): Promise<{ readonly header: Header; readonly sizes: FileSizes | undefined }> {
  try {
    const opened = await openPath(path);
    if (opened.kind === 'stream') return { header: await headerOfStream(opened.stream, limits), sizes: undefined };
    const { handle, stats } = opened;
    try {
      const { parsed, head } = await readHeader(nextBytes(handle), limits);
      const bytes = new HeadedBytes(new FileBytes(handle, stats.size), head);
      // A file that shrinks meanwhile is no reason to show nothing of it.
      return { header: parsed.header, sizes: await readPartSizes(bytes, parsed).catch(() => undefined) };
    } finally {
      await closeQuietly(handle);
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
