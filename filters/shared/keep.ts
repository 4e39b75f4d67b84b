import {
  type Attribute,
  type Channel,
  type CryptomatteSet,
  ExrError,
  type Header,
  headerSets,
  type Part,
} from '../../lib/index.js';
import { inheritGlobals } from './attributes.js';
import { contents } from './select.js';

/**
 * The header with only some of its channels; parts that lose all of theirs go. Metadata follows: a Cryptomatte goes with
 * its channels, and what a file keeps in its first part for all of them (Blender 5 does) moves on when that part goes.
 * Throws `usage` errors when nothing is left, or when only a piece of a Cryptomatte would be.
 */
export function keepChannels(header: Header, keep: (part: Part, channel: Channel) => boolean): Header {
  const kept = new Set(header.parts.flatMap((part) => part.channels.filter((channel) => keep(part, channel))));
  if (kept.size === 0)
    throw new ExrError('usage', 'NOTHING_LEFT', 'no channel would be left', { hint: contents(header) });
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  checkTorn(sets, kept);
  const gone = new Set(
    sets.filter((set) => !rankChannelsOf(set).some((channel) => kept.has(channel))).flatMap(attributeNames),
  );
  const moving = sets.flatMap((set) => homeless(header, set, kept));
  const [first] = header.parts;
  const parts = header.parts.flatMap((part, number): Part[] => {
    const channels = part.channels.filter((channel) => kept.has(channel));
    if (channels.length === 0) return [];
    const arrivals = moving.filter(({ home }) => home === number).flatMap(({ entries }) => entries);
    const attributes = part.attributes.filter((name) => !gone.has(name)).merge(arrivals);
    return [{ ...part, channels, attributes }];
  });
  const [head, ...rest] = parts;
  if (!head || !first) return header;
  const whole = { ...head, attributes: inheritGlobals(head.attributes, first.attributes) };
  const multiPart = parts.length === header.parts.length ? header.multiPart : parts.length > 1;
  return { ...header, parts: [whole, ...rest], multiPart };
}

/** Metadata of a set that stands only in parts that go, and the part with the set's channels that takes it over. */
function homeless(
  header: Header,
  set: CryptomatteSet,
  kept: ReadonlySet<Channel>,
): { home: number; entries: [string, Attribute][] }[] {
  const remains = (number: number): boolean => header.parts[number]?.channels.some((one) => kept.has(one)) ?? false;
  const home = set.layers.find(({ channels }) => channels.some((channel) => kept.has(channel)))?.part;
  const holder = header.parts[set.parts[0] ?? -1];
  if (home === undefined || holder === undefined || set.parts.some(remains)) return [];
  const names = new Set(attributeNames(set));
  return [{ home, entries: [...holder.attributes].filter(([name]) => names.has(name)) }];
}

/** A Cryptomatte may lose its last ranks, but not a component of a rank, nor one from the middle: readers would find no mattes. */
function checkTorn(sets: readonly CryptomatteSet[], kept: ReadonlySet<Channel>): void {
  const torn = sets.filter((set) => isTorn(set, kept));
  const [one] = torn;
  if (!one) return;
  const lines = torn.map((set) => {
    const all = rankChannelsOf(set);
    return `"${set.name}" would keep ${all.filter((channel) => kept.has(channel)).length} of its ${all.length} channels`;
  });
  throw new ExrError('usage', 'CRYPTOMATTE_TORN', `a Cryptomatte cannot be taken apart: ${lines.join('; ')}`, {
    hint: `Name it as a whole, with --layer "${one.name}".`,
  });
}

function isTorn({ layers }: CryptomatteSet, kept: ReadonlySet<Channel>): boolean {
  const counts = layers.map(({ channels, view }) => {
    const left = channels.filter((channel) => kept.has(channel)).length;
    return { view, left, broken: left > 0 && left < channels.length };
  });
  return counts.some(({ view, left, broken }, index) => {
    const before = counts[index - 1];
    return broken || (left > 0 && before?.view === view && before.left === 0);
  });
}

function rankChannelsOf(set: CryptomatteSet): Channel[] {
  return set.layers.flatMap(({ channels }) => channels);
}

function attributeNames(set: CryptomatteSet): string[] {
  return [...set.attributes.values()];
}
