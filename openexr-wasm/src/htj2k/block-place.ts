import type { Band, Resolution } from './geometry.js';

/** A block's place in its band, and its size: x, y, width and height. */
export function placeOf(resolution: Resolution, band: Band, block: number): [number, number, number, number] {
  const [stepX, stepY] = [2 ** resolution.blockWidth, 2 ** resolution.blockHeight];
  const x = (block % band.blocksWide) * stepX;
  const y = Math.floor(block / band.blocksWide) * stepY;
  return [x, y, Math.min(stepX, band.width - x), Math.min(stepY, band.height - y)];
}

export interface PrecinctBlocks {
  readonly wide: number;
  readonly high: number;
  /** Their numbers in the component, row by row. */
  readonly numbers: readonly number[];
}

/** The blocks of a band in a precinct, of which there may be none. */
export function blocksOf(resolution: Resolution, band: Band, precinct: number): PrecinctBlocks {
  const { precinctsWide, precinctBlocksWide, precinctBlocksHigh } = resolution;
  const x = (precinct % precinctsWide) * precinctBlocksWide;
  const y = Math.floor(precinct / precinctsWide) * precinctBlocksHigh;
  const wide = Math.max(0, Math.min(precinctBlocksWide, band.blocksWide - x));
  const high = wide === 0 ? 0 : Math.max(0, Math.min(precinctBlocksHigh, band.blocksHigh - y));
  const numbers = Array.from({ length: wide * high }, (_, i) => {
    const row = y + Math.floor(i / wide);
    return band.firstBlock + row * band.blocksWide + x + (i % wide);
  });
  return { wide, high, numbers };
}
