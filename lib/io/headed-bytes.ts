import type { RandomBytes } from './random-bytes.js';

/** Bytes whose beginning has already been read: for a small file, all of it, which is then not read twice. */
export class HeadedBytes implements RandomBytes {
  readonly #bytes: RandomBytes;
  readonly #head: Uint8Array;

  constructor(bytes: RandomBytes, head: Uint8Array) {
    this.#bytes = bytes;
    // Not a Buffer, whose slice shares its memory.
    this.#head = new Uint8Array(head.buffer, head.byteOffset, head.length);
  }

  get size(): number {
    return this.#bytes.size;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return position + length <= this.#head.length
      ? this.#head.slice(position, position + length)
      : this.#bytes.read(position, length);
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    const known = this.#head.subarray(position, position + into.length);
    into.set(known);
    if (known.length === into.length) return known.length;
    return known.length + (await this.#bytes.readInto(into.subarray(known.length), position + known.length));
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}
