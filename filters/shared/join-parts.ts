import { sameBox, sameTiles } from '../../lib/format/index.js';
import {
  Attributes,
  advise,
  type Box,
  type Channel,
  ExrError,
  type FilterContext,
  isDeep,
  type Part,
  sortChannels,
  stepOf,
} from '../../lib/index.js';
import { colourAttribute, settleColour } from '../../lib/layers/index.js';
import { colourSource, isShared, type Source, sharedValues, warnAboutDifferences } from './agreement.js';
import { describesPart } from './attributes.js';
import { joinCompressions } from './join-codec.js';
import { preferValue } from './placeholders.js';
import { viewName } from './tokens.js';

/** A part that becomes a piece of another, with the channels it gives under their new names. */
export interface Piece extends Source {
  readonly channels: readonly Channel[];
}

/**
 * One part made of several: the window holds all of theirs, the rest follows the first. Channel names must be
 * different already. Cryptomatte metadata is the caller's to carry, since only it knows where the pieces come from.
 */
export function joinParts(pieces: readonly Piece[], name: string | undefined, context: FilterContext): Part {
  const [first, ...others] = pieces;
  if (!first) throw new ExrError('usage', 'NOTHING_LEFT', 'there is nothing to join');
  const channels = sortChannels(pieces.flatMap((piece) => piece.channels));
  if (others.length === 0) return settled({ ...first.part, name, channels }, pieces);
  const deep = pieces.find(({ part }) => isDeep(part));
  if (deep)
    throw new ExrError('usage', 'DEEP_MERGE', `"${deep.label}" is deep, and deep parts cannot be joined`, {
      hint: advise`Keep them as parts, with ${stepOf('merge', { as: 'parts' })} or ${stepOf('split', { by: 'part' })}.`,
    });
  warnAboutDifferences(pieces, context);
  const shape = joinShapes(pieces, context);
  const attributes = joinAttributes(pieces, context).filter(
    (attribute) => attribute !== 'chunkCount' && (attribute !== 'tiles' || shape.tiles !== undefined),
  );
  const joined = { ...first.part, name, channels, attributes, ...shape };
  return settled({ ...joined, ...joinCompressions(pieces, joined, context) }, pieces);
}

/** What is left of a part may be mattes alone. */
function settled(part: Part, pieces: readonly Piece[]): Part {
  return settleColour({ parts: [part] }, { parts: pieces.map(({ part }) => part) }).parts[0] as Part;
}

/** Everything the pieces know, the first one's word first, but for placeholders. What describes a part's own pixels is the first's. */
function joinAttributes(pieces: readonly Piece[], context: FilterContext): Attributes {
  const parts = pieces.map(({ part }) => part);
  const all = new Map(parts[0]?.attributes);
  for (const { attributes } of parts)
    for (const [name, attribute] of attributes)
      if (!describesPart(name) && !isShared(name)) all.set(name, preferValue(name, all.get(name), attribute));
  for (const [name, attribute] of sharedValues(parts)) all.set(name, attribute);
  const colour = colourSource(pieces, context)?.part.attributes.get(colourAttribute);
  if (colour) all.set(colourAttribute, colour);
  else all.delete(colourAttribute);
  const views = new Set(parts.map(viewName));
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

function union(windows: readonly Box[]): Box {
  return {
    xMin: Math.min(...windows.map(({ xMin }) => xMin)),
    yMin: Math.min(...windows.map(({ yMin }) => yMin)),
    xMax: Math.max(...windows.map(({ xMax }) => xMax)),
    yMax: Math.max(...windows.map(({ yMax }) => yMax)),
  };
}
