import { carrySets } from '../../lib/cryptomatte/index.js';
import { firstFew } from '../../lib/format/index.js';
import {
  advise,
  type Channel,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
  type Part,
} from '../../lib/index.js';
import { type CryptomatteSet, headerSets, settleColour } from '../../lib/layers/index.js';
import { inheritGlobals } from './attributes.js';
import { beginWithColour } from './part-order.js';
import { contents } from './select.js';

/**
 * The header with only some of its channels; parts that lose all of theirs go. Metadata follows: a Cryptomatte goes with
 * its channels, and what a file keeps in its first part for all of them (Blender 5 does) moves on when that part goes.
 * Throws `usage` errors when nothing is left, or when only a piece of a Cryptomatte would be.
 */
export function keepChannels(
  header: Header,
  context: FilterContext,
  keep: (part: Part, channel: Channel) => boolean,
): Header {
  const kept = new Set(header.parts.flatMap((part) => part.channels.filter((channel) => keep(part, channel))));
  checkTorn(headerSets(header), kept);
  const [first] = header.parts;
  const left = header.parts
    .map((part): Part => ({ ...part, channels: part.channels.filter((channel) => kept.has(channel)) }))
    .filter(({ channels }) => channels.length > 0);
  const settled = settleColour({ parts: left }, header).parts;
  const lostFirst = first?.channels.every((channel) => !kept.has(channel));
  const [head, ...rest] = lostFirst ? beginWithColour(settled, context) : settled;
  if (!head || !first)
    throw new ExrError('usage', 'NOTHING_LEFT', 'no channel would be left', { hint: contents(header) });
  const parts = [{ ...head, attributes: inheritGlobals(head.attributes, first.attributes) }, ...rest];
  const multiPart = parts.length === header.parts.length ? header.multiPart : parts.length > 1;
  return carrySets(header, { ...header, parts, multiPart }, context);
}

/** A Cryptomatte may lose its last ranks, or a whole view, but no component of a rank, nor one from the middle: readers would find no mattes. */
function checkTorn(sets: readonly CryptomatteSet[], kept: ReadonlySet<Channel>): void {
  const torn = sets.filter((set) => isTorn(set, kept));
  const [one] = torn;
  if (!one) return;
  const lines = torn.map((set) => {
    const all = rankChannelsOf(set);
    return `"${set.name}" would keep ${all.filter((channel) => kept.has(channel)).length} of its ${all.length} channels`;
  });
  throw new ExrError('usage', 'CRYPTOMATTE_TORN', `a Cryptomatte cannot be taken apart: ${firstFew(lines, '; ')}`, {
    hint: advise`Name it as a whole, with ${optionNamed('layer', one.name)}.`,
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
