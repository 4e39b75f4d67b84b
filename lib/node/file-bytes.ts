import type { FileHandle } from 'node:fs/promises';
import type { RandomBytes } from '../io/random-bytes.js';
import { ExrError, withPlace } from '../model/error.js';

/** An open file as bytes at any position. */
export class FileBytes implements RandomBytes {
  size: number;
  protected readonly handle: FileHandle;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle, size: number, close: () => Promise<void> = () => handle.close()) {
    this.handle = handle;
    this.size = size;
    this.#close = close;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    const at = await this.readInto(out, position);
    if (at < length)
      throw new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, at byte ${position + at}`, {
        hint: 'It is cut off, or shrank while being read; copy or render it again.',
      });
    return out;
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    let at = 0;
    // A file that has been read to its end needs no further read.
    while (at < into.length && position + at < this.size) {
      const { bytesRead } = await this.handle.read(into, at, into.length - at, position + at).catch((error) => {
        throw withPlace(error, {});
      });
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return at;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }
}
