/** Compares the mattes that Blender's node gives with those that the ID channels hold, before and after a command. */
import murmur from 'murmurhash3js-revisited';
import type { Answer, Group, Seen } from './reading.js';

/** A Cryptomatte of a file's metadata. */
export interface SeenSet {
  readonly name: string;
  /** Its channels; undefined where there are none, or those of several views, which Blender adds up. */
  readonly group: Group | undefined;
  readonly offered: boolean;
  readonly names: readonly SeenName[];
}

export interface SeenName {
  readonly name: string;
  /** Its coverage in pixels by the ID channels. */
  readonly covers: number;
  /** Whether Blender's matte is what the ID channels hold. */
  readonly right: boolean;
  /** Whether Blender's eyedropper gives the name. */
  readonly picked: boolean;
}

/** What must work in one of a command's outputs. */
export interface Demand {
  /** The Cryptomatte and view it was before. */
  readonly what: string;
  /** The mattes of all IDs, which no command changes whatever it does to names. */
  readonly ids: string;
  /** Names whose mattes must be right; undefined: all that cover something, and they must cover `share` of what has an ID. */
  readonly names: readonly string[] | undefined;
  /** Names that the eyedropper must give. */
  readonly picked: readonly string[];
  readonly share: number;
}

/** The ID of a name, as eight hexadecimal digits: MurmurHash3, kept from being an infinity, a NaN or a denormal. */
export function idOf(name: string): string {
  const hash = murmur.x86.hash32(new TextEncoder().encode(name), 0) >>> 0;
  const exponent = (hash >>> 23) & 255;
  const fixed = exponent === 0 || exponent === 255 ? (hash ^ (1 << 23)) >>> 0 : hash;
  return fixed.toString(16).padStart(8, '0');
}

export function isSound(group: Group): boolean {
  return group.ids !== undefined;
}

/** The mattes of a group as one word, by which the group is known again under whatever name. */
export function fingerprint({ ids }: Group): string {
  return JSON.stringify(ids ?? {});
}

function judgeName(answer: Answer, group: Group | undefined): SeenName {
  const { name = '', sum, sha } = answer;
  const [covers, digest] = group?.ids?.[idOf(name)] ?? [0, ''];
  // Sums of the same floats in another order may differ in their last bits.
  const right =
    group !== undefined &&
    sum !== undefined &&
    (sha === digest || Math.abs(sum - covers) <= 1e-3 * Math.max(1, Math.abs(sum)));
  return { name, covers, right, picked: answer.pick === name };
}

export function setsOf({ reading, answers }: Seen): SeenSet[] {
  const byLayer = new Map<string, Answer[]>();
  for (const answer of answers)
    if (answer.layer !== undefined) byLayer.set(answer.layer, [...(byLayer.get(answer.layer) ?? []), answer]);
  return [...byLayer].map(([name, own]) => {
    const groups = reading.groups.filter((group) => group.name === name && isSound(group));
    const group = groups.length === 1 ? groups[0] : undefined;
    const offered = own.every((answer) => answer.offered === true);
    return { name, group, offered, names: own.map((answer) => judgeName(answer, group)) };
  });
}

const title = ({ name, view }: Group): string => (view === '' ? name : `${name} (${view})`);

/** Everything that works in the sources, of Cryptomattes whose channels are all `kept`. */
export function demandsOfKept(sources: readonly Seen[], kept: (group: Group, seen: Seen) => boolean): Demand[] {
  return sources.flatMap((seen) =>
    setsOf(seen).flatMap(({ group, offered, names }): Demand[] => {
      const right = names.filter((own) => own.right && own.covers > 0);
      if (group === undefined || !offered || right.length === 0 || !kept(group, seen)) return [];
      const picked = right.filter((own) => own.picked).map(({ name }) => name);
      return [{ what: title(group), ids: fingerprint(group), names: right.map(({ name }) => name), picked, share: 0 }];
    }),
  );
}

/** That every Cryptomatte whose channels are in the sources and `kept` works, whether or not it did. */
export function demandsOfAll(
  sources: readonly Seen[],
  kept: (group: Group, seen: Seen) => boolean,
  share: number,
): Demand[] {
  return sources.flatMap((seen) =>
    seen.reading.groups
      .filter((group) => isSound(group) && /crypto/i.test(group.name) && kept(group, seen))
      .map((group) => ({ what: title(group), ids: fingerprint(group), names: undefined, picked: [], share })),
  );
}

/** How far a Cryptomatte falls short of a demand; undefined where it does not. */
function shortcoming(set: SeenSet, demand: Demand): string | undefined {
  if (!set.offered) return 'is not offered by Blender';
  const covering = set.names.filter(({ covers }) => covers > 0);
  const right = new Set(covering.filter((own) => own.right).map(({ name }) => name));
  const asked = demand.names ?? covering.map(({ name }) => name);
  const good = asked.filter((name) => right.has(name)).length;
  if (good < asked.length) return `has ${good} of ${asked.length} mattes right`;
  const named = covering.reduce((sum, { covers }) => sum + covers, 0);
  const share = (set.group?.total ?? 0) > 0 ? named / (set.group?.total as number) : 1;
  if (share < demand.share) return `has names for ${(share * 100).toFixed(1)} % of its coverage`;
  const picked = new Set(set.names.filter((own) => own.picked).map(({ name }) => name));
  const unpicked = demand.picked.filter((name) => !picked.has(name)).length;
  if (unpicked > 0) return `gives ${unpicked} of ${demand.picked.length} other names when picked`;
  return undefined;
}

/**
 * Which demands the outputs do not meet, and why. Each Cryptomatte of the outputs meets one demand at most. With `apart`,
 * ranks that are no longer together in one file are nobody's fault.
 */
export function unmet(demands: readonly Demand[], outputs: readonly Seen[], apart = false): string[] {
  const free = new Set(outputs.flatMap(setsOf));
  const found = new Set(outputs.flatMap(({ reading }) => reading.groups.map(fingerprint)));
  return demands.flatMap((demand): string[] => {
    if (!found.has(demand.ids)) return apart ? [] : [`${demand.what} is in no output`];
    const candidates = [...free].filter(({ group }) => group !== undefined && fingerprint(group) === demand.ids);
    const failures = candidates.map((set) => [set, shortcoming(set, demand)] as const);
    const good = failures.find(([, failure]) => failure === undefined);
    if (good) {
      free.delete(good[0]);
      return [];
    }
    return [`${demand.what} ${failures[0]?.[1] ?? 'has no metadata that fits'}`];
  });
}
