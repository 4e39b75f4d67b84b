/** The compression of a part that is made of several. */

import { codecOf, listed } from '../../lib/format/index.js';
import {
  type Advice,
  advise,
  type Channel,
  type Compression,
  type FilterContext,
  type Header,
  isArrived,
  lossyChannels,
  makePlan,
  optionNamed,
  type Part,
  stepOf,
} from '../../lib/index.js';
import { guardedChannels, rankChannels } from '../../lib/layers/index.js';

/** A part of which channels are taken, under their new names. */
interface Giver {
  readonly part: Part;
  readonly channels: readonly Channel[];
}

export interface ChosenCodec {
  readonly compression: Compression;
  readonly codecChosen: boolean;
}

/**
 * The first one's compression, unless it would change samples that came without loss or lose a second time, or cannot be
 * written: then zip, with a warning. `joined` is the new part, of which the compression is not decided yet.
 */
export function joinCompressions(pieces: readonly Giver[], joined: Part, context: FilterContext): ChosenCodec {
  const zip: ChosenCodec = { compression: 'zip', codecChosen: false };
  const compression = (pieces[0] as Giver).part.compression;
  const codecChosen = pieces.every(({ part }) => part.codecChosen === true && part.compression === compression);
  const wanted = { ...joined, compression };
  // Chunks of codecs that have no encoder here may still be put together from others.
  if (!codecOf(compression).encode && !movesWhole(pieces, wanted)) {
    context.warn('CODEC_CHANGED', `${compression} cannot be written, so the result is zip`);
    return zip;
  }
  // Who chose a lossy codec by name gets it, but Cryptomattes go before.
  const harms = codecChosen ? harmedRanks(pieces, wanted) : harmedChannels(pieces, wanted);
  if (harms.length === 0 || movesWhole(pieces, wanted)) return { compression, codecChosen };
  context.warn('CODEC_CHANGED', advise`${compression} ${describe(harms)}`);
  return zip;
}

/** A channel that would change where it is decoded and coded, and whether it would for the second time. */
interface Harm {
  readonly name: string;
  readonly again: boolean;
}

function describe(harms: readonly Harm[]): Advice {
  const again = harms.filter((harm) => harm.again).map(({ name }) => name);
  if (again.length > 0)
    return advise`would lose quality of ${listed(again, 3)} a second time, so the result is zip; accept that with ${stepOf('compress', { to: 'CODEC' })} and ${optionNamed('allowLossy')}`;
  const names = harms.map(({ name }) => name);
  return advise`would change ${listed(names, 3)}, which are lossless, so the result is zip; choose with ${stepOf('compress', { to: 'CODEC' })}`;
}

function harmedChannels(pieces: readonly Giver[], wanted: Part): Harm[] {
  const losing = new Set([...lossyChannels(wanted)].map(({ plane }) => plane));
  const { idempotent = false } = codecOf(wanted.compression);
  return pieces.flatMap(({ part, channels }) => {
    // Names decide about loss in some codecs, so the old ones decide what was lost.
    const lost = new Set([...lossyChannels(part)].map(({ plane }) => plane));
    const losesAgain = part.compression !== wanted.compression || !idempotent;
    return channels.flatMap(({ name, plane }): Harm[] => {
      if (!losing.has(plane)) return [];
      if (!lost.has(plane)) return [{ name, again: false }];
      return losesAgain ? [{ name, again: true }] : [];
    });
  });
}

function harmedRanks(pieces: readonly Giver[], wanted: Part): Harm[] {
  const ranks = rankChannels({ parts: [wanted] });
  const guarded = new Set(
    [...guardedChannels({ parts: pieces.map(({ part }) => part) }).keys()].map(({ plane }) => plane),
  );
  return [...lossyChannels(wanted)]
    .filter((channel) => ranks.has(channel) || guarded.has(channel.plane))
    .map(({ name }) => ({ name, again: false }));
}

/** Whether the chunks are put together without being decoded, so that nothing is coded: the planner knows. */
function movesWhole(pieces: readonly Giver[], wanted: Part): boolean {
  // As if these parts were what arrived. Planes are told apart by object identity, which renames keep.
  const places = new Map<Channel['plane'], Channel['plane']>();
  for (const [part, { part: own }] of pieces.entries())
    for (const [index, { plane }] of own.channels.entries()) if (isArrived(plane)) places.set(plane, { part, index });
  const channels = wanted.channels.map((channel) => ({
    ...channel,
    plane: places.get(channel.plane) ?? channel.plane,
  }));
  const arrived: Header = { parts: pieces.map(({ part }) => part), longNames: false, multiPart: pieces.length > 1 };
  try {
    const [plan] = makePlan({ ...arrived, parts: [{ ...wanted, channels }] }, arrived, { allowLossy: true });
    return plan?.method === 'forward' || plan?.method === 'splice';
  } catch {
    // What cannot be planned here cannot be planned later either, and there the user hears of it.
    return false;
  }
}
