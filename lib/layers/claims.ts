/** Which channels a set's metadata refers to: metadata claims rank groups by its name, over all parts of a file. */
import { stringAttribute } from '../format/attribute-types.js';
import { equalBytes } from '../format/bytes.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import { FitIndex, type NameFit } from './fit.js';
import { distinctRanks, looksLikeCryptomatte, type PartGroup, unite } from './rank-groups.js';
import { parseSetAttribute, type SetField } from './set-attributes.js';

/** Attributes of one part that make up one set. */
export interface Declaration {
  readonly part: number;
  readonly key: string;
  readonly prefix: string;
  readonly name: string | undefined;
  /** The same for declarations with the same key and name. */
  readonly identity: string;
  readonly names: ReadonlyMap<string, string>;
  readonly values: Attributes;
}

/** A declaration and the channels it refers to. */
export interface Claim {
  readonly declaration: Declaration;
  readonly groups: readonly PartGroup[];
  readonly fit: NameFit | undefined;
}

export function declarations(values: Attributes, part: number): Declaration[] {
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
    const name = textField(entry.names, values, 'name');
    return { part, ...entry, name, identity: JSON.stringify([entry.key, name]), values };
  });
}

export function storedField(
  names: ReadonlyMap<string, string>,
  values: Attributes,
  field: SetField,
): Attribute | undefined {
  const attribute = names.get(field);
  return attribute === undefined ? undefined : values.get(attribute);
}

export function textField(names: ReadonlyMap<string, string>, values: Attributes, field: SetField): string | undefined {
  return stringAttribute(storedField(names, values, field));
}

export function withoutClaim(declared: readonly Declaration[], claims: readonly Claim[]): Declaration[] {
  const settled = new Set(claims.map(({ declaration }) => declaration));
  return declared.filter((one) => !settled.has(one));
}

/** Groups by name, within the scope of metadata: its own part, or the whole file. */
class Reach {
  readonly #place: (part: number) => unknown;
  readonly #named: ReadonlyMap<string, readonly PartGroup[]>;

  constructor(groups: readonly PartGroup[], reach: 'part' | 'file') {
    this.#place = (part) => (reach === 'part' ? part : 'file');
    this.#named = groupBy(groups, ({ part, name }) => this.#id(part, name));
  }

  find({ part }: Declaration, name: string | undefined): readonly PartGroup[] {
    return name === undefined ? [] : (this.#named.get(this.#id(part, name)) ?? []);
  }

  /** The names within each scope that may be a Cryptomatte's. */
  plausible(): (declaration: Declaration) => FitIndex | undefined {
    const groups = [...this.#named.values()].flat();
    const indexes = new Map(
      [...groupBy(groups, ({ part }) => this.#place(part))].map(([place, some]) => [
        place,
        new FitIndex(unite(some).flatMap((group) => (looksLikeCryptomatte(group) ? group.name : []))),
      ]),
    );
    return ({ part }) => indexes.get(this.#place(part));
  }

  #id(part: number, name: string): string {
    return JSON.stringify([this.#place(part), name]);
  }
}

/** Assigns to declarations the channels with exactly their name. */
export function claimByName(
  declared: readonly Declaration[],
  groups: readonly PartGroup[],
  reach: 'part' | 'file',
): Claim[] {
  const within = new Reach(groups, reach);
  return declared.flatMap((declaration): Claim[] => {
    const found = within.find(declaration, declaration.name);
    return found.length === 0 ? [] : [{ declaration, groups: found, fit: 'exact' }];
  });
}

/** Assigns to declarations channels whose name is spelt differently, where the match is unique in both directions. */
export function claimLoosely(
  declared: readonly Declaration[],
  groups: readonly PartGroup[],
  reach: 'part' | 'file',
): Claim[] {
  const within = new Reach(groups, reach);
  const plausible = within.plausible();
  const wishes = declared.flatMap((declaration): Claim[] => {
    const best = declaration.name === undefined ? undefined : plausible(declaration)?.best(declaration.name);
    const [only, ...others] = best?.names ?? [];
    if (!best || only === undefined || others.length > 0) return [];
    return [{ declaration, groups: within.find(declaration, only), fit: best.fit }];
  });
  const suitors = new Map<PartGroup, Set<string>>();
  for (const wish of wishes)
    for (const group of wish.groups)
      suitors.set(group, (suitors.get(group) ?? new Set()).add(wish.declaration.identity));
  return wishes.filter((wish) => wish.groups.every((group) => suitors.get(group)?.size === 1));
}

/**
 * Rank layers of one set may be in several parts, with the metadata in some or all of them. Identical claims that hold
 * different ranks are one; unclaimed ranks go to the only claim of their name whose ranks they continue.
 */
export function uniteRanks(claims: readonly Claim[], groups: readonly PartGroup[]): Claim[] {
  const claimed = new Set(claims.flatMap((one) => one.groups));
  const free = groupBy(
    groups.filter((group) => !claimed.has(group)),
    ({ name }) => name,
  );
  return [...groupBy(claims, ({ declaration }) => declaration.identity).values()].flatMap((same) => {
    const whole = same.flatMap((one) => one.groups);
    const [first] = same;
    if (!first || !areDistinct(whole) || !same.every((one) => sameManifest(one.declaration, first.declaration)))
      return same;
    const rest = free.get(whole[0]?.name ?? '') ?? [];
    const all = rest.length > 0 && first.fit === 'exact' ? [...whole, ...rest] : whole;
    return same.map((one) => ({ ...one, groups: areDistinct(all) ? all : whole }));
  });
}

function areDistinct(groups: readonly PartGroup[]): boolean {
  // Within a part, no two layers have the same name.
  return groups.length < 2 || distinctRanks(groups.flatMap(({ layers }) => layers));
}

function sameManifest(a: Declaration, b: Declaration): boolean {
  const [one, two] = [a, b].map(({ names, values }) => storedField(names, values, 'manifest')?.value);
  return one === two || (one !== undefined && two !== undefined && equalBytes(one, two));
}

export interface JoinedClaim extends Claim {
  readonly parts: readonly number[];
}

/** The same key and name for the same channels, or for none, in several parts is one set declared several times. */
export function joinCopies(claims: readonly Claim[], declared: readonly Declaration[]): JoinedClaim[] {
  const numbers = new Map<PartGroup, number>();
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
