import { truncated } from './error.js';

/** Bytes that can be read at any position: a file handle, a Blob, a buffer. Both numbers count bytes. */
export interface BlendSource {
  readonly size: number;
  /** Exactly `length` bytes from `offset`; the reader never asks for bytes beyond `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file that is in memory as a whole. */
export function bytesSource(bytes: Uint8Array): BlendSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

/** Reads ahead a little, so that a header of a few bytes does not cost a system call each. */
export class BufferedSource {
  readonly size: number;
  readonly #source: BlendSource;
  readonly #readAhead: number;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(source: BlendSource, readAhead: number) {
    this.size = source.size;
    this.#source = source;
    this.#readAhead = readAhead;
  }

  /** `length` bytes from `offset`, valid until the next call. */
  async readAt(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size)
      throw truncated(`the file ends at byte ${this.size}, ${offset + length} are needed`);
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      const wanted = Math.min(Math.max(length, this.#readAhead), this.size - offset);
      const window = await this.#source.read(offset, wanted);
      if (window.length !== wanted)
        throw truncated(`the file returned ${window.length} of ${wanted} bytes at ${offset}`);
      this.#window = window;
      this.#start = offset;
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length);
  }
}
