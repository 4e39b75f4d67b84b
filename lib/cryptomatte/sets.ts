/**
 * Cryptomattes of a file: what the metadata says (`cryptomatte/<key>/name` and its companions) brought together with
 * the channels it speaks of. One Cryptomatte is called a set here.
 */
import { makeString, stringAttribute } from '../format/attribute-types.js';
import { equalBytes } from '../format/header-writer.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import type { Channel, Header, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { decodeText } from '../model/text.js';
import { type Fit, FitIndex } from './fit.js';
import { groupBy } from './group-by.js';
import {
  cutView,
  looksLikeCryptomatte,
  parseComponent,
  type RankGroup,
  type RankLayer,
  rankGroups,
  viewNames,
} from './ranks.js';

/** The attributes a set may have; the first three it must have. */
export const setFields = ['name', 'hash', 'conversion', 'manifest', 'manif_file'] as const;
export type SetField = (typeof setFields)[number];

/** The only hash and conversion the specification knows. */
export const hashName = 'MurmurHash3_32';
export const conversionName = 'uint32_to_float32';

export const setPrefix = 'cryptomatte/';

export interface CryptomatteSet {
  readonly key: string;
  /** `cryptomatte/`, or what a program made of it: `nuke/exr/cryptomatte/`, … */
  readonly prefix: string;
  /** Undefined, as the other fields, when the attribute is missing or no string. */
  readonly name: string | undefined;
  readonly hash: string | undefined;
  readonly conversion: string | undefined;
  /** The manifest's bytes as stored; `manifestText` decodes them. */
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

/** An attribute name taken apart, when it belongs to a set. */
export interface SetAttributeName {
  readonly prefix: string;
  readonly key: string;
  readonly field: string;
}

/** Nuke's Write node adds `nuke/`, its Read node `exr/`; either may survive into a file, and case does not matter to people. */
const aliases = /^((?:nuke\/)?(?:exr\/)?cryptomatte\/)(.*)$/is;

/** True for every attribute that means to be Cryptomatte's, also a malformed one. */
export function isSetAttribute(name: string): boolean {
  return aliases.test(name);
}

export function parseSetAttribute(name: string): SetAttributeName | undefined {
  const found = aliases.exec(name);
  const [key, field, ...rest] = found?.[2]?.split('/') ?? [];
  if (!found || !key || !field || rest.length > 0) return undefined;
  return { prefix: found[1] as string, key, field };
}

/** The sets of one part, as if it were a file of its own: what stands in other parts does not count. */
export function cryptomatteSets(part: Part): CryptomatteSet[] {
  return headerSets({ parts: [part] });
}

/**
 * The sets of a whole file. Metadata beside its channels belongs to them alone. Metadata without channels in its own
 * part belongs to channels of that name in other parts that have no metadata themselves (Blender 5 keeps all of it in
 * part 0), and is a mere copy where all of them have (exrmultipart and OpenImageIO copy it to every part).
 */
export function headerSets(header: Pick<Header, 'parts'>): CryptomatteSet[] {
  const views = viewNames(header.parts);
  const groups = rankGroups(header.parts, views);
  const declared = header.parts.flatMap((part, number) => declarations(part.attributes, number));
  const local = uniteRanks(
    claim(declared, groups, (part) => part),
    groups,
  );
  const claimed = new Set(local.flatMap((one) => one.groups));
  const homeless = without(declared, local);
  const distant = claim(
    homeless,
    groups.filter((group) => !claimed.has(group)),
    () => 'anywhere',
  );
  const placed = new Set(local.map(({ declaration }) => declaration.identity));
  const dangling = without(homeless, distant)
    .filter(({ identity }) => !placed.has(identity))
    .map((declaration): Claim => ({ declaration, groups: [], fit: undefined }));
  const previews = previewChannels(header.parts, views);
  return joinCopies([...local, ...distant, ...dangling], declared).map((joined) => makeSet(joined, previews));
}

/** Rank groups that no metadata speaks of and that look like a Cryptomatte. */
export function orphanGroups(
  header: Pick<Header, 'parts'>,
  sets: readonly CryptomatteSet[] = headerSets(header),
): RankGroup[] {
  const taken = new Set(sets.flatMap(({ layers }) => layers.flatMap(({ channels }) => channels)));
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
  const sets = headerSets(header);
  const layers = [...sets, ...orphanGroups(header, sets)].flatMap((one) => one.layers);
  const own = new Set(part.channels);
  const channels = layers.flatMap((layer) => layer.channels.filter((channel) => own.has(channel)));
  return new Set(channels.map(({ name }) => name));
}

export function manifestText(set: Pick<CryptomatteSet, 'manifest'>): string | undefined {
  return set.manifest && decodeText(set.manifest);
}

/** What a new set's attributes are made of. */
export interface SetDefinition {
  readonly key: string;
  readonly name: string;
  readonly manifest?: Uint8Array | undefined;
  readonly manifestFile?: string | undefined;
}

/** The attributes of a set, complete and as the specification has them. */
export function setAttributes({ key, name, manifest, manifestFile }: SetDefinition): [string, Attribute][] {
  const at = (field: SetField): string => `${setPrefix}${key}/${field}`;
  const entries: [string, Attribute][] = [
    [at('conversion'), makeString(conversionName)],
    [at('hash'), makeString(hashName)],
  ];
  if (manifestFile !== undefined) entries.push([at('manif_file'), makeString(manifestFile)]);
  if (manifest) entries.push([at('manifest'), { type: 'string', value: manifest }]);
  entries.push([at('name'), makeString(name)]);
  return entries;
}

export function withSet(attributes: Attributes, definition: SetDefinition): Attributes {
  return attributes.merge(setAttributes(definition));
}

export function withoutSets(attributes: Attributes, sets: Iterable<Pick<CryptomatteSet, 'attributes'>>): Attributes {
  const gone = new Set([...sets].flatMap((set) => [...set.attributes.values()]));
  return gone.size === 0 ? attributes : attributes.filter((name) => !gone.has(name));
}

/** Attributes of one part that make up one set. */
interface Declaration {
  readonly part: number;
  readonly key: string;
  readonly prefix: string;
  readonly name: string | undefined;
  /** The same for declarations that say the same key and name. */
  readonly identity: string;
  readonly names: ReadonlyMap<string, string>;
  readonly values: Attributes;
}

/** A declaration and the channels it speaks of. */
interface Claim {
  readonly declaration: Declaration;
  readonly groups: readonly RankGroup[];
  readonly fit: Fit | undefined;
}

function declarations(values: Attributes, part: number): Declaration[] {
  const found = new Map<string, { prefix: string; key: string; names: Map<string, string> }>();
  for (const attribute of values.names()) {
    const parsed = parseSetAttribute(attribute);
    if (!parsed) continue;
    const { prefix, key, field } = parsed;
    const entry = found.get(prefix + key) ?? { prefix, key, names: new Map<string, string>() };
    found.set(prefix + key, entry);
    entry.names.set(field, attribute);
  }
  return [...found.values()].map((entry) => {
    const name = text(entry.names, values, 'name');
    return { part, ...entry, name, identity: JSON.stringify([entry.key, name]), values };
  });
}

function stored(names: ReadonlyMap<string, string>, values: Attributes, field: SetField): Attribute | undefined {
  const attribute = names.get(field);
  return attribute === undefined ? undefined : values.get(attribute);
}

function text(names: ReadonlyMap<string, string>, values: Attributes, field: SetField): string | undefined {
  return stringAttribute(stored(names, values, field));
}

function without(declared: readonly Declaration[], claims: readonly Claim[]): Declaration[] {
  const settled = new Set(claims.map(({ declaration }) => declaration));
  return declared.filter((one) => !settled.has(one));
}

/**
 * Gives declarations their channels, within the reach that `place` gives a part. Exact names go first, so that a loose
 * fit never takes what another set names; a loose fit counts only where it is the only one, both ways.
 */
function claim(
  declared: readonly Declaration[],
  groups: readonly RankGroup[],
  place: (part: number) => number | string,
): Claim[] {
  const named = groupBy(groups, (group) => JSON.stringify([place(group.part), group.name]));
  const groupsOf = (declaration: Declaration, name: string): readonly RankGroup[] =>
    named.get(JSON.stringify([place(declaration.part), name])) ?? [];

  const claims = declared.flatMap((declaration): Claim[] => {
    const found = declaration.name === undefined ? [] : groupsOf(declaration, declaration.name);
    return found.length === 0 ? [] : [{ declaration, groups: found, fit: 'exact' }];
  });
  const taken = new Set(claims.flatMap((one) => one.groups));
  const plausible = groups.filter((group) => !taken.has(group) && looksLikeCryptomatte(group));
  const indexes = new Map(
    [...groupBy(plausible, ({ part }) => place(part))].map(([where, some]) => [
      where,
      new FitIndex(some.map(({ name }) => name)),
    ]),
  );
  const wishes = without(declared, claims).flatMap((declaration): Claim[] => {
    const best =
      declaration.name === undefined ? undefined : indexes.get(place(declaration.part))?.best(declaration.name);
    const [only, ...others] = best?.names ?? [];
    if (!best || only === undefined || others.length > 0) return [];
    return [{ declaration, groups: groupsOf(declaration, only), fit: best.fit }];
  });
  const suitors = new Map<RankGroup, Set<string>>();
  for (const wish of wishes)
    for (const group of wish.groups)
      suitors.set(group, (suitors.get(group) ?? new Set()).add(wish.declaration.identity));
  return [...claims, ...wishes.filter((wish) => wish.groups.every((group) => suitors.get(group)?.size === 1))];
}

/**
 * Rank layers of one set may lie in several parts, with the metadata in some or all of them. Claims that say the same
 * and hold different ranks are one; what nobody claims goes to the only claim of its name whose ranks it continues.
 */
function uniteRanks(claims: readonly Claim[], groups: readonly RankGroup[]): Claim[] {
  const claimed = new Set(claims.flatMap((one) => one.groups));
  const free = groupBy(
    groups.filter((group) => !claimed.has(group)),
    ({ name }) => name,
  );
  return [...groupBy(claims, ({ declaration }) => declaration.identity).values()].flatMap((same) => {
    const whole = same.flatMap((one) => one.groups);
    const [first] = same;
    if (!first || !distinctRanks(whole) || !same.every((one) => sameManifest(one.declaration, first.declaration)))
      return same;
    const rest = free.get(whole[0]?.name ?? '') ?? [];
    const all = rest.length > 0 && first.fit === 'exact' ? [...whole, ...rest] : whole;
    return same.map((one) => ({ ...one, groups: distinctRanks(all) ? all : whole }));
  });
}

function distinctRanks(groups: readonly RankGroup[]): boolean {
  const seen = new Set<string>();
  for (const { layers } of groups)
    for (const { view, layer } of layers) {
      const rank = `${layer} ${view}`;
      if (seen.has(rank)) return false;
      seen.add(rank);
    }
  return true;
}

function sameManifest(a: Declaration, b: Declaration): boolean {
  const [one, two] = [a, b].map(({ names, values }) => stored(names, values, 'manifest')?.value);
  return one === two || (one !== undefined && two !== undefined && equalBytes(one, two));
}

interface Joined extends Claim {
  readonly parts: readonly number[];
}

/** The same key and name for the same channels, or for none, in several parts is one set declared several times. */
function joinCopies(claims: readonly Claim[], declared: readonly Declaration[]): Joined[] {
  const numbers = new Map<RankGroup, number>();
  for (const group of claims.flatMap((one) => one.groups)) if (!numbers.has(group)) numbers.set(group, numbers.size);
  const subject = (one: Claim): string =>
    `${one.declaration.identity} ${one.groups.map((group) => numbers.get(group))}`;
  const copies = groupBy(declared, ({ identity }) => identity);
  const subjects = new Map(claims.map((one) => [one.declaration, subject(one)]));
  return [...groupBy(claims, subject)].flatMap(([same, [first]]) => {
    if (!first) return [];
    const speakers = copies.get(first.declaration.identity) ?? [];
    const parts = speakers.filter((one) => (subjects.get(one) ?? same) === same).map(({ part }) => part);
    return [{ ...first, parts }];
  });
}

function makeSet(
  { declaration, groups, fit, parts }: Joined,
  previews: ReadonlyMap<string, Channel[]>,
): CryptomatteSet {
  const { key, prefix, name, names, values } = declaration;
  const manifest = stored(names, values, 'manifest');
  return {
    key,
    prefix,
    name,
    hash: text(names, values, 'hash'),
    conversion: text(names, values, 'conversion'),
    manifest: manifest?.type === 'string' ? manifest.value : undefined,
    manifestFile: text(names, values, 'manif_file'),
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
