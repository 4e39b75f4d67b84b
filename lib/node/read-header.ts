import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type FileState, fileState } from '../format/file-state.js';
import type { ParsedHeader } from '../format/header-parser.js';
import { type Limits, makeLimits } from '../format/limits.js';
import type { FileSizes } from '../format/offset-table.js';
import { HeadedBytes } from '../io/headed-bytes.js';
import { readPartSizes } from '../io/part-sizes.js';
import { PipeReader } from '../io/pipe-reader.js';
import type { RandomBytes } from '../io/random-bytes.js';
import { readHeader } from '../io/read-header.js';
import { openChunks } from '../io/seekable-source.js';
import { closeQuietly } from '../model/close.js';
import { isExrError, withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { FileBytes } from './file-bytes.js';
import { givenUp, openPath } from './input.js';

/**
 * Reads only the header of a file, or of what comes out of a named pipe.
 *
 * @throws ExrError of kind `invalid` for what is wrong with the file, `unsupported` for a newer format, `limit` beyond the
 *   limits, `io` where the system refuses.
 */
export async function readExrHeader(path: string, limits?: Partial<Limits>): Promise<Header> {
  try {
    const opened = await openPath(path);
    if (opened.kind === 'stream') return await headerOfStream(opened.stream, limits);
    try {
      return (await readHeader(nextBytes(opened.handle), makeLimits(limits))).parsed.header;
    } finally {
      await closeQuietly(opened.handle);
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function headerOfStream(stream: Readable, limits: Partial<Limits> | undefined): Promise<Header> {
  const pipe = new PipeReader(givenUp(stream));
  try {
    return (await readHeader(async () => (await pipe.some()) ?? new Uint8Array(0), makeLimits(limits))).parsed.header;
  } finally {
    await closeQuietly(pipe);
  }
}

/** The header of a file, and what its tables reveal about its chunks. */
export interface FileFacts {
  readonly header: Header;
  /** Undefined if it is not a regular file. */
  readonly chunks: { readonly sizes: FileSizes | undefined; readonly state: FileState } | undefined;
}

/**
 * Reads the header of a file and its offset tables; its chunks, one after the other, only where the tables are wrong.
 *
 * @throws ExrError of kind `invalid` for what is wrong with the file, `unsupported` for a newer format, `limit` beyond the
 *   limits, `io` where the system refuses.
 */
export async function readExrFacts(path: string, limits?: Partial<Limits>): Promise<FileFacts> {
  try {
    const opened = await openPath(path);
    if (opened.kind === 'stream') return { header: await headerOfStream(opened.stream, limits), chunks: undefined };
    const { handle, stats } = opened;
    try {
      const known = makeLimits(limits);
      const { parsed, head } = await readHeader(nextBytes(handle), known);
      return await factsOf(new HeadedBytes(new FileBytes(handle, Number(stats.size)), head), parsed, known);
    } finally {
      await closeQuietly(handle);
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function factsOf(bytes: RandomBytes, parsed: ParsedHeader, limits: Limits): Promise<FileFacts> {
  try {
    const { header, source } = await openChunks(bytes, parsed, { limits, holes: true, leaders: false });
    const state = fileState(header, source);
    const whole = state.table === 'sound' && state.unfinished.length === 0;
    return { header, chunks: { sizes: whole ? await readPartSizes(bytes, parsed) : undefined, state } };
  } catch (error) {
    // If chunks of an unknown compression cannot be found, the rest of the file can still be shown.
    if (isExrError(error) && error.kind !== 'io') return { header: parsed.header, chunks: undefined };
    throw error;
  }
}

/** The bytes of a file that has just been opened, in order: without a position, which a named pipe does not have. */
export function nextBytes(handle: FileHandle): (length: number) => Promise<Uint8Array> {
  return async (length) => {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, null);
    return buffer.subarray(0, bytesRead);
  };
}
