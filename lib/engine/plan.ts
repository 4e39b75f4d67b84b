/**
 * The planner compares what arrived with what is wanted and decides, per wanted part, how its pixels move.
 * Filters never decide this: a rename that changes the order of the channel list is not a header edit.
 */
import { deepCompressions } from '../codecs/deep.js';
import { blockLength } from '../codecs/planes.js';
import { codecName } from '../codecs/transcode.js';
import { defaultLimits } from '../format/limits.js';
import { ExrError, withPlace } from '../model/error.js';
import { Geometry, sameBox } from '../model/geometry.js';
import { type Channel, type Header, isDeep, isDerived, type Part, type Plane } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { checkQuality, type QualityOptions } from './quality.js';
import { sameStorage, sameTiles } from './same.js';
import { whyNotSplice } from './splice.js';

/** How the pixels of a wanted part are moved. */
export type Method =
  /** Chunks pass untouched. */
  | 'forward'
  /** Channels are moved between chunks without being decoded: faster, and lossy ones lose nothing. */
  | 'splice'
  /** Flat chunks are decoded and encoded. */
  | 'transcode'
  /** Deep chunks are unpacked and packed. */
  | 'repack';

export interface PartPlan {
  readonly wanted: Part;
  readonly method: Method;
  /** Why not something cheaper; or what makes forwarding possible. */
  readonly reason: string;
  /** Numbers of the arrived parts whose chunks are needed, ascending. */
  readonly sources: readonly number[];
}

export type Plan = readonly PartPlan[];

/** Throws ExrError naming the wanted part: `unsupported` where a codec is missing, `usage` where quality would be lost. */
export function makePlan(wanted: Header, arrived: Header, options: QualityOptions = {}): Plan {
  if (wanted.parts.length === 0) throw new ExrError('usage', 'NOTHING_LEFT', 'no part is left to write');
  return wanted.parts.map((part, number) => {
    try {
      return planPart(part, arrived, options);
    } catch (error) {
      throw withPlace(error, { part: number });
    }
  });
}

function planPart(wanted: Part, arrived: Header, options: QualityOptions): PartPlan {
  const planes = wanted.channels.flatMap(({ plane }) => (isDerived(plane) ? plane.inputs : [plane]));
  const sources = [...new Set(planes.map(({ part }) => part))].toSorted((a, b) => a - b);
  const parts = sources.map((number) => arrivedPart(arrived, number));
  const obstacle = whyNotForward(wanted, sources, parts);
  if (obstacle === undefined)
    return { wanted, method: 'forward', reason: 'same channels in the same order, same codec and window', sources };

  checkSize(wanted);
  if ([wanted, ...parts].some(isDeep)) {
    checkRepack(wanted, parts, obstacle);
    checkQuality(wanted, arrived, options);
    return { wanted, method: 'repack', reason: obstacle, sources };
  }
  const noSplice = whyNotSplice(wanted, arrived, sources);
  if (noSplice === undefined) return { wanted, method: 'splice', reason: obstacle, sources };
  checkTranscode(wanted, parts);
  checkQuality(wanted, arrived, options);
  return {
    wanted,
    method: 'transcode',
    reason: noSplice === obstacle ? obstacle : `${obstacle}; ${noSplice}`,
    sources,
  };
}

/** Windows are joined by merges and may come from hostile files, so what is wanted meets the limits that what arrives does. */
function checkSize(wanted: Part): void {
  const geometry = new Geometry(wanted);
  const { xMin, yMin, xMax, yMax } = wanted.dataWindow;
  const window = `${xMax - xMin + 1} x ${yMax - yMin + 1} pixels`;
  if (geometry.chunkCount > defaultLimits.chunksPerPart)
    throw new ExrError(
      'limit',
      'TOO_MANY_CHUNKS',
      `the part would have ${geometry.chunkCount} chunks, with a window of ${window}`,
    );
  const bytes = blockLength(wanted.channels, geometry.region(0));
  if (!isDeep(wanted) && bytes > defaultLimits.chunkBytes)
    throw new ExrError('limit', 'CHUNK_TOO_LARGE', `a chunk would have ${bytes} bytes, with a window of ${window}`);
}

function arrivedPart(arrived: Header, number: number): Part {
  const part = arrived.parts[number];
  if (!part) throw new ExrError('usage', 'NO_SUCH_PART', `a channel refers to part ${number}, which did not arrive`);
  return part;
}

/** What stands in the way of passing chunks untouched; undefined when nothing does. */
function whyNotForward(wanted: Part, sources: readonly number[], parts: readonly Part[]): string | undefined {
  const [part] = parts;
  if (!part) return 'the channels are all computed';
  if (parts.length > 1) return `joins channels of ${parts.length} parts`;
  if (wanted.compression !== part.compression) return `codec ${part.compression} becomes ${wanted.compression}`;
  if (wanted.type !== part.type || !sameTiles(wanted.tiles, part.tiles)) return 'scan lines or tiles change';
  if (!sameBox(wanted.dataWindow, part.dataWindow)) return 'the data window changes';
  if (wanted.lineOrder !== part.lineOrder) return 'the line order changes';
  if (wanted.channels.some(({ plane }) => isDerived(plane))) return 'channels are computed';
  const planes = wanted.channels.map(({ plane }) => plane as Plane);
  if (new Set(planes.map(({ index }) => index)).size < planes.length) return 'channels are duplicated';
  if (wanted.channels.length < part.channels.length)
    return `${part.channels.length - wanted.channels.length} of ${part.channels.length} channels are dropped`;
  const moved = planes.findIndex(({ index }, position) => index !== position);
  if (moved >= 0) return `the new names sort "${wanted.channels[moved]?.name}" to another place`;
  const changed = wanted.channels.find((channel, index) => !sameStorage(channel, part.channels[index] as Channel));
  if (changed) return `the type of channel "${changed.name}" changes`;
  if (isDwa(part) && !sameDwaClasses(wanted.channels, part.channels))
    return 'DWA stores channels by their names, and the new names mean another way';
  return sources.length === 1 ? undefined : 'no source';
}

function isDwa({ compression }: Part): boolean {
  return compression === 'dwaa' || compression === 'dwab';
}

/**
 * DWA decides by a channel's component how it is stored, and codes R, G and B of one layer together. The decoder decides
 * again, from the names it finds, so chunks may pass only when each component stays and layers stay apart.
 */
function sameDwaClasses(wanted: readonly Channel[], arrived: readonly Channel[]): boolean {
  const layers = new Map<string, string>();
  return (
    wanted.every((channel, index) => {
      const now = parseChannelName(channel.name);
      const then = parseChannelName((arrived[index] as Channel).name);
      const known = layers.get(then.layer);
      layers.set(then.layer, now.layer);
      return now.component === then.component && (known === undefined || known === now.layer);
    }) && new Set(layers.values()).size === layers.size
  );
}

function checkTranscode(wanted: Part, parts: readonly Part[]): void {
  for (const { compression } of [...parts, wanted]) codecName(compression);
  const levels = wanted.tiles && wanted.tiles.levels !== 'one';
  if (
    levels &&
    parts.some((part) => !sameTiles(part.tiles, wanted.tiles) || !sameBox(part.dataWindow, wanted.dataWindow))
  )
    throw new ExrError(
      'unsupported',
      'LEVELS_DIFFER',
      'mip or rip levels can only be kept when all sources are tiled alike',
    );
}

function checkRepack(wanted: Part, parts: readonly Part[], obstacle: string): void {
  const [part] = parts;
  const alike =
    part &&
    parts.length === 1 &&
    part.type === wanted.type &&
    sameTiles(part.tiles, wanted.tiles) &&
    sameBox(part.dataWindow, wanted.dataWindow);
  if (!alike || wanted.channels.some(({ plane }) => isDerived(plane)))
    throw new ExrError('unsupported', 'DEEP_UNSUPPORTED', `deep parts cannot be changed in this way: ${obstacle}`, {
      hint: 'Channels of one deep part can be renamed, chosen and converted, and its compression changed; "merge --as parts" keeps deep parts whole.',
    });
  for (const { compression } of [part, wanted])
    if (!deepCompressions.includes(compression))
      throw new ExrError('unsupported', 'NO_DEEP_CODEC', `deep parts cannot be ${compression.toUpperCase()}`, {
        hint: `They can be ${deepCompressions.join(', ')}.`,
      });
}
