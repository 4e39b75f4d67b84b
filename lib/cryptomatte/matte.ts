/** Mattes: the coverage of some IDs, as a plane that the engine computes along with all others. */

import type { RankLayer } from '../layers/rank-groups.js';
import type { Channel, DerivedPlane, Samples } from '../model/header.js';
import { deriveFrom } from './derive.js';

/**
 * The sum of the coverage that some IDs have over all ranks, sample by sample, at most 1. `layers` are those of one view.
 */
export function mattePlane(layers: readonly RankLayer[], ids: ReadonlySet<number>): DerivedPlane {
  const pairs = layers.flatMap(({ slots }): (readonly [Channel, Channel])[] => [
    ...(slots.r && slots.g ? [[slots.r, slots.g] as const] : []),
    ...(slots.b && slots.a ? [[slots.b, slots.a] as const] : []),
  ]);
  return deriveFrom(pairs.flat(), (samples, out) => {
    for (let pair = 0; pair < pairs.length; pair++) {
      const id = samples[pair * 2] as Samples;
      const coverage = samples[pair * 2 + 1] as Samples;
      const bits = new Uint32Array(id.buffer, id.byteOffset, id.length);
      for (let i = 0; i < out.length; i++) {
        const before = pair === 0 ? 0 : (out[i] as number);
        out[i] = ids.has(bits[i] as number) ? Math.min(1, before + (coverage[i] as number)) : before;
      }
    }
  });
}
