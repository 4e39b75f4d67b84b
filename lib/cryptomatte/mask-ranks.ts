/** From named masks to the ranks of a Cryptomatte, line by line. */
import { type Advice, advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { listed } from '../model/listed.js';
import { nameBits } from './hash.js';

/** Most rank layers that programs read: Nuke's node has knobs for 24 ranks (`GIZMO_CHANNEL_KNOBS`). */
export const mostRankLayers = 12;
const mostRanks = mostRankLayers * 2;

/** Coverages of a pixel may add up to this much more than 1 from sums of floats alone (measured in frames of renderers). */
const noise = 1e-5;

/** A mask, of which every value was rounded to a step. */
export interface RankedMask {
  readonly name: string;
  /** The distance of two neighbouring values: 1/255 for 8 bits, 0 for floats, `half` for half. */
  readonly step: number | 'half';
}

/**
 * One line of a Cryptomatte: the coverages of each pixel in descending order. Masks are added one after the other; among equal
 * coverages the mask that was added first comes first.
 *
 * What masks add up to beyond 1 is taken off where rounding explains it: values that were rounded to a step may each be half a step
 * too large (two masks of 0.5 are both 128/255). They give it back in proportion, and each still rounds to the value it had.
 */
export class MaskRanks {
  readonly #masks: readonly RankedMask[];
  readonly #ids: Uint32Array;
  readonly #width: number;
  readonly #x: number;
  readonly #normalise: boolean;
  readonly #counts: Uint8Array;
  /** Rank after rank, the line's pixels of each. */
  readonly #coverages: Float32Array;
  readonly #owners: Uint32Array;
  #used = 0;

  /** `x` is the place of the first pixel, for messages. `normalise` scales what adds up to more than 1, instead of refusing it. */
  constructor(masks: readonly RankedMask[], width: number, { x = 0, normalise = false } = {}) {
    this.#masks = masks;
    this.#ids = Uint32Array.from(masks, ({ name }) => nameBits(name));
    this.#width = width;
    this.#x = x;
    this.#normalise = normalise;
    this.#counts = new Uint8Array(width);
    this.#coverages = new Float32Array(width * mostRanks);
    this.#owners = new Uint32Array(width * mostRanks);
  }

  /** Begins the next line. */
  clear(): void {
    this.#counts.fill(0);
    this.#used = 0;
  }

  /**
   * The line's values of mask number `mask`; what is not above 0 covers nothing.
   *
   * @throws ExrError `invalid` for what is no finite number, and for a pixel with more masks than a Cryptomatte has ranks.
   */
  add(mask: number, values: Float32Array, y: number): void {
    const width = this.#width;
    for (let x = 0; x < width; x++) {
      const value = values[x] as number;
      if (value === 0) continue;
      if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
        if (value < 0 && value > Number.NEGATIVE_INFINITY) continue;
        throw this.#error('MASK_NOT_FINITE', `the mask "${this.#masks[mask]?.name}" is ${value}`, x, y);
      }
      const count = this.#counts[x] as number;
      if (count === mostRanks) throw this.#tooMany(x, y);
      let at = count * width + x;
      for (; at >= width && (this.#coverages[at - width] as number) < value; at -= width) {
        this.#coverages[at] = this.#coverages[at - width] as number;
        this.#owners[at] = this.#owners[at - width] as number;
      }
      this.#coverages[at] = value;
      this.#owners[at] = mask;
      this.#counts[x] = count + 1;
      if (count >= this.#used) this.#used = count + 1;
    }
  }

  /**
   * All masks have been added. Returns how many the fullest pixel has.
   *
   * @throws ExrError `invalid` naming the first pixel where they add up to more than 1.
   */
  settle(y: number): number {
    for (let x = 0; x < this.#width; x++) {
      let sum = 0;
      for (let rank = 0; rank < (this.#counts[x] as number); rank++)
        sum += this.#coverages[rank * this.#width + x] as number;
      if (sum > 1) this.#reduce(x, y, sum);
    }
    return this.#used;
  }

  /** The pixels with coverage, as the first and the last; undefined where there are none. */
  covered(): readonly [number, number] | undefined {
    const first = this.#counts.findIndex((count) => count > 0);
    return first < 0 ? undefined : [this.#x + first, this.#x + this.#counts.findLastIndex((count) => count > 0)];
  }

  /** Fills two arrays, each of the line's length, with the IDs and the coverages of a rank, from 0. */
  rank(number: number, ids: Uint32Array, coverages: Float32Array): void {
    const from = number * this.#width;
    for (let x = 0; x < this.#width; x++) {
      const there = number < (this.#counts[x] as number);
      ids[x] = there ? (this.#ids[this.#owners[from + x] as number] as number) : 0;
      coverages[x] = there ? (this.#coverages[from + x] as number) : 0;
    }
  }

  #reduce(x: number, y: number, sum: number): void {
    const places = this.#places(x);
    const excess = sum - 1;
    const slack = places.reduce((all, at) => all + this.#slack(at), 0);
    if (excess > slack + noise) {
      if (!this.#normalise) throw this.#overfull(x, y, sum);
      for (const at of places) this.#coverages[at] = (this.#coverages[at] as number) / sum;
      return;
    }
    if (slack === 0) return;
    const share = Math.min(1, excess / slack);
    for (const at of places) this.#coverages[at] = this.#lessened(at, share * this.#slack(at));
    this.#sort(places);
  }

  #places(x: number): number[] {
    return Array.from({ length: this.#counts[x] as number }, (_, rank) => rank * this.#width + x);
  }

  /** How much too large rounding may have made a value. */
  #slack(at: number): number {
    const step = this.#masks[this.#owners[at] as number]?.step ?? 0;
    // Half has eleven significant bits.
    return step === 'half' ? (this.#coverages[at] as number) * 2 ** -11 : step / 2;
  }

  /** A value less an amount of at most half a step, such that it is still rounded to the value that it had. */
  #lessened(at: number, amount: number): number {
    const value = this.#coverages[at] as number;
    const step = this.#masks[this.#owners[at] as number]?.step ?? 0;
    let less = Math.fround(value - amount);
    if (step === 'half' || step === 0) return less;
    const most = Math.round(1 / step);
    const whole = Math.round(value * most);
    while (Math.round(less * most) < whole) less = above(less);
    return less;
  }

  /** Masks of different steps may have changed places. */
  #sort(places: readonly number[]): void {
    for (let end = 1; end < places.length; end++)
      for (let at = end; at > 0; at--) {
        const [lower, upper] = [places[at - 1] as number, places[at] as number];
        if ((this.#coverages[lower] as number) >= (this.#coverages[upper] as number)) break;
        for (const plane of [this.#coverages, this.#owners]) {
          const held = plane[lower] as number;
          plane[lower] = plane[upper] as number;
          plane[upper] = held;
        }
      }
  }

  #overfull(x: number, y: number, sum: number): ExrError {
    const own = this.#places(x).map(
      (at) => `${this.#masks[this.#owners[at] as number]?.name} (${round(this.#coverages[at] as number)})`,
    );
    const what = own.length === 1 ? `the mask ${own[0]} is above 1` : `masks add up to ${round(sum)}`;
    return this.#error('MASKS_OVERFULL', what, x, y, {
      detail: own.length === 1 ? '' : `: ${listed(own)}`,
      hint: advise`What covers a pixel is at most 1 altogether. Correct the masks, or have such pixels scaled down to 1 with ${optionNamed('normalise')}.`,
    });
  }

  #tooMany(x: number, y: number): ExrError {
    return this.#error(
      'TOO_MANY_RANKS',
      `more than ${mostRanks} masks overlap, and programs read no more ranks,`,
      x,
      y,
      {
        hint: 'Remove or combine some of the masks.',
      },
    );
  }

  #error(
    code: string,
    what: string,
    x: number,
    y: number,
    more: { detail?: string; hint?: Advice | string } = {},
  ): ExrError {
    const { detail = '', hint } = more;
    return new ExrError('invalid', code, `${what} at pixel ${this.#x + x}, ${y}${detail}`, { ...(hint && { hint }) });
  }
}

function round(value: number): string {
  return String(Math.round(value * 10_000) / 10_000);
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The next larger float of 32 bits; the value is above 0. */
function above(value: number): number {
  scratch[0] = value;
  scratchBits[0] = (scratchBits[0] as number) + 1;
  return scratch[0] as number;
}
