/**
 * Metadata follows its channels: whatever a filter did to the channels (renamed, dropped, distributed to other parts,
 * joined from several files), the sets of the new header are correct for it.
 */

import { makeStringAttribute } from '../format/attribute-types.js';
import { equalBytes } from '../format/bytes.js';
import { suspectLayers } from '../layers/guard.js';
import { parseSetAttribute } from '../layers/set-attributes.js';
import { type CryptomatteSet, headerSets } from '../layers/sets.js';
import { advise, stepOf } from '../model/advice.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import { ExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isArrived, type Part } from '../model/header.js';
import { layerKey } from './hash.js';
import { freeKey } from './keys.js';
import { formatManifest, joinManifests, possibleNames, storedManifest } from './manifest.js';
import { type Landing, type Move, newNames } from './new-names.js';
import type { NoticeReporter } from './report.js';

export type { NoticeReporter } from './report.js';

/** How metadata follows renamed channels. */
export interface CarryOptions {
  /**
   * True where each part is to be complete by itself (split): a part then holds the metadata of its own rank channels.
   * Otherwise metadata stays in the parts it came in, as far as they have descendants.
   */
  readonly beside?: boolean;
  /** True to derive a renamed set's key from its new name. The old key stays legal, and is kept by default. */
  readonly rekey?: boolean;
}

/**
 * Gives `after` the Cryptomatte metadata that belongs to its channels, recognised by the planes they are made of.
 * `before` is the filter's input: one header, or one for each input when it joins several (their sets are never
 * confused, even with equal names). All other attributes stay as in `after`.
 *
 * Sets whose channels were all renamed the same way get the new name. Sets without any channel left are dropped. Sets
 * that meet under one name in one part are joined, and equal keys made distinct. Reports SET_TORN when a rename moved only
 * some of a set's channels; throws `invalid` MANIFEST_CONFLICT when joined sets disagree about a name.
 */
export function carrySets(
  before: Pick<Header, 'parts'> | readonly Pick<Header, 'parts'>[],
  after: Header,
  report: NoticeReporter,
  { beside = false, rekey = false }: CarryOptions = {},
): Header {
  const inputs = 'parts' in before ? [before] : before;
  const landings = new Landings(after);
  const carried = inputs.flatMap((input) =>
    headerSets(input).flatMap((set) => carrySet(set, input, landings, beside, report)),
  );
  if (!beside) moveApart(carried);
  const known = new Set(inputs.flatMap(({ parts }) => parts.flatMap(setAttributeNames)));
  const homes = groupBy(
    carried.flatMap((one) => [...one.home].map((part) => ({ one, part }))),
    ({ part }) => part,
  );
  const parts = after.parts.map((part, number) => {
    const here = homes.get(number)?.map(({ one }) => one) ?? [];
    return withAttributes(part, replaceSets(part.attributes, known, here, number, rekey, report));
  });
  return { ...after, parts };
}

/** A set on its way into the new header. */
interface CarriedSet {
  readonly set: CryptomatteSet;
  /** Where its attributes come from. */
  readonly source: Attributes;
  /** Its name from now on. */
  readonly name: string | undefined;
  /** Parts of the new header that hold some of its rank channels. */
  readonly channelParts: ReadonlySet<number>;
  /** Parts of the new header that get its attributes. */
  readonly home: Set<number>;
}

/** Where the old header's planes are in the new header. */
class Landings {
  readonly header: Header;
  readonly #byPlane = new Map<unknown, Landing[]>();
  readonly #descendants = new Map<Part, ReadonlySet<number>>();

  constructor(header: Header) {
    this.header = header;
    for (const [part, { channels }] of header.parts.entries())
      for (const channel of channels) {
        const id = planeId(channel);
        const landings = this.#byPlane.get(id);
        if (landings) landings.push({ part, channel });
        else this.#byPlane.set(id, [{ part, channel }]);
      }
  }

  /** One place in each part that has the channel; of copies within a part, the one that kept its name. */
  of(channel: Channel): Landing[] {
    const all = this.#byPlane.get(planeId(channel)) ?? [];
    return [...groupBy(all, ({ part }) => part).values()].map(
      (same) => same.find((one) => one.channel.name === channel.name) ?? (same[0] as Landing),
    );
  }

  /** Parts made, at least partly, from a part of the old header. Cached, since many sets need the same one. */
  descendants(part: Part): ReadonlySet<number> {
    const found =
      this.#descendants.get(part) ??
      new Set(part.channels.flatMap((channel) => this.of(channel).map((one) => one.part)));
    this.#descendants.set(part, found);
    return found;
  }
}

function planeId({ plane }: Channel): unknown {
  return isArrived(plane) ? `${plane.part}:${plane.index}` : plane;
}

function carrySet(
  set: CryptomatteSet,
  before: Pick<Header, 'parts'>,
  landings: Landings,
  beside: boolean,
  report: NoticeReporter,
): CarriedSet[] {
  const source = before.parts[set.parts[0] ?? 0]?.attributes;
  if (!source) return [];
  const moves = set.layers.flatMap((layer) =>
    layer.channels.flatMap((channel) => landings.of(channel).map((landing) => ({ ...landing, layer, from: channel }))),
  );
  const kept = new Set(set.parts.flatMap((part) => [...landings.descendants(before.parts[part] as Part)]));
  if (set.layers.length === 0) return carryDangling(set, source, kept, before, landings, beside, report);
  if (moves.length === 0) return [];
  reportGaps(set, moves, report);
  return newNames(set, moves, before, landings.header, report).map(({ name, moves: own }) => {
    const channelParts = new Set(own.map(({ part }) => part));
    const first = new Set([Math.min(...channelParts)]);
    return { set, source, name, channelParts, home: beside ? new Set(channelParts) : kept.size === 0 ? first : kept };
  });
}

/** Metadata without channels stays; if parts are separated or its own removed, it goes with the layers that it may refer to. */
function carryDangling(
  set: CryptomatteSet,
  source: Attributes,
  kept: Set<number>,
  before: Pick<Header, 'parts'>,
  landings: Landings,
  beside: boolean,
  report: NoticeReporter,
): CarriedSet[] {
  const stays = !beside && kept.size > 0;
  const suspects = stays ? [] : suspectLayers(before).flatMap(({ channels }) => channels);
  const home = stays ? kept : new Set(suspects.flatMap((channel) => landings.of(channel).map(({ part }) => part)));
  if (home.size === 0) report.note('SET_DROPPED', `"${set.name}" has no channels; its metadata is dropped`);
  return home.size === 0 ? [] : [{ set, source, name: set.name, channelParts: new Set(), home }];
}

function reportGaps(set: CryptomatteSet, moves: readonly Move[], report: NoticeReporter): void {
  const first = new Set(set.layers.filter(({ order }) => order === 0).flatMap(({ channels }) => channels));
  if (first.size > 0 && !moves.some(({ from }) => first.has(from)))
    report.warn('SET_TORN', `the Cryptomatte "${set.name}" lost its first rank layer; no reader finds the others`);
}

/**
 * Where two sets have come to share a name in a part, one with its channels elsewhere makes way: its metadata moves
 * to the parts that hold its channels.
 */
function moveApart(carried: readonly CarriedSet[]): void {
  const meetings = carried.flatMap((one) =>
    [...one.home].map((part) => ({ one, id: JSON.stringify([part, one.name]), part })),
  );
  for (const meeting of groupBy(meetings, ({ id }) => id).values()) {
    if (meeting.length < 2) continue;
    for (const { one, part } of meeting) {
      if (one.channelParts.has(part) || one.channelParts.size === 0) continue;
      one.home.delete(part);
      for (const other of one.channelParts) one.home.add(other);
    }
  }
}

function setAttributeNames({ attributes }: Part): string[] {
  return attributes.names().filter((name) => parseSetAttribute(name) !== undefined);
}

function withAttributes(part: Part, attributes: Attributes): Part {
  return attributes === part.attributes ? part : { ...part, attributes };
}

/** The part's attributes with these sets and no other of the known ones. Attributes that stay keep their places. */
function replaceSets(
  attributes: Attributes,
  known: ReadonlySet<string>,
  sets: readonly CarriedSet[],
  part: number,
  rekey: boolean,
  report: NoticeReporter,
): Attributes {
  const taken = new Set<string>();
  const entries = joinSameNames(sets, part).flatMap((set) => {
    const { name = set.key } = set;
    const key = freeKey(name, taken, rekey && set.renamed ? layerKey(name) : set.key);
    if (key !== set.key) report.note('SET_REKEYED', `the Cryptomatte "${set.name}" now has the key ${key}`);
    taken.add(key);
    return [...set.entries].map(([field, attribute]): [string, Attribute] => [
      `${set.prefix}${key}/${field}`,
      attribute,
    ]);
  });
  const wanted = new Set(entries.map(([name]) => name));
  return attributes.filter((name) => !known.has(name) || wanted.has(name)).merge(entries);
}

/** A set as it will be written: its attributes by what follows the key. */
interface OutgoingSet {
  readonly key: string;
  readonly prefix: string;
  readonly name: string | undefined;
  readonly renamed: boolean;
  readonly entries: ReadonlyMap<string, Attribute>;
}

function joinSameNames(sets: readonly CarriedSet[], part: number): OutgoingSet[] {
  return [...groupBy(sets, ({ name }) => name)].flatMap(([name, same]) => {
    const local = same.filter(({ channelParts }) => channelParts.has(part));
    if (name === undefined || local.length < 2) return same.map(outgoing);
    const [first] = local as [CarriedSet];
    return [{ ...outgoing(first), entries: new Map([...outgoing(first).entries, ...joinedNames(local)]) }];
  });
}

function outgoing({ set, source, name }: CarriedSet): OutgoingSet {
  const entries = new Map<string, Attribute>();
  for (const [field, attribute] of set.attributes) {
    const stored = source.get(attribute);
    if (stored) entries.set(field, stored);
  }
  const renamed = name !== undefined && name !== set.name;
  if (renamed) entries.set('name', makeStringAttribute(name));
  return { key: set.key, prefix: set.prefix, name, renamed, entries };
}

/** The manifests of several sets as one attribute. */
function joinedNames(sets: readonly CarriedSet[]): [string, Attribute][] {
  const files = new Set(sets.flatMap(({ set }) => set.manifestFile ?? []));
  const texts = sets.flatMap(({ set }) => set.manifest ?? []);
  const name = sets[0]?.name;
  if (files.size > 1 || (files.size === 1 && texts.length > 0))
    throw new ExrError('usage', 'SIDECARS_CANNOT_JOIN', `the manifests of "${name}" are in different files`, {
      hint: advise`Embed them first with ${stepOf('repair', { embed: true })}.`,
    });
  if (texts.length === 0) return [];
  const [first, ...others] = texts as [Uint8Array, ...Uint8Array[]];
  if (others.every((text) => equalBytes(text, first))) return [['manifest', { type: 'string', value: first }]];
  const manifests = texts.map((text) => possibleNames(storedManifest(text)).names);
  return [['manifest', { type: 'string', value: formatManifest(joinManifests(manifests)) }]];
}
