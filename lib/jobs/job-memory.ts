/**
 * The memory of a job. What is made of chunks is about as large as they are, so results go where the sources were, once the codec
 * has its own copy of these: touching fresh memory takes longer than the copy into it.
 */
export class JobMemory {
  /** The sources' buffers, and how many sources in each are still needed. */
  readonly #needed = new Map<ArrayBuffer, number>();
  /** What is left of buffers without sources. */
  readonly #free: Uint8Array[] = [];

  /** Takes over the payloads' buffers: nobody else uses them. */
  constructor(payloads: readonly Uint8Array[]) {
    for (const { buffer } of payloads)
      if (buffer instanceof ArrayBuffer) this.#needed.set(buffer, (this.#needed.get(buffer) ?? 0) + 1);
  }

  /** A source that is no longer needed. */
  readonly release = ({ buffer }: Uint8Array): void => {
    const left = buffer instanceof ArrayBuffer ? this.#needed.get(buffer) : undefined;
    if (left === undefined) return;
    this.#needed.set(buffer as ArrayBuffer, left - 1);
    if (left === 1) this.#free.push(new Uint8Array(buffer));
  };

  /** Bytes for a result, with arbitrary content. */
  readonly allocate = (length: number): Uint8Array => {
    const at = this.#free.findIndex((bytes) => bytes.length >= length);
    const bytes = this.#free[at];
    if (!bytes) return new Uint8Array(length);
    this.#free[at] = bytes.subarray(length);
    return bytes.subarray(0, length);
  };

  /** Whether bytes lie in the sources' buffers. */
  has({ buffer }: Uint8Array): boolean {
    return buffer instanceof ArrayBuffer && this.#needed.has(buffer);
  }

  /** The sources' buffers in which no result lies. */
  unused(results: readonly Uint8Array[]): ArrayBuffer[] {
    const used = new Set(results.map(({ buffer }) => buffer));
    return [...this.#needed.keys()].filter((buffer) => !used.has(buffer));
  }
}
