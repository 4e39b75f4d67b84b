/** Which Cryptomattes of a header need names, and how they get them. */

import type { RankLayer } from '../layers/rank-groups.js';
import { setAttributes } from '../layers/set-attributes.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../layers/sets.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import type { Header, Part } from '../model/header.js';
import { freeKey, keysOf } from './keys.js';
import { isStrictManifest, storedManifest } from './manifest.js';

/** Channels that need a manifest. */
export interface InjectTarget {
  readonly name: string;
  readonly layers: readonly RankLayer[];
  /** The existing metadata, if it lacks names or they cannot be read. */
  readonly set: CryptomatteSet | undefined;
}

/**
 * The Cryptomattes of a header that may get names: those without metadata, and those whose metadata has no names or
 * none that every reader can read. With `all`, also the sound ones.
 */
export function injectTargets(header: Pick<Header, 'parts'>, all = false): InjectTarget[] {
  const orphans = orphanGroups(header).map(({ name, layers }) => ({ name, layers, set: undefined }));
  const declared = headerSets(header).flatMap((set): InjectTarget[] => {
    if (set.layers.length === 0 || set.name === undefined) return [];
    return all || !hasNames(set) ? [{ name: set.name, layers: set.layers, set }] : [];
  });
  return [...orphans, ...declared];
}

/** Whether a set has names that every reader can read. */
function hasNames({ manifest, manifestFile }: CryptomatteSet): boolean {
  return manifestFile !== undefined || (manifest !== undefined && isStrictManifest(storedManifest(manifest)));
}

/** A target and the manifest it gets. */
export interface NamedTarget {
  readonly target: InjectTarget;
  readonly manifest: Uint8Array;
}

/** The header with manifests for its targets: in their existing metadata, or in new metadata where programs look for it. */
export function withManifests(header: Header, named: readonly NamedTarget[]): Header {
  const homes = groupBy(
    named.flatMap(({ target, manifest }) =>
      [...(target.set?.parts ?? homesOf(header, target.name, target.layers))].map((part) => ({
        part,
        target,
        manifest,
      })),
    ),
    ({ part }) => part,
  );
  const parts = header.parts.map((part, number): Part => {
    const own = homes.get(number);
    return own ? { ...part, attributes: withOwn(part.attributes, own) } : part;
  });
  return { ...header, parts };
}

function withOwn(attributes: Attributes, named: readonly NamedTarget[]): Attributes {
  const taken = keysOf(attributes);
  const fresh = new Map<string, Attribute>();
  for (const { target, manifest } of named) {
    const key = target.set?.key ?? freeKey(target.name, taken);
    taken.add(key);
    for (const [name, attribute] of setAttributes({ key, name: target.name, manifest })) fresh.set(name, attribute);
  }
  const old = new Set(named.flatMap(({ target }) => [...(target.set?.attributes.values() ?? [])]));
  return attributes.filter((name) => !old.has(name) || fresh.has(name)).merge(fresh);
}

/**
 * The parts that get new metadata of some rank layers: the first one, where Blender looks for all of it; but the channels' own
 * parts if others have the same name, or nothing would tell which are meant.
 */
export function homesOf(
  header: Pick<Header, 'parts'>,
  name: string,
  layers: readonly RankLayer[],
): ReadonlySet<number> {
  const own = new Set(layers.flatMap(({ channels }) => channels));
  const isOther = (one: Pick<CryptomatteSet, 'name' | 'layers'>): boolean =>
    one.name === name && !one.layers.some(({ channels }) => channels.some((channel) => own.has(channel)));
  const others = [...headerSets(header), ...orphanGroups(header)].some(isOther);
  return others ? new Set(layers.map(({ part }) => part)) : new Set([0]);
}
