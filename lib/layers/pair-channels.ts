/** Which channels of two files are the same ones, however each file spells them. */
import type { Channel, Header } from '../model/header.js';
import { type ChannelPlace, placesOf } from './place.js';

/** A channel and its place in each of two files. */
export interface PlacePair {
  readonly a: ChannelPlace;
  readonly b: ChannelPlace;
}

export interface ChannelPairing {
  readonly pairs: readonly PlacePair[];
  readonly onlyA: readonly ChannelPlace[];
  readonly onlyB: readonly ChannelPlace[];
}

/** Pairs channels of the same view, layer and component, whether channels or parts carry the names. */
export function pairChannels(a: Pick<Header, 'parts'>, b: Pick<Header, 'parts'>): ChannelPairing {
  const left = new Map<string, ChannelPlace[]>();
  for (const place of placesOf(b).values()) {
    const key = keyOf(place);
    const same = left.get(key);
    if (same) same.push(place);
    else left.set(key, [place]);
  }
  const pairs: PlacePair[] = [];
  const onlyA: ChannelPlace[] = [];
  for (const place of placesOf(a).values()) {
    const other = left.get(keyOf(place))?.shift();
    if (other) pairs.push({ a: place, b: other });
    else onlyA.push(place);
  }
  return { pairs, onlyA, onlyB: [...left.values()].flat() };
}

function keyOf({ view, layer, component }: ChannelPlace): string {
  return JSON.stringify([view, layer, component]);
}

/** A channel of one file whose pixels the other has under another name. */
export interface MovedChannel extends PlacePair {
  /** Several channels have these pixels, as masks that are empty do: which is which is a guess. */
  readonly isGuess: boolean;
}

/**
 * Finds the channels that hold the same pixels, by what `digestOf` gives of each: those of one component first. Only these channels
 * are looked at, each at most once.
 */
export function findMoved(
  a: readonly ChannelPlace[],
  b: readonly ChannelPlace[],
  digestOf: (channel: Channel) => string | undefined,
): MovedChannel[] {
  const byDigest = new Map<string, Set<ChannelPlace>>();
  for (const place of b) {
    const digest = digestOf(place.channel);
    if (digest === undefined) continue;
    const same = byDigest.get(digest) ?? new Set();
    byDigest.set(digest, same.add(place));
  }
  const counts = new Map<string, number>();
  for (const { channel } of a) {
    const digest = digestOf(channel);
    if (digest !== undefined) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  const sizes = new Map([...byDigest].map(([digest, same]) => [digest, same.size]));
  const found: MovedChannel[] = [];
  const taken = new Set<ChannelPlace>();
  for (const isSameComponent of [true, false])
    for (const place of a) {
      const digest = digestOf(place.channel);
      if (digest === undefined || taken.has(place)) continue;
      const left = byDigest.get(digest);
      const other = [...(left ?? [])].find((one) => !isSameComponent || one.component === place.component);
      if (!other) continue;
      taken.add(place);
      left?.delete(other);
      found.push({ a: place, b: other, isGuess: (counts.get(digest) ?? 0) > 1 || (sizes.get(digest) ?? 0) > 1 });
    }
  return found;
}
