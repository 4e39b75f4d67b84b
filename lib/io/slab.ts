import { ExrError } from '../model/error.js';
import type { RandomBytes } from './random-bytes.js';

/** Bytes read at once. Larger gains nothing, smaller costs calls. */
const slabLength = 1 << 20;

/**
 * A window onto a file, read in large steps into one buffer, for passing bytes on: however many small pieces are taken
 * one after the other, there are few reads, and memory is one slab.
 */
export class Slab {
  readonly #bytes: RandomBytes;
  #buffer: Uint8Array | undefined;
  #from = 0;
  #filled = 0;

  constructor(bytes: RandomBytes) {
    this.#bytes = bytes;
  }

  /** The bytes at a position; valid until the next call. At most a slab. Fewer come back only at the end of the file. */
  async view(position: number, length: number): Promise<Uint8Array> {
    if (position < this.#from || position + length > this.#from + this.#filled) await this.#fill(position, length);
    const at = position - this.#from;
    return (this.#buffer as Uint8Array).subarray(at, Math.min(at + length, this.#filled));
  }

  /** The same for any length, in as few pieces as the slab allows. */
  async *pieces(position: number, length: number): AsyncGenerator<Uint8Array> {
    for (let at = position; at < position + length; ) {
      const left = position + length - at;
      const here = at >= this.#from && at < this.#from + this.#filled ? this.#from + this.#filled - at : slabLength;
      const piece = await this.view(at, Math.min(left, here));
      if (piece.length === 0)
        throw new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, at byte ${at}`, {
          hint: 'It is cut off, or shrank while being read; copy or render it again.',
        });
      yield piece;
      at += piece.length;
    }
  }

  /** Reads on from `position`: a whole slab where reading goes forwards, only what is asked for where it jumps about. */
  async #fill(position: number, length: number): Promise<void> {
    this.#buffer ??= new Uint8Array(slabLength);
    const onwards = position >= this.#from && position <= this.#from + this.#filled + length;
    const wanted = onwards || this.#filled === 0 ? slabLength : Math.max(length, 4096);
    this.#filled = await this.#bytes.readInto(this.#buffer.subarray(0, Math.min(wanted, slabLength)), position);
    this.#from = position;
  }
}
