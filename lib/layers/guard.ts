import type { Channel, Header } from '../model/header.js';
import { onceForParts } from '../model/once.js';
import { type Evidence, rankLayers } from './rank-layers.js';

/**
 * The channels of a file that must arrive as they are, float and without loss, because their bits are Cryptomatte IDs and
 * coverages: with what speaks for it. A mistake here costs space, the opposite one destroys IDs. Asking again is free.
 */
export const guardedChannels: (header: Pick<Header, 'parts'>) => ReadonlyMap<Channel, Evidence> = onceForParts(
  (header) => {
    const guarded = new Map<Channel, Evidence>();
    for (const [{ slots }, evidence] of rankLayers(header))
      for (const channel of Object.values(slots)) guarded.set(channel, evidence);
    return guarded;
  },
);
