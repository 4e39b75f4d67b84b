/** The actual rank layers of a Cryptomatte, independent of any reader: what programs find is compared with them. */
import { groupBy } from '../../model/group-by.js';
import type { Channel } from '../../model/header.js';
import { onceForParts } from '../../model/once.js';
import { slots } from '../components.js';
import { hasRank } from '../rank-groups.js';
import { type CryptomatteSet, headerSets } from '../sets.js';

/** The existing channels of a rank layer, in the order red, green, blue, alpha. */
export type Rank = readonly Channel[];

/** Rank layers by a Cryptomatte's name, for each view and each Cryptomatte of that name. */
export type RanksOf = (name: string) => readonly (readonly Rank[])[];

/** The ranks of each set of a header by its name, view by view. */
export const trueRanks = onceForParts((header): RanksOf => {
  const sets = groupBy(headerSets(header), ({ name }) => name);
  const known = new Map<string, readonly (readonly Rank[])[]>();
  return (name) => {
    const ranks = known.get(name) ?? ranksOf(sets.get(name) ?? []);
    known.set(name, ranks);
    return ranks;
  };
});

function ranksOf(sets: readonly CryptomatteSet[]): readonly (readonly Rank[])[] {
  // Keys that claim the same layers share one list.
  return [...new Set(sets.map(({ layers }) => layers))].flatMap((layers) =>
    [...groupBy(layers.filter(hasRank), ({ view }) => view).values()].map((own) =>
      own.map((layer): Rank => slots.flatMap((slot) => layer.slots[slot] ?? [])),
    ),
  );
}
