/** The rank layers that a Cryptomatte has, whoever reads them: what programs find is measured by it. */

import { groupBy } from '../../model/group-by.js';
import type { Channel, Header } from '../../model/header.js';
import { parseComponent, type Slot, slots } from '../components.js';
import { type Place, placeChannels } from '../place.js';

/** The channels of a rank layer that are there, in the order red, green, blue, alpha. */
export type Rank = readonly Channel[];

/** Rank layers of a Cryptomatte's name, for each view and each copy of them, by the number at their ends. */
export type RanksOf = (name: string) => readonly (readonly Rank[])[];

/**
 * Layers that are called like a Cryptomatte and digits; where there are none, the layer that is called like it alone.
 * Digits that another Cryptomatte's longer name explains are that one's.
 */
export function trueRanks(header: Pick<Header, 'parts'>, names: ReadonlySet<string>): RanksOf {
  const layers = groupBy(placeChannels(header), ({ part, view, layer }) => JSON.stringify([part, view, layer]));
  const numbered = new Map<string, Found[]>();
  const alone = new Map<string, Found[]>();
  for (const places of layers.values()) {
    const rank = rankOf(places);
    const [{ layer, view }] = places as [Place];
    if (rank.length < 2) continue;
    const name = nameOf(layer, names);
    if (name !== undefined) add(numbered, name, { view, rank, number: Number(layer.slice(name.length)) });
    else if (names.has(layer)) add(alone, layer, { view, rank, number: 0 });
  }
  return (name) => {
    const views = groupBy(numbered.get(name) ?? alone.get(name) ?? [], ({ view }) => view);
    return [...views.values()].flatMap(copies).map(inOrder);
  };
}

/** Where several parts hold a rank of the same number, each has one of several copies of the Cryptomatte. */
function copies(found: readonly Found[]): Found[][] {
  const groups: Found[][] = [];
  for (const same of groupBy(found, ({ number }) => number).values())
    for (const [index, one] of same.entries()) {
      const group = groups[index] ?? [];
      groups[index] = group;
      group.push(one);
    }
  return groups;
}

interface Found {
  readonly view: string;
  readonly rank: Rank;
  readonly number: number;
}

function add(found: Map<string, Found[]>, name: string, one: Found): void {
  const same = found.get(name);
  if (same) same.push(one);
  else found.set(name, [one]);
}

function inOrder(found: readonly Found[]): Rank[] {
  return found.toSorted((a, b) => a.number - b.number).map(({ rank }) => rank);
}

/** The longest declared name of which a layer's name is the beginning but for digits. */
function nameOf(layer: string, names: ReadonlySet<string>): string | undefined {
  for (let end = layer.length; end > 0 && /[0-9]/.test(layer[end - 1] as string); end--) {
    const name = layer.slice(0, end - 1);
    if (names.has(name)) return name;
  }
  return undefined;
}

function rankOf(places: readonly Place[]): Rank {
  const found: Partial<Record<Slot, Channel>> = {};
  for (const { component, channel } of places) {
    const slot = parseComponent(component)?.slot;
    if (slot) found[slot] ??= channel;
  }
  return found.r && found.g ? slots.flatMap((slot) => found[slot] ?? []) : [];
}
