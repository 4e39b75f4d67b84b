import type { Samples } from '../model/header.js';

/**
 * Some lines of an image, over the whole width of its data window. Bands come from the top to the bottom; lines that are missing
 * in a broken file are in none.
 */
export interface Band {
  /** The pixels that it shows, in the file's coordinates. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its samples: as many as its pixels, or fewer where a lower resolution was read. */
  readonly columns: number;
  readonly rows: number;
  /** An array a channel, line after line. */
  readonly planes: readonly Samples[];
}

/** How an image is laid out: which of its pixels are shown, and at what size. */
export interface Frame {
  /** Top left pixel that is shown, in the file's coordinates. */
  readonly x: number;
  readonly y: number;
  /** Pixels that are shown. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the result. */
  readonly columns: number;
  readonly rows: number;
}

/** Makes rows of the result of bands, as soon as all that a row shows has come. */
export interface Resampler {
  /** The rows that are complete once this band is there. A row is valid until the next is asked for. */
  add(band: Band): Iterable<readonly Samples[]>;
  /** The rows that are left. */
  end(): Iterable<readonly Samples[]>;
}
