/** ChunkMemory that somebody else reads chunks into. */
export interface ChunkMemory {
  /** Bytes with arbitrary content. */
  take(length: number): Uint8Array<ArrayBuffer>;
}

/** Extra room, so that chunks a little larger than earlier ones also find a buffer. */
const spare = 1 / 8;

/** Bytes that are kept for later; beyond them memory is freed. */
const mostKept = 32 << 20;

/**
 * Reusable memory for chunks. Fresh memory has to be cleared, page by page as it is touched, and dead memory collected: for
 * chunks that are only copied that is most of the work, and of a split of ZIP a fifth.
 */
export class Buffers implements ChunkMemory {
  readonly #free: ArrayBuffer[] = [];
  #kept = 0;
  /** Buffers in use. A source's own buffer, which a caller may get instead, must not end up here. */
  readonly #taken = new WeakSet<ArrayBuffer>();

  take(length: number): Uint8Array<ArrayBuffer> {
    // The largest: what has had to grow for a chunk's results is what the next one needs.
    const best = this.#free.reduce((found, { byteLength }, at) => (byteLength > this.#size(found) ? at : found), -1);
    const found = this.#size(best) >= length ? this.#remove(best) : undefined;
    // One that is too small now will be too small again.
    if (!found && best >= 0) this.#remove(best);
    const buffer = found ?? new ArrayBuffer(Math.ceil(length * (1 + spare)));
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back a buffer, or a view of it, once it is no longer used. Returns whether it was one of these buffers. */
  give({ buffer }: Uint8Array): boolean {
    return buffer instanceof ArrayBuffer && this.#taken.delete(buffer) && this.adopt(buffer);
  }

  /** Takes over a buffer that nobody else uses any more. Returns whether there is a use for it. */
  adopt(buffer: ArrayBuffer): boolean {
    if (this.#kept + buffer.byteLength > mostKept) return false;
    this.#free.push(buffer);
    this.#kept += buffer.byteLength;
    return true;
  }

  #size(at: number): number {
    return this.#free[at]?.byteLength ?? -1;
  }

  #remove(at: number): ArrayBuffer | undefined {
    const [buffer] = this.#free.splice(at, 1);
    this.#kept -= buffer?.byteLength ?? 0;
    return buffer;
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
