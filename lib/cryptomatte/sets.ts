/**
 * Cryptomattes of a file: what the metadata says (`cryptomatte/<key>/name` and its companions) brought together with
 * the channels it speaks of. One Cryptomatte is called a set here.
 */
import { guardedChannels } from '../layers/guard.js';
import type { Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { onceForParts } from '../model/once.js';
import {
  type Claim,
  claim,
  declarations,
  type JoinedClaim,
  joinCopies,
  storedField,
  textField,
  uniteRanks,
  withoutClaim,
} from './claims.js';
import type { Fit } from './fit.js';
import {
  cutView,
  looksLikeCryptomatte,
  parseComponent,
  type RankGroup,
  type RankLayer,
  rankGroups,
  viewNames,
} from './ranks.js';

export {
  conversionName,
  hashName,
  isSetAttribute,
  parseSetAttribute,
  type SetDefinition,
  type SetField,
  setAttributes,
  setFields,
  setPrefix,
  withSet,
} from '../layers/set-attributes.js';

export interface CryptomatteSet {
  readonly key: string;
  /** `cryptomatte/`, or what a program made of it: `nuke/exr/cryptomatte/`, … */
  readonly prefix: string;
  /** Undefined, as the other fields, when the attribute is missing or no string. */
  readonly name: string | undefined;
  readonly hash: string | undefined;
  readonly conversion: string | undefined;
  /** The manifest's bytes as stored; `readManifest` makes names of them. */
  readonly manifest: Uint8Array | undefined;
  readonly manifestFile: string | undefined;
  /** Names of the set's attributes, by what follows the key; others than {@link setFields} too. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Numbers of the parts that hold these attributes. */
  readonly parts: readonly number[];
  /** The rank layers, over all parts, ordered by view and layer; empty for a set that has lost its channels. */
  readonly layers: readonly RankLayer[];
  /** The deprecated preview `name.R`, `.G`, `.B`, `.A`. */
  readonly previews: readonly Channel[];
  /** How the set's name leads to its channels; undefined when it does not. */
  readonly fit: Fit | undefined;
}

/** The sets of one part, as if it were a file of its own: what stands in other parts does not count. */
export function cryptomatteSets(part: Part): readonly CryptomatteSet[] {
  return headerSets({ parts: [part] });
}

/**
 * The sets of a whole file. Metadata beside its channels belongs to them alone. Metadata without channels in its own
 * part belongs to channels of that name in other parts that have no metadata themselves (Blender 5 keeps all of it in
 * part 0), and is a mere copy where all of them have (exrmultipart and OpenImageIO copy it to every part).
 */
export function headerSets(header: Pick<Header, 'parts'>): readonly CryptomatteSet[] {
  return known.sets(header);
}

/** Filters and rules ask for each part or set of a file again, so each header is read once. */
const known = { sets: onceForParts(readSets), orphans: onceForParts(findOrphans), ranks: onceForParts(findRanks) };

function readSets(header: Pick<Header, 'parts'>): readonly CryptomatteSet[] {
  const views = viewNames(header.parts);
  const groups = rankGroups(header.parts, views);
  const declared = header.parts.flatMap((part, number) => declarations(part.attributes, number));
  const local = uniteRanks(
    claim(declared, groups, (part) => part),
    groups,
  );
  const claimed = new Set(local.flatMap((one) => one.groups));
  const homeless = withoutClaim(declared, local);
  const distant = claim(
    homeless,
    groups.filter((group) => !claimed.has(group)),
    () => 'anywhere',
  );
  const placed = new Set(local.map(({ declaration }) => declaration.identity));
  const dangling = withoutClaim(homeless, distant)
    .filter(({ identity }) => !placed.has(identity))
    .map((declaration): Claim => ({ declaration, groups: [], fit: undefined }));
  const previews = previewChannels(header.parts, views);
  return joinCopies([...local, ...distant, ...dangling], declared).map((joined) => makeSet(joined, previews));
}

/** Rank groups that no metadata speaks of and that look like a Cryptomatte. */
export function orphanGroups(header: Pick<Header, 'parts'>): readonly RankGroup[] {
  return known.orphans(header);
}

function findOrphans(header: Pick<Header, 'parts'>): readonly RankGroup[] {
  const taken = new Set(headerSets(header).flatMap(({ layers }) => layers.flatMap(({ channels }) => channels)));
  return rankGroups(header.parts).filter(
    (group) =>
      looksLikeCryptomatte(group) && !group.layers.some(({ channels }) => channels.some((one) => taken.has(one))),
  );
}

/**
 * Names of the channels whose bits are Cryptomatte IDs and coverages: they must stay float and lossless.
 * Counts channels without metadata that look like ranks, since a mistake here only costs space.
 */
export function rankChannels(part: Part, header: Pick<Header, 'parts'> = { parts: [part] }): Set<string> {
  const ranks = known.ranks(header);
  return new Set(part.channels.flatMap((channel) => (ranks.has(channel) ? channel.name : [])));
}

function findRanks(header: Pick<Header, 'parts'>): ReadonlySet<Channel> {
  const layers = [...headerSets(header), ...orphanGroups(header)].flatMap((one) => one.layers);
  return new Set([...layers.flatMap(({ channels }) => channels), ...guardedChannels(header).keys()]);
}

export function withoutSets(attributes: Attributes, sets: Iterable<Pick<CryptomatteSet, 'attributes'>>): Attributes {
  const gone = new Set([...sets].flatMap((set) => [...set.attributes.values()]));
  return gone.size === 0 ? attributes : attributes.filter((name) => !gone.has(name));
}

function makeSet(
  { declaration, groups, fit, parts }: JoinedClaim,
  previews: ReadonlyMap<string, Channel[]>,
): CryptomatteSet {
  const { key, prefix, name, names, values } = declaration;
  const manifest = storedField(names, values, 'manifest');
  return {
    key,
    prefix,
    name,
    hash: textField(names, values, 'hash'),
    conversion: textField(names, values, 'conversion'),
    manifest: manifest?.type === 'string' ? manifest.value : undefined,
    manifestFile: textField(names, values, 'manif_file'),
    attributes: names,
    parts,
    layers: groups
      .flatMap(({ layers }) => layers)
      .sort((a, b) => (a.view < b.view ? -1 : a.view > b.view ? 1 : a.layer - b.layer)),
    previews: groups.flatMap((group) => previews.get(previewKey(group.part, group.name)) ?? []),
    fit,
  };
}

function previewKey(part: number, name: string): string {
  return `${part} ${name}`;
}

/** Channels with a colour's component, by the part and layer they would be the preview of. */
function previewChannels(parts: readonly Part[], views: ReadonlySet<string>): Map<string, Channel[]> {
  const found = parts.flatMap(({ channels }, part) =>
    channels.flatMap((channel) => {
      const { layer, component } = parseChannelName(channel.name);
      return parseComponent(component) ? [{ channel, key: previewKey(part, cutView(layer, views).stem) }] : [];
    }),
  );
  return new Map(
    [...groupBy(found, ({ key }) => key)].map(([key, group]) => [key, group.map(({ channel }) => channel)]),
  );
}
