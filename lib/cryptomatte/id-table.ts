/** One ID in the image. */
export interface FoundId {
  readonly bits: number;
  /** Sum of its coverage over all pixels. */
  readonly coverage: number;
  /** The first pixel, in reading order of the chunks, that it covers. */
  readonly x: number;
  readonly y: number;
}

/** Distinct IDs that are counted one by one. Scenes have thousands; images with more hold noise, not IDs. */
const maxIds = 1 << 20;

/** Open-addressing table from IDs to their sums: a Map of this size would need several times the memory. */
export class IdTable {
  #keys = new Uint32Array(1024);
  #coverage = new Float64Array(1024);
  #x = new Int32Array(1024);
  #y = new Int32Array(1024);
  size = 0;

  /**
   * Adds coverage to an ID, which is never 0. Of the pixels given with it, the first is kept, and the leftmost on its
   * line. False when the table is full.
   */
  add(bits: number, coverage: number, x: number, y: number): boolean {
    let at = this.#find(bits);
    if (this.#keys[at] === 0) {
      if (this.size >= maxIds) return false;
      if (this.size * 2 >= this.#keys.length) {
        this.#grow();
        at = this.#find(bits);
      }
      this.#keys[at] = bits;
      this.#x[at] = x;
      this.#y[at] = y;
      this.size += 1;
    }
    this.#coverage[at] = (this.#coverage[at] as number) + coverage;
    if (y === this.#y[at] && x < (this.#x[at] as number)) this.#x[at] = x;
    return true;
  }

  *entries(): Generator<FoundId> {
    for (let at = 0; at < this.#keys.length; at++)
      if (this.#keys[at] !== 0)
        yield {
          bits: this.#keys[at] as number,
          coverage: this.#coverage[at] as number,
          x: this.#x[at] as number,
          y: this.#y[at] as number,
        };
  }

  #find(bits: number): number {
    const mask = this.#keys.length - 1;
    // IDs are already hashes, except where they were rounded; the multiplication spreads those too.
    let at = (Math.imul(bits, 0x9e3779b1) >>> 8) & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== bits) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = [...this.entries()];
    const length = this.#keys.length * 4;
    this.#keys = new Uint32Array(length);
    this.#coverage = new Float64Array(length);
    this.#x = new Int32Array(length);
    this.#y = new Int32Array(length);
    for (const { bits, coverage, x, y } of old) {
      const at = this.#find(bits);
      this.#keys[at] = bits;
      this.#coverage[at] = coverage;
      this.#x[at] = x;
      this.#y[at] = y;
    }
  }
}
