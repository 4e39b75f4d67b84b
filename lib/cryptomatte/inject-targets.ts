/** Which Cryptomattes of a header need names, and how they get them once these are known. */
import type { Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import type { Header } from '../model/header.js';
import { layerKey } from './hash.js';
import { isStrict, readManifest } from './manifest.js';
import type { RankLayer } from './ranks.js';
import { type CryptomatteSet, headerSets, orphanGroups, parseSetAttribute, setAttributes } from './sets.js';

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
  const orphans = [...groupBy(orphanGroups(header), ({ name }) => name)].flatMap(([name, groups]) => {
    const layers = groups.flatMap((group) => group.layers);
    const distinct = new Set(layers.map(({ view, layer }) => `${view} ${layer}`)).size === layers.length;
    // Ranks spread over parts are one Cryptomatte, the same ranks in several parts are several.
    return distinct
      ? [{ name, layers, set: undefined }]
      : groups.map((group) => ({ name, layers: group.layers, set: undefined }));
  });
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

/** The header with this manifest for a target: in the metadata it has, or in new metadata beside its channels. */
export function withManifest(header: Header, { name, layers, set }: InjectTarget, manifest: Uint8Array): Header {
  const homes = new Set(set?.parts ?? layers.map(({ part }) => part));
  const parts = header.parts.map((part, number) => {
    if (!homes.has(number)) return part;
    const key = set?.key ?? newKey(part.attributes, name);
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

/** The key of a name, or of the name and a number where another set has it. */
export function newKey(attributes: Attributes, name: string): string {
  const taken = new Set(attributes.names().flatMap((attribute) => parseSetAttribute(attribute)?.key ?? []));
  for (let number = 1; ; number++) {
    const key = layerKey(number === 1 ? name : `${name}#${number}`);
    if (!taken.has(key)) return key;
  }
}
