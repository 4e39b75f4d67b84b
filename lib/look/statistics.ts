/** What the samples of a channel are, gathered block by block. */
import type { Samples } from '../model/header.js';

/** What the samples of one channel are. */
export interface Statistics {
  readonly count: number;
  /** Of the samples that are finite; undefined where none are. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly mean: number | undefined;
  readonly nan: number;
  readonly infinite: number;
}

/** Gathers the statistics of one channel, block by block. */
export class StatisticsFinder {
  #count = 0;
  #finite = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #nan = 0;
  #infinite = 0;

  /** Takes in a block of samples. */
  add(samples: Samples): void {
    this.#count += samples.length;
    // Sums of blocks are added up, so that rounding stays small however large the image is.
    let sum = 0;
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] as number;
      if (value - value !== 0) {
        if (Number.isNaN(value)) this.#nan += 1;
        else this.#infinite += 1;
        continue;
      }
      this.#finite += 1;
      sum += value;
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
    }
    this.#sum += sum;
  }

  get statistics(): Statistics {
    const any = this.#finite > 0;
    return {
      count: this.#count,
      min: any ? this.#min : undefined,
      max: any ? this.#max : undefined,
      mean: any ? this.#sum / this.#finite : undefined,
      nan: this.#nan,
      infinite: this.#infinite,
    };
  }
}
