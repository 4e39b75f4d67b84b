/** Coverage as whole numbers: what a grey PNG of a mask holds. */
import type { Samples } from '../model/header.js';

/** Bits of a grey sample. */
export type GreyDepth = 8 | 16;

/**
 * Fills a line of a PNG with values from 0 to 1, without a curve: 0 is 0, 1 is 255 or 65535, between them the nearest whole number,
 * the larger one of two that are equally near. What is below 0 or no number becomes 0, what is above 1 becomes 1. 16-bit samples
 * are big-endian. `line` has `depth / 8` bytes for each value.
 */
export function greyLine(values: Samples, depth: GreyDepth, line: Uint8Array): Uint8Array {
  const most = depth === 8 ? 255 : 65_535;
  for (let i = 0; i < values.length; i++) {
    const own = values[i] as number;
    const value = own > 0 ? Math.round(Math.min(1, own) * most) : 0;
    if (depth === 8) line[i] = value;
    else {
      line[i * 2] = value >> 8;
      line[i * 2 + 1] = value & 0xff;
    }
  }
  return line;
}
