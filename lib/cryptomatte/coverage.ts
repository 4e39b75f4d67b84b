/** Coverages of many names at once, out of the planes of a Cryptomatte. */
import type { Samples } from '../model/header.js';

/**
 * A plane of coverage for each of some IDs: its sum over all ranks, at most 1. `planes` are an ID, its coverage, the next ID, its
 * coverage, … of one view. IDs that are asked for twice get two planes.
 */
export function coverages(planes: readonly Samples[], ids: readonly number[]): Float32Array[] {
  const length = planes[0]?.length ?? 0;
  const out = ids.map(() => new Float32Array(length));
  const places = new Map(ids.map((id, at) => [id, at]));
  for (let pair = 0; pair + 1 < planes.length; pair += 2) {
    const id = planes[pair] as Samples;
    const coverage = planes[pair + 1] as Samples;
    const bits = new Uint32Array(id.buffer, id.byteOffset, id.length);
    for (let i = 0; i < length; i++) {
      const own = coverage[i] as number;
      if (!(own > 0)) continue;
      const plane = out[places.get(bits[i] as number) ?? -1];
      if (plane) plane[i] = Math.min(1, (plane[i] as number) + own);
    }
  }
  return out;
}
