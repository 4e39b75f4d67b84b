/** Smallest and largest values, for looks that are normalised. */
import type { PixelType, Samples } from '../model/header.js';

/** Values from the smallest to the largest. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Depth of this much is no depth: Blender writes 1e10 where nothing is hit, others 1e30 or infinity. */
export const farAway = 1e9;

/** What half has for it. */
const largestHalf = 65_504;

/** Whether a depth is that of something. */
export function isDepth(value: number, type: PixelType): boolean {
  return value < farAway && value > -farAway && !(type === 'half' && Math.abs(value) >= largestHalf);
}

/** Gathers the range of what counts. */
export class RangeFinder {
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(samples: Samples, type: PixelType): void {
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] as number;
      if (!isDepth(value, type)) continue;
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
    }
  }

  /** 0 to 1 where nothing counted. */
  get range(): Range {
    return this.#min > this.#max ? { min: 0, max: 1 } : { min: this.#min, max: this.#max };
  }
}

/** Where a value lies in a range, from 0 to 1; by its logarithm where that is asked for. */
export function placeIn({ min, max }: Range, log: boolean): (value: number) => number {
  if (!(max > min)) return () => 0.5;
  if (!log) return (value) => (value - min) / (max - min);
  // Depth begins somewhere above 0; what does not is counted from its smallest value.
  const shift = min > 0 ? 0 : 1 - min;
  const [low, high] = [Math.log(min + shift), Math.log(max + shift)];
  return (value) => (Math.log(Math.max(value + shift, min + shift)) - low) / (high - low);
}
