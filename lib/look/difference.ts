/** How the samples of two channels differ, gathered line by line. */
import type { Samples } from '../model/header.js';

export interface Difference {
  /** Samples that differ by more than the tolerance. */
  readonly count: number;
  /** Of all that were compared. */
  readonly of: number;
  /** The largest difference of numbers; infinite where only one of two samples is finite. */
  readonly largest: number;
  /** The first one from the top, and both values. */
  readonly first: { readonly x: number; readonly y: number; readonly a: number; readonly b: number } | undefined;
}

/** A line of samples from a column on. */
export interface Line {
  readonly x: number;
  readonly samples: Samples;
}

export class DifferenceFinder {
  readonly #tolerance: number;
  #count = 0;
  #of = 0;
  #largest = 0;
  #first: Difference['first'];

  /** Samples that are no further apart than the tolerance are the same; NaN is the same as NaN. */
  constructor(tolerance = 0) {
    this.#tolerance = tolerance;
  }

  /** Takes in a line of both; what one does not reach is 0, as programs take what lies outside the data window. */
  add(y: number, a: Line | undefined, b: Line | undefined): void {
    const [one, other] = [a ?? b, b ?? a];
    if (!one || !other) return;
    const from = Math.min(one.x, other.x);
    const to = Math.max(one.x + one.samples.length, other.x + other.samples.length);
    this.#of += to - from;
    for (let x = from; x < to; x++) {
      const va = valueAt(a, x);
      const vb = valueAt(b, x);
      if (va === vb) continue;
      this.#differ(x, y, va, vb);
    }
  }

  get difference(): Difference {
    return { count: this.#count, of: this.#of, largest: this.#largest, first: this.#first };
  }

  #differ(x: number, y: number, a: number, b: number): void {
    if (Number.isNaN(a) && Number.isNaN(b)) return;
    const apart = Math.abs(a - b);
    const distance = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (distance > this.#largest) this.#largest = distance;
    if (distance <= this.#tolerance) return;
    this.#count += 1;
    this.#first ??= { x, y, a, b };
  }
}

function valueAt(line: Line | undefined, x: number): number {
  return line?.samples[x - line.x] ?? 0;
}
