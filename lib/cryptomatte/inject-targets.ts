/** Which Cryptomattes of a header need names, and how they get them once these are known. */

import type { RankLayer } from '../layers/rank-groups.js';
import { setAttributes } from '../layers/set-attributes.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../layers/sets.js';
import type { Header } from '../model/header.js';
import { freeKey, keysOf } from './keys.js';
import { isStrict, readManifest } from './manifest.js';

/** Channels that need a manifest. */
export interface InjectTarget {
  readonly name: string;
  readonly layers: readonly RankLayer[];
  /** The metadata there is, when it lacks names or they cannot be read. */
  readonly set: CryptomatteSet | undefined;
}

/**
 * The Cryptomattes of a header that may get names: those without metadata, and those whose metadata has no names or
 * none that every reader can read. With `all` also the sound ones.
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
  return manifestFile !== undefined || (manifest !== undefined && isStrict(readManifest(manifest)));
}

/** The header with this manifest for a target: in the metadata it has, or in new metadata where programs look for it. */
export function withManifest(header: Header, { name, layers, set }: InjectTarget, manifest: Uint8Array): Header {
  const homes = new Set(set?.parts ?? homesOf(header, name, layers));
  const parts = header.parts.map((part, number) => {
    if (!homes.has(number)) return part;
    const key = set?.key ?? freeKey(name, keysOf(part.attributes));
    const entries = setAttributes({ key, name, manifest });
    const fresh = new Set(entries.map(([attribute]) => attribute));
    const old = new Set(set?.attributes.values());
    const attributes = part.attributes
      .filter((attribute) => !old.has(attribute) || fresh.has(attribute))
      .merge(entries);
    return { ...part, attributes };
  });
  return { ...header, parts };
}

/**
 * The parts that new metadata of some rank layers goes to: the first one, where Blender looks for all of it; but beside the
 * channels where others of the same name are there, or nothing would tell which are meant.
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
