/** Undoes the filter of a line of a PNG in place (ISO/IEC 15948, "Filter types for filter method 0"). */
import { ExrError } from '../model/error.js';

/** `above` is the line before, unfiltered; zeros before the first. Throws `invalid` for a filter that does not exist. */
export function unfilter(kind: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (kind === 0) return;
  if (kind > 4) throw new ExrError('invalid', 'BAD_PNG', `the PNG is damaged: there is no line filter ${kind}`);
  for (let i = 0; i < line.length; i++) {
    const left = i < pixelBytes ? 0 : (line[i - pixelBytes] as number);
    const up = above[i] as number;
    const corner = i < pixelBytes ? 0 : (above[i - pixelBytes] as number);
    const guess = kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[i] = (line[i] as number) + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const whole = left + up - corner;
  const toLeft = Math.abs(whole - left);
  const toUp = Math.abs(whole - up);
  const toCorner = Math.abs(whole - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
