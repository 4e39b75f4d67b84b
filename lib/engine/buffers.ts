import { releaseAll } from '../jobs/release.js';

/** ChunkMemory that somebody else reads chunks into. */
export interface ChunkMemory {
  /** Bytes with arbitrary content. */
  take(length: number): Uint8Array<ArrayBuffer>;
}

/** Extra room, so that chunks a little larger than earlier ones also find a buffer. */
const spare = 1 / 8;

/** Bytes that are kept for later; beyond them memory is freed, what is small first. */
const mostKept = 32 << 20;

/**
 * Reusable memory for chunks. Fresh memory has to be cleared, page by page as it is touched, and dead memory collected: for
 * chunks that are only copied that is most of the work, and of a split of ZIP a fifth.
 */
export class Buffers implements ChunkMemory {
  /** From the smallest to the largest. */
  readonly #free: ArrayBuffer[] = [];
  #kept = 0;
  /** Buffers in use. A source's own buffer, which a caller may get instead, must not end up here. */
  readonly #taken = new WeakSet<ArrayBuffer>();
  /** How many are in use, now and at most. */
  #used = 0;
  #mostUsed = 0;

  take(length: number): Uint8Array<ArrayBuffer> {
    // The largest: what has had to grow for a chunk's results is what the next one needs. If that is too small now, it will be
    // again.
    const largest = this.#free.pop();
    this.#kept -= largest?.byteLength ?? 0;
    const found = largest && largest.byteLength >= length ? largest : undefined;
    if (largest && !found) releaseAll([new Uint8Array(largest)]);
    const buffer = found ?? new ArrayBuffer(Math.ceil(length * (1 + spare)));
    this.#taken.add(buffer);
    this.#used += 1;
    this.#mostUsed = Math.max(this.#mostUsed, this.#used);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back a buffer, or a view of it, once it is no longer used. Returns whether it was one of these buffers. */
  give({ buffer }: Uint8Array): boolean {
    if (!(buffer instanceof ArrayBuffer && this.#taken.delete(buffer))) return false;
    this.adopt(buffer);
    return true;
  }

  /**
   * Takes over a buffer that nobody else uses any more: back from a thread, or of results that did not fit into that. No more are
   * kept than were ever in use at once, and what is too many is freed.
   */
  adopt(buffer: ArrayBuffer): void {
    this.#used = Math.max(0, this.#used - 1);
    const at = this.#free.findIndex(({ byteLength }) => byteLength > buffer.byteLength);
    this.#free.splice(at < 0 ? this.#free.length : at, 0, buffer);
    this.#kept += buffer.byteLength;
    const many: ArrayBuffer[] = [];
    while (this.#free.length > this.#mostUsed || this.#kept > mostKept) {
      const smallest = this.#free.shift() as ArrayBuffer;
      this.#kept -= smallest.byteLength;
      many.push(smallest);
    }
    releaseAll(many.map((one) => new Uint8Array(one)));
  }
}

/** ChunkMemory for several chunks, as long as it lasts side by side in one buffer, which can then be handed on whole. */
export class Room implements ChunkMemory {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    const end = this.#used + length;
    if (end > this.#bytes.length) return new Uint8Array(length);
    this.#used = end;
    return this.#bytes.subarray(end - length, end);
  }
}
