/** Which channels a set's metadata speaks of: metadata claims rank groups by its name, over all parts of a file. */
import { stringAttribute } from '../format/attribute-types.js';
import { equalBytes } from '../format/bytes.js';
import { parseSetAttribute, type SetField } from '../layers/set-attributes.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import { type Fit, FitIndex } from './fit.js';
import { looksLikeCryptomatte, type RankGroup } from './ranks.js';

/** Attributes of one part that make up one set. */
export interface Declaration {
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
export interface Claim {
  readonly declaration: Declaration;
  readonly groups: readonly RankGroup[];
  readonly fit: Fit | undefined;
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

/**
 * Gives declarations their channels, within the reach that `place` gives a part. Exact names go first, so that a loose
 * fit never takes what another set names; a loose fit counts only where it is the only one, both ways.
 */
export function claim(
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
  const wishes = withoutClaim(declared, claims).flatMap((declaration): Claim[] => {
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
export function uniteRanks(claims: readonly Claim[], groups: readonly RankGroup[]): Claim[] {
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
  const [one, two] = [a, b].map(({ names, values }) => storedField(names, values, 'manifest')?.value);
  return one === two || (one !== undefined && two !== undefined && equalBytes(one, two));
}

export interface JoinedClaim extends Claim {
  readonly parts: readonly number[];
}

/** The same key and name for the same channels, or for none, in several parts is one set declared several times. */
export function joinCopies(claims: readonly Claim[], declared: readonly Declaration[]): JoinedClaim[] {
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
