import type { OpenDocument } from '../engine/document.js';
import { type OpenOptions, openBytes } from '../io/open.js';
import type { RandomBytes } from '../io/random-bytes.js';
import { ExrError, withPlace } from '../model/error.js';

/** How a blob is opened. */
export interface OpenBlobOptions extends OpenOptions {
  /** What errors call it, and what its frame number is taken from: the name of a `File` where this is left out. */
  readonly name?: string | undefined;
}

/**
 * Opens an EXR file that a page has: a `File` that was chosen or dropped, or any other `Blob`. Reads the header and the offset
 * tables; of the pixels only what is requested later.
 *
 * @throws ExrError of kind `invalid`, `unsupported` or `limit` for what is wrong with the file, `io` where the browser cannot read
 *   it any more.
 */
export async function openExrBlob(blob: Blob, { name, ...options }: OpenBlobOptions = {}): Promise<OpenDocument> {
  const path = name ?? ('name' in blob && typeof blob.name === 'string' ? blob.name : undefined);
  try {
    return await openBytes(new BlobBytes(blob), path, options);
  } catch (error) {
    throw withPlace(error, { file: path ?? 'blob' });
  }
}

/** A blob as bytes at any position. It takes no memory but for what is being read, so there is nothing to close. */
class BlobBytes implements RandomBytes {
  readonly size: number;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#slice(position, length);
    if (bytes.length < length)
      throw new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, at byte ${position + bytes.length}`, {
        hint: 'It is cut off; copy or render it again.',
      });
    return bytes;
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    const bytes = await this.#slice(position, into.length);
    into.set(bytes);
    return bytes.length;
  }

  async close(): Promise<void> {}

  async #slice(position: number, length: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.#blob.slice(position, position + length).arrayBuffer());
    } catch (error) {
      // A file that was changed or deleted after it was chosen.
      throw new ExrError('io', 'BLOB_UNREADABLE', 'the browser cannot read this file any more', {
        cause: error,
        hint: 'It was changed, moved or deleted; choose it again.',
      });
    }
  }
}
