/** Extra room, so that chunks a little larger than earlier ones also find a buffer. */
const spare = 1 / 8;

/**
 * Reusable memory for chunks. Fresh memory for each would have to be cleared, and dead memory collected: for chunks that are
 * only copied, that is most of the work.
 */
export class Buffers {
  readonly #free: ArrayBuffer[] = [];
  /** Buffers in use. A source's own buffer, which a caller may get instead, must not end up here. */
  readonly #taken = new WeakSet<ArrayBuffer>();

  /** Bytes with arbitrary content. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    // One that is too small now will be too small again.
    if (!found) this.#free.pop();
    const buffer = found ?? new ArrayBuffer(Math.ceil(length * (1 + spare)));
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back a buffer, or a view of it, once it is no longer used. Returns whether it was one of these buffers. */
  give({ buffer }: Uint8Array): boolean {
    if (!(buffer instanceof ArrayBuffer) || !this.#taken.delete(buffer)) return false;
    this.#free.push(buffer);
    return true;
  }
}
