/**
 * Cryptomattes of a file: the metadata (`cryptomatte/<key>/name` and its companions) matched with the channels it refers
 * to. One Cryptomatte is called a set here.
 */
import type { Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Part } from '../model/header.js';
import { onceForParts } from '../model/once.js';
import {
  type Claim,
  claimByName,
  claimLoosely,
  type Declaration,
  declarations,
  type JoinedClaim,
  joinCopies,
  storedField,
  textField,
  uniteRanks,
  withoutClaim,
} from './claims.js';
import type { NameFit } from './fit.js';
import {
  byRank,
  type LayerChannels,
  layersOf,
  looksLikeCryptomatte,
  namedGroups,
  numberedGroups,
  type PartGroup,
  type RankGroup,
  type RankLayer,
  unite,
} from './rank-groups.js';

/** A Cryptomatte of a file: its metadata, and the rank layers that were found for it. */
export interface CryptomatteSet {
  readonly key: string;
  /** `cryptomatte/`, or what a program made of it: `nuke/exr/cryptomatte/`, … */
  readonly prefix: string;
  /** Undefined, like the other fields, if the attribute is missing or not a string. */
  readonly name: string | undefined;
  readonly hash: string | undefined;
  readonly conversion: string | undefined;
  /** The manifest's bytes as stored; `readManifest` parses them. */
  readonly manifest: Uint8Array | undefined;
  readonly manifestFile: string | undefined;
  /** Names of the set's attributes, by what follows the key; including those that the specification does not know. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Numbers of the parts that hold these attributes. */
  readonly parts: readonly number[];
  /** The rank layers, over all parts, ordered by view and rank; empty for a set that has lost its channels. */
  readonly layers: readonly RankLayer[];
  /** The deprecated preview `name.R`, `.G`, `.B`, `.A`. */
  readonly previews: readonly Channel[];
  /** How the set's name matches its channels'; undefined if it does not. */
  readonly fit: NameFit | undefined;
}

/** The sets of one part, as if it were a file of its own: other parts do not count. */
export function cryptomatteSets(part: Part): readonly CryptomatteSet[] {
  return headerSets({ parts: [part] });
}

/**
 * The sets of a whole file. Metadata in the same part as its channels belongs to them alone. Metadata without channels in its
 * own part belongs to channels of that name in other parts without metadata (Blender 5 keeps all of it in part 0), and is a
 * mere copy if all of those have metadata (exrmultipart and OpenImageIO copy it to every part).
 */
export function headerSets(header: Pick<Header, 'parts'>): readonly CryptomatteSet[] {
  return known(header).sets;
}

/** Rank groups that no metadata refers to and that look like a Cryptomatte, over all parts. */
export function orphanGroups(header: Pick<Header, 'parts'>): readonly RankGroup[] {
  return known(header).orphans;
}

/** Filters and rules query each part or set of a file repeatedly, so the result for each header is cached. */
const known = onceForParts((header) => {
  const layers = layersOf(header);
  const declared = header.parts.flatMap((part, number) => declarations(part.attributes, number));
  const groups = rankGroups(layers, declared);
  const claims = settleClaims(declared, groups);
  const claimed = new Set(claims.flatMap((one) => one.groups));
  const taken = new Set([...claimed].flatMap((group) => group.layers.flatMap(({ channels }) => channels)));
  const free = groups.filter(
    (group) =>
      !claimed.has(group) && !group.layers.some(({ channels }) => channels.some((channel) => taken.has(channel))),
  );
  const contents = contentsOf(previewsOf(layers));
  return {
    sets: joinCopies(claims, declared).map((joined) => makeSet(joined, contents(joined.groups))),
    orphans: unite(free).filter(looksLikeCryptomatte),
  };
});

/** Numbered per the specification; and in other ways, if only those match a declared name. */
function rankGroups(layers: readonly LayerChannels[], declared: readonly Declaration[]): PartGroup[] {
  const names = new Set(declared.flatMap(({ name }) => name ?? []));
  const numbered = numberedGroups(layers);
  const met = numbered.filter(({ name }) => names.has(name));
  const found = new Set(met.map(({ name }) => name));
  const taken = new Set(met.flatMap((group) => group.layers.flatMap(({ channels }) => channels)));
  const unmet = new Set([...names].filter((name) => !found.has(name)));
  return [...numbered, ...namedGroups(layers, unmet, taken), ...groupsBeside(layers, declared, met, taken)];
}

/**
 * Numbered in other ways next to metadata of a name that other parts number per the specification: parts may hold different
 * Cryptomattes of one name.
 */
function groupsBeside(
  layers: readonly LayerChannels[],
  declared: readonly Declaration[],
  met: readonly PartGroup[],
  taken: ReadonlySet<Channel>,
): PartGroup[] {
  const known = new Set(met.map(({ name }) => name));
  const here = new Set(met.map(({ part, name }) => JSON.stringify([part, name])));
  const wishes = declared.filter(
    ({ part, name }) => name !== undefined && known.has(name) && !here.has(JSON.stringify([part, name])),
  );
  if (wishes.length === 0) return [];
  const byPart = groupBy(layers, ({ part }) => part);
  return [...groupBy(wishes, ({ part }) => part)].flatMap(([part, own]) => {
    const groups = namedGroups(byPart.get(part) ?? [], new Set(own.flatMap(({ name }) => name ?? [])), taken);
    // A layer with exactly this name is a preview of the ranks elsewhere.
    return groups.filter((group) => group.layers.every(({ text }) => text !== ''));
  });
}

/**
 * A claim per declaration: the exact name before others, its own part before the whole file. Claims that lead nowhere have no
 * groups.
 */
function settleClaims(declared: readonly Declaration[], groups: readonly PartGroup[]): Claim[] {
  let claims = uniteRanks(claimByName(declared, groups, 'part'), groups);
  for (const [claim, reach] of [
    [claimByName, 'file'],
    [claimLoosely, 'part'],
    [claimLoosely, 'file'],
  ] as const) {
    const claimed = new Set(claims.flatMap((one) => one.groups));
    const placed = new Set(claims.map(({ declaration }) => declaration.identity));
    // A copy of metadata that is resolved elsewhere has no channels of its own.
    const homeless = withoutClaim(declared, claims).filter(({ identity }) => !placed.has(identity));
    const free = groups.filter((group) => !claimed.has(group));
    claims = [...claims, ...claim(homeless, free, reach)];
  }
  const placed = new Set(claims.map(({ declaration }) => declaration.identity));
  const dangling = withoutClaim(declared, claims).filter(({ identity }) => !placed.has(identity));
  return [...claims, ...dangling.map((declaration): Claim => ({ declaration, groups: [], fit: undefined }))];
}

/** The attributes without the metadata of some Cryptomattes. */
export function withoutSets(attributes: Attributes, sets: Iterable<Pick<CryptomatteSet, 'attributes'>>): Attributes {
  const gone = new Set([...sets].flatMap((set) => [...set.attributes.values()]));
  return gone.size === 0 ? attributes : attributes.filter((name) => !gone.has(name));
}

function makeSet(
  { declaration, fit, parts }: JoinedClaim,
  { layers, previews }: Pick<CryptomatteSet, 'layers' | 'previews'>,
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
    layers,
    previews,
    fit,
  };
}

/** The layers and previews of some groups. Many keys may claim the same ones, so they are sorted once. */
function contentsOf(
  previewsOfGroup: Previews,
): (groups: readonly PartGroup[]) => Pick<CryptomatteSet, 'layers' | 'previews'> {
  const known = new Map<
    PartGroup | undefined,
    { groups: readonly PartGroup[]; layers: RankLayer[]; previews: Channel[] }
  >();
  return (groups) => {
    const last = known.get(groups[0]);
    if (last?.groups.length === groups.length && groups.every((group, at) => group === last.groups[at])) return last;
    const layers = groups.flatMap((group) => group.layers).sort(byRank);
    const found = { groups, layers, previews: [...new Set(groups.flatMap(previewsOfGroup))] };
    known.set(groups[0], found);
    return found;
  };
}

type Previews = (group: PartGroup) => readonly Channel[];

/** Channels of a layer with exactly a group's name: in its part, or, if parts have layers' names, in a part of their own. */
function previewsOf(layers: readonly LayerChannels[]): Previews {
  const byName = groupBy(layers, ({ layer }) => layer);
  return ({ name, part, layers: ranks }) => {
    if (ranks.some(({ text }) => text === '')) return [];
    const same = byName.get(name) ?? [];
    const local = same.filter((one) => one.part === part);
    const [only, ...others] = same;
    const found = local.length > 0 ? local : only && others.length === 0 ? [only] : [];
    return found.flatMap(({ channels }) => channels);
  };
}
