import { closeQuietly } from '../model/close.js';
import type { PipeReader } from './pipe-reader.js';
import type { RandomBytes } from './random-bytes.js';

/** Room for bytes that must be read again in another order, released when it is closed: usually a temporary file. */
export interface Scratch extends RandomBytes {
  /** Bytes appended so far. */
  readonly size: number;
  /** The bytes may be overwritten once the promise resolves. */
  append(bytes: Uint8Array): Promise<void>;
}

/** Makes an empty one. */
export type OpenScratch = () => Promise<Scratch>;

/** Copies a stream, including what was already read from it. */
export async function copyPipe(
  taken: readonly Uint8Array[],
  pipe: PipeReader,
  openScratch: OpenScratch,
): Promise<RandomBytes> {
  const scratch = await openScratch();
  try {
    for (const bytes of taken) await scratch.append(bytes);
    for (let bytes = await pipe.some(); bytes; bytes = await pipe.some()) await scratch.append(bytes);
    return scratch;
  } catch (error) {
    await closeQuietly(scratch);
    throw error;
  }
}
