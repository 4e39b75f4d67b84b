import { ExrError } from '../model/error.js';
import type { RandomBytes } from './random-bytes.js';

/** Bytes read at once. Smaller costs calls, a quarter of it a quarter more time; two larger ones do not stay in a core's cache. */
const slabLength = 2 << 20;

/** Bytes of a file in memory. */
interface Window {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/**
 * A window onto a file, read in large steps, for forwarding bytes: however many small pieces are taken one after the other,
 * there are few reads, and while one slab is written the next is read. It takes two slabs of memory.
 */
export class Slab {
  readonly #source: RandomBytes;
  /** The one in use, and the one being read into. */
  #buffers: [Uint8Array, Uint8Array] | undefined;
  #window: Window = { from: 0, bytes: new Uint8Array() };
  #ahead: { readonly from: number; readonly reading: Promise<Window> } | undefined;

  constructor(source: RandomBytes) {
    this.#source = source;
  }

  /** The bytes at a position; valid until the next call. At most a slab. Fewer come back only at the end of the file. */
  async view(position: number, length: number): Promise<Uint8Array> {
    if (position < this.#window.from || position + length > this.#end) await this.#fill(position, length);
    const at = position - this.#window.from;
    return this.#window.bytes.subarray(at, at + length);
  }

  /** The same for any length, in as few pieces as the slab allows. */
  async *pieces(position: number, length: number): AsyncGenerator<Uint8Array> {
    const end = position + length;
    for (let at = position; at < end; ) {
      const here = at >= this.#window.from && at < this.#end ? this.#end - at : slabLength;
      const piece = await this.view(at, Math.min(end - at, here));
      if (piece.length === 0)
        throw new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, at byte ${at}`, {
          hint: 'It is cut off, or shrank while being read; copy or render it again.',
        });
      yield piece;
      at += piece.length;
    }
  }

  get #end(): number {
    return this.#window.from + this.#window.bytes.length;
  }

  /** Reads at `position`: whole slabs, and one ahead, where reading goes forwards; only the requested bytes where it jumps. */
  async #fill(position: number, length: number): Promise<void> {
    const forwards = position >= this.#window.from && position <= this.#end + length;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#buffers ??= this.#makeBuffers();
    const [used, other] = this.#buffers;
    // A buffer being read into is not free, even if the result is not needed.
    const read = await ahead?.reading;
    if (read && read.from <= position && position + length <= read.from + read.bytes.length) this.#window = read;
    else this.#window = await this.#read(other, position, forwards ? slabLength : Math.max(length, 4096));
    this.#buffers = [other, used];
    if (!forwards || this.#window.bytes.length < slabLength) return;
    const reading = this.#read(used, this.#end, slabLength);
    // Without a handler, the error of a read whose result is never needed would end the process.
    reading.catch(() => {});
    this.#ahead = { from: this.#end, reading };
  }

  #makeBuffers(): [Uint8Array, Uint8Array] {
    const length = Math.min(slabLength, this.#source.size);
    return [new Uint8Array(length), new Uint8Array(length)];
  }

  async #read(buffer: Uint8Array, from: number, length: number): Promise<Window> {
    const into = buffer.subarray(0, Math.min(length, slabLength));
    return { from, bytes: into.subarray(0, await this.#source.readInto(into, from)) };
  }
}
