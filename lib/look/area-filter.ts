/**
 * The area filter, for colours and everything else that may be averaged: each pixel of the result is the mean of what it covers,
 * parts of pixels by their share. What lies outside the data window, and what is missing, counts as 0.
 */
import type { Samples } from '../model/header.js';
import type { Band, Frame, Resampler } from './band.js';

/** Half's largest number. Infinity and what is no number would spread over all that is averaged with it. */
const largest = 65_504;

export class AreaFilter implements Resampler {
  readonly #frame: Frame;
  readonly #count: number;
  /** Rows that are begun, by their number: sums over the lines so far, of the source's own columns. */
  readonly #open = new Map<number, readonly Float32Array[]>();
  readonly #spare: (readonly Float32Array[])[] = [];
  readonly #out: readonly Float32Array[];
  #columns: Columns | undefined;
  #next = 0;

  constructor(frame: Frame, channels: number) {
    this.#frame = frame;
    this.#count = channels;
    this.#out = makeRows(channels, frame.columns);
  }

  *add(band: Band): Generator<readonly Samples[]> {
    this.#columns ??= new Columns(this.#frame, band);
    if (!this.#columns.fits(band)) throw new RangeError('bands of different grids');
    const { y, rows } = this.#frame;
    const scale = rows / this.#frame.height;
    const lineHeight = band.height / band.rows;
    for (let line = 0; line < band.rows; line++) {
      const top = (band.y + line * lineHeight - y) * scale;
      const bottom = (band.y + (line + 1) * lineHeight - y) * scale;
      const first = Math.max(0, Math.floor(top + tiny));
      yield* this.#finish(Math.min(first, rows));
      for (let row = first; row < Math.min(rows, Math.ceil(bottom - tiny)); row++) {
        const share = Math.min(bottom, row + 1) - Math.max(top, row);
        if (share > 0) this.#addLine(row, band, line, share);
      }
    }
  }

  *end(): Generator<readonly Samples[]> {
    yield* this.#finish(this.#frame.rows);
  }

  #addLine(row: number, { planes, columns }: Band, line: number, share: number): void {
    const known = this.#open.get(row);
    const sums = known ?? this.#spare.pop() ?? makeRows(this.#count, columns);
    this.#open.set(row, sums);
    for (let channel = 0; channel < this.#count; channel++) {
      const from = planes[channel] as Samples;
      const to = sums[channel] as Float32Array;
      const at = line * columns;
      for (let i = 0; i < columns; i++) {
        const value = from[at + i] as number;
        const usual = value > -largest && value < largest ? value : tamed(value);
        to[i] = (known ? (to[i] as number) : 0) + usual * share;
      }
    }
  }

  *#finish(before: number): Generator<readonly Samples[]> {
    for (; this.#next < before; this.#next++) {
      const sums = this.#open.get(this.#next);
      this.#out.forEach((row, channel) => {
        const source = sums?.[channel];
        if (source && this.#columns) this.#columns.gather(source, row);
        else row.fill(0);
      });
      if (sums) {
        this.#open.delete(this.#next);
        this.#spare.push(sums);
      }
      yield this.#out;
    }
  }
}

/** Rounding makes edges that meet miss each other by this much. */
const tiny = 1e-9;

function tamed(value: number): number {
  if (value > 0) return largest;
  return value < 0 ? -largest : 0;
}

function makeRows(channels: number, columns: number): Float32Array[] {
  return Array.from({ length: channels }, () => new Float32Array(columns));
}

/** Which columns of the source each pixel of the result covers, and how much of it each is. */
class Columns {
  readonly length: number;
  readonly #x: number;
  readonly #width: number;
  /** Where each pixel's weights begin. */
  readonly #starts: Int32Array;
  readonly #firsts: Int32Array;
  readonly #weights: Float32Array;

  constructor(frame: Frame, { x, width, columns }: Band) {
    this.length = columns;
    this.#x = x;
    this.#width = width;
    const scale = frame.columns / frame.width;
    const pixel = width / columns;
    const left = (x - frame.x) * scale;
    const step = pixel * scale;
    this.#starts = new Int32Array(frame.columns + 1);
    this.#firsts = new Int32Array(frame.columns);
    const weights: number[] = [];
    for (let column = 0; column < frame.columns; column++) {
      const first = Math.max(0, Math.floor((column - left) / step + tiny));
      const end = Math.min(columns, Math.ceil((column + 1 - left) / step - tiny));
      this.#firsts[column] = first;
      for (let i = first; i < end; i++) {
        const from = left + i * step;
        weights.push(Math.max(0, Math.min(from + step, column + 1) - Math.max(from, column)));
      }
      this.#starts[column + 1] = weights.length;
    }
    this.#weights = Float32Array.from(weights);
  }

  fits({ x, width, columns }: Band): boolean {
    return x === this.#x && width === this.#width && columns === this.length;
  }

  gather(source: Float32Array, out: Float32Array): void {
    const starts = this.#starts;
    const weights = this.#weights;
    for (let column = 0; column < out.length; column++) {
      const from = starts[column] as number;
      const end = starts[column + 1] as number;
      const shift = (this.#firsts[column] as number) - from;
      let sum = 0;
      for (let i = from; i < end; i++) sum += (weights[i] as number) * (source[i + shift] as number);
      out[column] = sum;
    }
  }
}
