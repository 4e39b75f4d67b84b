// LJ2K codes some chunks larger than they are: at the size of the padding, the last column and line are repeated.
import type { PixelType } from '../types.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Samples of a channel at another size: lines and columns beyond it are dropped, those that it lacks repeat the last one. */
export function resize(samples: Uint8Array, from: Size, to: Size, type: PixelType): Uint8Array {
  if (from.width === to.width && from.height === to.height) return samples;
  const bytes = type === 'half' ? 2 : 4;
  const kept = Math.min(from.width, to.width) * bytes;
  const line = to.width * bytes;
  const resized = new Uint8Array(line * to.height);
  for (let y = 0; y < to.height; ++y) {
    const start = Math.min(y, from.height - 1) * from.width * bytes;
    resized.set(samples.subarray(start, start + kept), y * line);
    for (let x = kept; x < line; x += bytes) resized.copyWithin(y * line + x, y * line + kept - bytes, y * line + kept);
  }
  return resized;
}
