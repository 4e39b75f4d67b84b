import {
  Attributes,
  type Box,
  type Channel,
  type Compression,
  codecOf,
  ExrError,
  type FilterContext,
  isDeep,
  lossyChannels,
  type Part,
  rankChannels,
  sameBox,
  sameTiles,
  sharedAttributes,
  sortChannels,
} from '../../lib/index.js';
import { describesPart } from './attributes.js';
import { listed } from './select.js';
import { viewName } from './tokens.js';

/** A part that becomes a piece of another, with the channels it gives under their new names. */
export interface Piece {
  readonly part: Part;
  readonly channels: readonly Channel[];
  /** How messages call it: a file's name, a part's name. */
  readonly label: string;
}

/**
 * One part made of several: the window holds all of theirs, the rest follows the first. Channel names must be
 * different already. Cryptomatte metadata is the caller's to carry, since only it knows where the pieces come from.
 */
export function joinParts(pieces: readonly Piece[], name: string | undefined, context: FilterContext): Part {
  const [first, ...others] = pieces;
  if (!first) throw new ExrError('usage', 'NOTHING_LEFT', 'there is nothing to join');
  const channels = sortChannels(pieces.flatMap((piece) => piece.channels));
  if (others.length === 0) return { ...first.part, name, channels };
  const deep = pieces.find(({ part }) => isDeep(part));
  if (deep)
    throw new ExrError('usage', 'DEEP_MERGE', `"${deep.label}" is deep, and deep parts cannot be joined`, {
      hint: 'Keep them as parts, with "merge --as parts" or "split --by part".',
    });
  warnAboutDifferences(first, others, context);
  const shape = joinShapes(pieces, context);
  const codec = joinCompressions(pieces, channels, context);
  const attributes = joinAttributes(pieces).filter(
    (attribute) => attribute !== 'chunkCount' && (attribute !== 'tiles' || shape.tiles !== undefined),
  );
  return { ...first.part, name, channels, attributes, ...shape, ...codec };
}

/** Everything the pieces know, the first one's word first. What describes the whole picture comes from the first alone. */
function joinAttributes(pieces: readonly Piece[]): Attributes {
  const all = new Map(pieces[0]?.part.attributes);
  for (const { part } of pieces)
    for (const [name, attribute] of part.attributes)
      if (!all.has(name) && !describesPart(name) && !isShared(name)) all.set(name, attribute);
  const views = new Set(pieces.map(({ part }) => viewName(part)));
  const known = new Attributes(all);
  return views.size > 1 ? known.without('view') : known;
}

/** Tiles stay tiles when all pieces are tiled alike; scan lines can hold everything else. */
function joinShapes(
  pieces: readonly Piece[],
  context: FilterContext,
): Pick<Part, 'type' | 'tiles' | 'lineOrder' | 'dataWindow'> {
  const parts = pieces.map(({ part }) => part);
  const [first] = parts as [Part];
  const dataWindow = union(parts.map((part) => part.dataWindow));
  const levels = parts.some(({ tiles }) => tiles && tiles.levels !== 'one');
  if (parts.some(({ tiles }) => !sameTiles(tiles, first.tiles)) || !first.tiles) {
    if (levels) warnLevels('the inputs are not tiled alike', context);
    // Only tiles may come in any order.
    const lineOrder = first.lineOrder === 'random' ? 'increasing' : first.lineOrder;
    return { type: 'scanlineimage', tiles: undefined, lineOrder, dataWindow };
  }
  const { type, tiles, lineOrder } = first;
  if (!levels || parts.every((part) => sameBox(part.dataWindow, dataWindow)))
    return { type, tiles, lineOrder, dataWindow };
  warnLevels('the data windows differ', context);
  return { type, tiles: { ...tiles, levels: 'one' }, lineOrder, dataWindow };
}

function warnLevels(why: string, context: FilterContext): void {
  context.warn('LEVELS_DROPPED', `${why}, so only the full resolution is kept of mip and rip levels`);
}

/** The first one's compression, unless it would change samples that were not stored with it already, or cannot be written. */
function joinCompressions(
  pieces: readonly Piece[],
  channels: readonly Channel[],
  context: FilterContext,
): { compression: Compression; codecChosen: boolean } {
  const [{ part: first }] = pieces as [Piece];
  const { compression } = first;
  const codecChosen = pieces.every(({ part }) => part.codecChosen === true && part.compression === compression);
  if (!codecOf(compression).encode) {
    context.warn('CODEC_CHANGED', `${compression} cannot be written, so the result is zip`);
    return { compression: 'zip', codecChosen: false };
  }
  const ranks = rankChannels({ parts: [{ ...first, channels }] });
  const losing = lossyChannels({ compression, channels });
  const harmed = pieces.flatMap(({ part, channels: own }) => {
    const coded = part.compression === compression;
    return own.filter((one) => losing.has(one) && (!coded || (codecChosen && ranks.has(one))));
  });
  if (harmed.length === 0) return { compression, codecChosen };
  context.warn(
    'CODEC_CHANGED',
    `${compression} would change ${listed(
      harmed.map(({ name }) => name),
      3,
    )}, which came without loss, so the result is zip; choose with "compress --to"`,
  );
  return { compression: 'zip', codecChosen: false };
}

/** Readers refuse a file whose parts disagree on these, so the user should know whose word was dropped. */
export function warnAboutDifferences(first: Piece, others: readonly Piece[], context: FilterContext): void {
  for (const name of sharedAttributes) {
    const differing = others.filter(({ part }) => !sameShared(name, part, first.part));
    if (differing.length > 0)
      context.warn(
        'SHARED_ATTRIBUTE',
        `${name} is taken from "${first.label}"; it differs in ${listed(differing.map(({ label }) => label))}`,
      );
  }
}

function sameShared(name: string, a: Part, b: Part): boolean {
  if (name === 'displayWindow') return sameBox(a.displayWindow, b.displayWindow);
  const left = a.attributes.get(name)?.value;
  const right = b.attributes.get(name)?.value;
  if (!left || !right) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

export function isShared(name: string): boolean {
  return sharedAttributes.some((shared) => shared === name);
}

function union(windows: readonly Box[]): Box {
  return {
    xMin: Math.min(...windows.map(({ xMin }) => xMin)),
    yMin: Math.min(...windows.map(({ yMin }) => yMin)),
    xMax: Math.max(...windows.map(({ xMax }) => xMax)),
    yMax: Math.max(...windows.map(({ yMax }) => yMax)),
  };
}
