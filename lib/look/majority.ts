/**
 * For IDs, which must neither be averaged nor chosen by chance: each pixel of the result has the ID with the most coverage of all
 * that it covers. What no ID covers counts too, as 0; of equals the smaller ID wins, so that the result never depends on the order.
 */
import type { Samples } from '../model/header.js';
import type { Band, Frame, Resampler } from './band.js';

/** Where the IDs and their coverage are among a band's planes. Without coverage an ID has its whole pixel. */
export interface IdPair {
  readonly id: number;
  readonly coverage?: number;
}

export class Majority implements Resampler {
  readonly #frame: Frame;
  readonly #pairs: readonly IdPair[];
  readonly #idOf: (samples: Samples) => Uint32Array;
  readonly #row: Uint32Array;
  readonly #counts: RowCounts;
  #next = 0;

  /** `idOf` gives the IDs of a plane: its bits, or its numbers. */
  constructor(frame: Frame, pairs: readonly IdPair[], idOf: (samples: Samples) => Uint32Array) {
    this.#frame = frame;
    this.#pairs = pairs;
    this.#idOf = idOf;
    this.#row = new Uint32Array(frame.columns);
    this.#counts = new RowCounts(frame.columns);
  }

  *add(band: Band): Generator<readonly Samples[]> {
    const planes = this.#pairs.map(({ id, coverage }) => ({
      ids: this.#idOf(band.planes[id] as Samples),
      coverages: coverage === undefined ? undefined : band.planes[coverage],
    }));
    const { x, y, width, height, columns, rows } = this.#frame;
    const [tall, wide] = [height / rows, width / columns];
    const own = Array.from({ length: columns }, (_, column) =>
      samplesOf(x + column * wide, wide, band.x, band.width / band.columns, band.columns),
    );
    for (let row = this.#next; row < rows; row++) {
      const [first, last] = samplesOf(y + row * tall, tall, band.y, band.height / band.rows, band.rows);
      for (let line = first; line < last; line++)
        for (const [column, [start, end]] of own.entries())
          for (let i = start; i < end; i++) this.#addPixel(planes, line * band.columns + i, column);
      // The rest of the row is in the next band.
      if (y + (row + 1) * tall > band.y + band.height) break;
      yield* this.#finish(row + 1);
    }
  }

  *end(): Generator<readonly Samples[]> {
    yield* this.#finish(this.#frame.rows);
  }

  #addPixel(
    planes: readonly { readonly ids: Uint32Array; readonly coverages: Samples | undefined }[],
    at: number,
    column: number,
  ): void {
    let rest = 1;
    for (const { ids, coverages } of planes) {
      const coverage = coverages ? (coverages[at] as number) : 1;
      if (!(coverage > 0)) continue;
      const own = Math.min(coverage, 1);
      rest -= own;
      this.#counts.add(column, ids[at] as number, own);
    }
    if (rest > 1e-6) this.#counts.add(column, 0, rest);
  }

  *#finish(before: number): Generator<readonly Samples[]> {
    for (; this.#next < before; this.#next++) {
      this.#counts.take(this.#row);
      yield [this.#row];
    }
  }
}

/**
 * Which samples of a band belong to a pixel of the result: those whose middle lies in it, so that each belongs to one pixel; where
 * the result is larger than the source, the one that the pixel's middle lies in. First, and last plus one.
 */
function samplesOf(from: number, length: number, origin: number, size: number, count: number): [number, number] {
  const start = (from - origin) / size;
  const end = (from + length - origin) / size;
  const enlarged = length <= size;
  const first = enlarged ? Math.floor((start + end) / 2 + tiny) : Math.ceil(start - 0.5 - tiny);
  const last = enlarged ? first + 1 : Math.ceil(end - 0.5 - tiny);
  return [Math.max(0, first), Math.min(count, last)];
}

/** A middle that lies on an edge belongs to one side, whatever rounding does to it. */
const tiny = 1e-9;

/** Sums of coverage by pixel and ID, for one row. Most pixels have one ID or two. */
class RowCounts {
  readonly #ids: number[][];
  readonly #sums: number[][];

  constructor(columns: number) {
    this.#ids = Array.from({ length: columns }, () => []);
    this.#sums = Array.from({ length: columns }, () => []);
  }

  add(column: number, id: number, coverage: number): void {
    const ids = this.#ids[column] as number[];
    const sums = this.#sums[column] as number[];
    const known = ids.indexOf(id);
    if (known < 0) {
      ids.push(id);
      sums.push(coverage);
    } else sums[known] = (sums[known] as number) + coverage;
  }

  /** Writes the winners, and begins again. */
  take(row: Uint32Array): void {
    for (let column = 0; column < row.length; column++) {
      const ids = this.#ids[column] as number[];
      const sums = this.#sums[column] as number[];
      let best = 0;
      let most = 0;
      for (const [at, sum] of sums.entries()) {
        const id = ids[at] as number;
        if (sum < most || (sum === most && id > best)) continue;
        best = id;
        most = sum;
      }
      row[column] = best;
      ids.length = 0;
      sums.length = 0;
    }
  }
}

/** IDs of a Cryptomatte: a sample's bits. */
export function idBits(samples: Samples): Uint32Array {
  if (samples instanceof Uint32Array) return samples;
  return new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
}

/** Numbers of objects and materials, which some programs store as floats. */
export function idNumbers(samples: Samples): Uint32Array {
  return samples instanceof Uint32Array ? samples : Uint32Array.from(samples, (value) => (value > 0 ? value : 0));
}
