/** For depth and other values that must not be averaged: each pixel of the result is the source's in its middle. */
import type { Samples } from '../model/header.js';
import type { Band, Frame, Resampler } from './band.js';

export class Nearest implements Resampler {
  readonly #frame: Frame;
  readonly #out: Float32Array[];
  /** What a pixel has that no source covers. */
  readonly #outside: number;
  #next = 0;

  constructor(frame: Frame, channels: number, outside = 0) {
    this.#frame = frame;
    this.#outside = outside;
    this.#out = Array.from({ length: channels }, () => new Float32Array(frame.columns));
  }

  *add(band: Band): Generator<readonly Samples[]> {
    const { x, y, width, height, columns, rows } = this.#frame;
    for (; this.#next < rows; this.#next++) {
      const middle = y + ((this.#next + 0.5) * height) / rows;
      const line = Math.floor(((middle - band.y) * band.rows) / band.height + tiny);
      if (line >= band.rows) return;
      for (const [channel, out] of this.#out.entries()) {
        const plane = band.planes[channel] as Samples;
        for (let column = 0; column < columns; column++) {
          const middleColumn = x + ((column + 0.5) * width) / columns;
          const at = Math.floor(((middleColumn - band.x) * band.columns) / band.width + tiny);
          const inside = line >= 0 && at >= 0 && at < band.columns;
          out[column] = inside ? (plane[line * band.columns + at] as number) : this.#outside;
        }
      }
      yield this.#out;
    }
  }

  *end(): Generator<readonly Samples[]> {
    for (const out of this.#out) out.fill(this.#outside);
    for (; this.#next < this.#frame.rows; this.#next++) yield this.#out;
  }
}

/** A middle that lies on an edge belongs to the sample behind it, whatever rounding does to it. */
const tiny = 1e-9;
