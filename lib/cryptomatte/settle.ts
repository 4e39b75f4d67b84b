/**
 * Completes a header once it is known which parts share a file. Filters cannot know that: an output pattern may give each part
 * a file of its own. Touches attributes, part names and a common prefix of all channels of a part: never planes, their order
 * or types, so a plan made before stays valid.
 */
import { formatAttribute } from '../format/attribute-types.js';
import { settleColour } from '../layers/colour.js';
import { rankChannels } from '../layers/guard.js';
import { placesOf } from '../layers/place.js';
import { fullName } from '../layers/respell.js';
import { type CryptomatteSet, headerSets } from '../layers/sets.js';
import { listedViews } from '../layers/views.js';
import type { Attributes } from '../model/attributes.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Part } from '../model/header.js';
import { listed } from '../model/listed.js';
import { carrySets, type NoticeReporter } from './carry.js';
import { freeKey, keysOf } from './keys.js';

/**
 * The header of one output file. `whole` is the wanted header that the file's parts were taken from. Cryptomattes go into
 * the files that hold their channels, and there into part 0, the only one that Blender looks at; copies stay where they are.
 * Settling is idempotent.
 */
export function settle(file: Header, whole: Header, report: NoticeReporter): Header {
  const spelt = { ...file, parts: file.parts.map((part) => spellOut(part, file, whole)) };
  const isAll = file.parts.length === whole.parts.length;
  const carried = isAll ? spelt : carrySets(whole, spelt, report);
  const placed = settleColour(inFirstPart(carried, report), whole);
  return { ...placed, parts: placed.parts.map((part) => settleViews(part, placed)) };
}

/** Reports Cryptomattes with ranks of one view in several files. `files` are the numbers of the parts in each. */
export function reportScattered(whole: Header, files: readonly (readonly number[])[], report: NoticeReporter): void {
  if (files.length < 2) return;
  const fileOf = new Map(files.flatMap((parts, file) => parts.map((part) => [part, file] as const)));
  const scattered = headerSets(whole).filter(({ layers }) =>
    [...groupBy(layers, ({ view }) => view).values()].some(
      (own) => new Set(own.map(({ part }) => fileOf.get(part))).size > 1,
    ),
  );
  if (scattered.length === 0) return;
  const names = listed(scattered.map(({ name, key }) => name ?? key));
  report.warn('SET_SCATTERED', `the rank layers of ${names} go to different files; programs need them in one file`);
}

/**
 * The only part of a file with ranks: Blender puts its name before channels that do not begin with it, so the name is dropped,
 * after its information has been moved to the ranks. The channels of an image stay bare, for viewers.
 */
function spellOut(part: Part, file: Header, whole: Header): Part {
  const ranks = rankChannels(whole);
  if (file.parts.length > 1 || part.name === undefined || !part.channels.some((one) => ranks.has(one))) return part;
  const { name } = part;
  const places = placesOf(whole);
  const channels = part.channels.map((channel): Channel => {
    const place = places.get(channel);
    return place?.speltBy === 'part' ? { ...channel, name: fullName(place) } : channel;
  });
  const begins = channels.every((channel) => channel.name.startsWith(`${name}.`));
  return begins ? { ...part, channels } : { ...part, name: undefined, channels };
}

/** The header of a file with the metadata of every Cryptomatte in part 0; in other parts it stays as it is. */
export function inFirstPart(header: Header, report: NoticeReporter): Header {
  const [first, ...others] = header.parts;
  if (!first || others.length === 0) return header;
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  const names = new Map<string | undefined, number>();
  for (const { name } of sets) names.set(name, (names.get(name) ?? 0) + 1);
  const sameNames = new Set<string>();
  /** By part: attributes that must go, since one Cryptomatte under two keys would count as two. */
  const gone = new Map<number, Set<string>>();
  let { attributes } = first;
  for (const set of sets) {
    const source = header.parts[set.parts[0] ?? 0]?.attributes;
    if (set.parts.includes(0) || !source) continue;
    if ((names.get(set.name) ?? 0) > 1) {
      sameNames.add(set.name ?? set.key);
      continue;
    }
    const key = freeKey(set.name ?? set.key, keysOf(attributes), set.key);
    attributes = withCopy(attributes, source, set, key);
    if (key !== set.key)
      for (const part of set.parts) gone.set(part, new Set([...(gone.get(part) ?? []), ...set.attributes.values()]));
  }
  if (sameNames.size > 0)
    report.warn(
      'SAME_NAME',
      `several Cryptomattes of one file are called ${listed(sameNames)}, and programs see at most one of them; a file for each part separates them: -o '{name}.exr'`,
    );
  if (attributes === first.attributes) return header;
  const left = others.map((part, index): Part => {
    const old = gone.get(index + 1);
    return old ? { ...part, attributes: part.attributes.filter((name) => !old.has(name)) } : part;
  });
  return { ...header, parts: [{ ...first, attributes }, ...left] };
}

function withCopy(
  attributes: Attributes,
  source: Attributes,
  { attributes: fields, prefix }: CryptomatteSet,
  key: string,
): Attributes {
  return attributes.merge(
    [...fields].flatMap(([field, attribute]) => {
      const stored = source.get(attribute);
      return stored ? [[`${prefix}${key}/${field}`, stored] as const] : [];
    }),
  );
}

/** `multiView` lists the existing views, in the old order; if no name contains one, there is nothing to distinguish. */
function settleViews(part: Part, header: Header): Part {
  const listed = listedViews(part);
  if (listed.length === 0) return part;
  const places = placesOf(header);
  const own = part.channels.flatMap((channel) => places.get(channel) ?? []);
  const there = new Set(own.map(({ view }) => view));
  const left = listed.filter((view) => there.has(view));
  if (left.length === listed.length) return part;
  const isNamed = own.some((place) => place.view !== '' && place.channel.name.split('.').includes(place.view));
  const attributes = isNamed
    ? part.attributes.with('multiView', { type: 'stringvector', value: formatAttribute('stringvector', left) })
    : part.attributes.without('multiView');
  return { ...part, attributes };
}
