/** For depth and other values that must not be averaged: each pixel of the result is the source's in its middle. */
import type { Samples } from '../model/header.js';
import type { Band, Frame, Resampler } from './band.js';

/** Which samples of the lines of a band are shown. */
interface Places {
  /** What this holds for: the band's place and size. */
  readonly key: string;
  readonly at: Int32Array;
  /** All of them, one for each column. */
  readonly isWhole: boolean;
}

export class Nearest implements Resampler {
  readonly #frame: Frame;
  readonly #out: Float32Array[];
  /** What a pixel has that no source covers. */
  readonly #outside: number;
  #places: Places | undefined;
  #next = 0;

  constructor(frame: Frame, channels: number, outside = 0) {
    this.#frame = frame;
    this.#outside = outside;
    this.#out = Array.from({ length: channels }, () => new Float32Array(frame.columns));
  }

  *add(band: Band): Generator<readonly Samples[]> {
    const { y, height, rows } = this.#frame;
    const places = this.#placesIn(band);
    for (; this.#next < rows; this.#next++) {
      const middle = y + ((this.#next + 0.5) * height) / rows;
      const line = Math.floor(((middle - band.y) * band.rows) / band.height + tiny);
      if (line >= band.rows) return;
      const start = line * band.columns;
      for (const [channel, out] of this.#out.entries()) {
        const plane = band.planes[channel] as Samples;
        if (line < 0) out.fill(this.#outside);
        else if (places.isWhole) out.set(plane.subarray(start, start + out.length));
        else
          for (let column = 0; column < out.length; column++) {
            const at = places.at[column] as number;
            out[column] = at < 0 ? this.#outside : (plane[start + at] as number);
          }
      }
      yield this.#out;
    }
  }

  /** The sample of a line that each column shows; -1 for none. The bands of an image have the same, and channels by the dozen ask. */
  #placesIn({ x: first, width: span, columns: samples }: Band): Places {
    const key = `${first} ${span} ${samples}`;
    if (this.#places?.key === key) return this.#places;
    const { x, width, columns } = this.#frame;
    const at = Int32Array.from({ length: columns }, (_, column) => {
      const middle = x + ((column + 0.5) * width) / columns;
      const place = Math.floor(((middle - first) * samples) / span + tiny);
      return place < samples ? Math.max(place, -1) : -1;
    });
    this.#places = { key, at, isWhole: samples === columns && at.every((place, column) => place === column) };
    return this.#places;
  }

  *end(): Generator<readonly Samples[]> {
    for (const out of this.#out) out.fill(this.#outside);
    for (; this.#next < this.#frame.rows; this.#next++) yield this.#out;
  }
}

/** A middle that lies on an edge belongs to the sample behind it, whatever rounding does to it. */
const tiny = 1e-9;
