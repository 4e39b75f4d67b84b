/** Room above what is asked for, so that chunks that are a little larger than those before find a buffer too. */
const spare = 1 / 8;

/**
 * Memory for chunks that is used again. New memory for each would have to be cleared, and what is dead to be collected: for
 * chunks that are only copied that is most of the work.
 */
export class Buffers {
  readonly #free: ArrayBuffer[] = [];
  /** What is in use. Whoever is given a source's own buffer must not make it ours. */
  readonly #taken = new WeakSet<ArrayBuffer>();

  /** Bytes of any content. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    // One that is too small now will be too small again.
    if (!found) this.#free.pop();
    const buffer = found ?? new ArrayBuffer(Math.ceil(length * (1 + spare)));
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back what was taken, or a view of it, when nobody uses it any more. Whether it was that is told. */
  give({ buffer }: Uint8Array): boolean {
    if (!(buffer instanceof ArrayBuffer) || !this.#taken.delete(buffer)) return false;
    this.#free.push(buffer);
    return true;
  }
}
