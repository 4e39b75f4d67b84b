/**
 * The planner compares what arrived with what is wanted and decides, per wanted part, how its pixels move.
 * Filters never decide this: a rename that changes the order of the channel list is not a header edit.
 */

import { codecOf } from '../codecs/table.js';
import { blockLength } from '../format/block-length.js';
import { Geometry, sameBox, sameTiles } from '../format/geometry.js';
import { defaultLimits, type Limits, limitError, makeLimits } from '../format/limits.js';
import { deepCodec } from '../jobs/deep.js';
import { pixelDecoder, pixelEncoder } from '../jobs/transcode.js';
import { advise, stepOf } from '../model/advice.js';
import { sourcePlanes } from '../model/channels.js';
import { ExrError, withPlace } from '../model/error.js';
import { type Channel, type Header, isArrived, isDeep, isPieced, type Part, type Plane } from '../model/header.js';
import { checkQuality, type QualityOptions } from './quality.js';
import { sameStorage } from './same-storage.js';
import { whyNotSplice } from './splice.js';

/** How the pixels of a wanted part are moved. */
export type PlanMethod =
  /** Chunks pass untouched. */
  | 'forward'
  /** Channels are moved between chunks without being decoded: faster, and lossy ones lose nothing. */
  | 'splice'
  /** Flat chunks are decoded and encoded. */
  | 'transcode'
  /** Deep chunks are unpacked and packed. */
  | 'repack'
  /** Channels are put together from several windows. Plans can express this, but it cannot be executed yet. */
  | 'piece';

/** How the pixels of one wanted part are made. */
export interface PartPlan {
  readonly wanted: Part;
  readonly method: PlanMethod;
  /** Why not something cheaper; or what makes forwarding possible. */
  readonly reason: string;
  /** Numbers of the arrived parts whose chunks are needed, ascending. */
  readonly sources: readonly number[];
}

/** One entry for each wanted part, in their order. */
export type Plan = readonly PartPlan[];

/** What the planner may do. */
export interface PlanOptions extends QualityOptions {
  /** Numbers of the wanted parts of which the samples are wanted, whatever they would be stored as. */
  readonly planar?: ReadonlySet<number>;
  /** The effort of encoders; it must be a level of every codec that is written. */
  readonly level?: number | undefined;
  /** They hold for the output as for the input; the usual ones by default. */
  readonly limits?: Partial<Limits> | undefined;
}

/**
 * How each part of a wanted header is made from what arrived.
 *
 * @throws ExrError of kind `unsupported` where a codec is missing, `usage` where quality would be lost or nothing is left. It
 *   names the wanted part.
 */
export function makePlan(wanted: Header, arrived: Header, options: PlanOptions = {}): Plan {
  if (wanted.parts.length === 0) throw new ExrError('usage', 'NOTHING_LEFT', 'no part is left to write');
  const limits = makeLimits(options.limits);
  const plan = wanted.parts.map((part, number) => {
    try {
      return options.planar?.has(number)
        ? planSamples(part, arrived, limits)
        : planPart(part, arrived, options, limits);
    } catch (error) {
      throw withPlace(error, { part: number });
    }
  });
  checkLevel(plan, options.level, options.planar);
  return plan;
}

function planPart(wanted: Part, arrived: Header, options: QualityOptions, limits: Limits): PartPlan {
  const sources = sourceParts(wanted);
  const parts = sources.map((number) => arrivedPart(arrived, number));
  if (wanted.channels.some(({ plane }) => isPieced(plane)))
    return { wanted, method: 'piece', reason: 'channels are assembled from several windows', sources };
  const obstacle = whyNotForward(wanted, parts);
  if (obstacle === undefined)
    return { wanted, method: 'forward', reason: 'same channels in the same order, same codec and window', sources };

  checkSize(wanted, limits);
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

/**
 * Where no chunks are encoded, a level that no part's codec has is still a mistake.
 *
 * @throws ExrError of kind `usage` for a level that the codec of a part with encoded chunks does not have.
 */
function checkLevel(plan: Plan, level: number | undefined, planar: PlanOptions['planar']): void {
  if (level === undefined) return;
  const asked = [...plan.entries()].filter(
    ([part, { wanted }]) => codecOf(wanted.compression).levels && !planar?.has(part),
  );
  const misses = asked.filter(([, { wanted }]) => !hasLevel(wanted, level));
  const wrong =
    misses.find(([, { method }]) => method !== 'forward') ?? (misses.length === asked.length ? misses[0] : undefined);
  if (!wrong) return;
  const [part, { wanted }] = wrong;
  const { name, levels } = codecOf(wanted.compression);
  throw new ExrError(
    'usage',
    'BAD_LEVEL',
    `${name} has levels from ${levels?.least} to ${levels?.most}, not ${level}`,
    {
      where: { part },
    },
  );
}

function hasLevel({ compression }: Part, level: number): boolean {
  const { levels } = codecOf(compression);
  return levels !== undefined && Number.isInteger(level) && level >= levels.least && level <= levels.most;
}

/** Numbers of the arrived parts that a wanted part is made of, ascending. */
function sourceParts({ channels }: Part): number[] {
  return [...new Set(channels.flatMap(sourcePlanes).map(({ part }) => part))].toSorted((a, b) => a - b);
}

/**
 * How the samples of a wanted flat part are read, however it would be stored.
 *
 * @throws ExrError of kind `unsupported` where a codec is missing.
 */
export function planSamples(wanted: Part, arrived: Header, limits?: Limits): PartPlan {
  const sources = sourceParts(wanted);
  checkSize(wanted, limits);
  for (const number of sources)
    try {
      pixelDecoder(arrivedPart(arrived, number).compression);
    } catch (error) {
      throw withPlace(error, { part: number });
    }
  return { wanted, method: 'transcode', reason: 'samples are read', sources };
}

/** Merges join windows, which may come from hostile files, so the output must meet the same limits as the input. */
function checkSize(wanted: Part, limits = defaultLimits): void {
  const geometry = new Geometry(wanted);
  const { xMin, yMin, xMax, yMax } = wanted.dataWindow;
  const window = `${xMax - xMin + 1} x ${yMax - yMin + 1} pixels`;
  if (geometry.chunkCount > limits.chunksPerPart)
    throw limitError(
      'chunksPerPart',
      limits,
      'TOO_MANY_CHUNKS',
      `the part would have ${geometry.chunkCount} chunks, with a window of ${window}`,
    );
  const bytes = blockLength(wanted.channels, geometry.region(0));
  if (!isDeep(wanted) && bytes > limits.chunkBytes)
    throw limitError(
      'chunkBytes',
      limits,
      'CHUNK_TOO_LARGE',
      `a chunk would have ${bytes} bytes, with a window of ${window}`,
    );
}

function arrivedPart(arrived: Header, number: number): Part {
  const part = arrived.parts[number];
  if (!part) throw new ExrError('usage', 'NO_SUCH_PART', `a channel refers to part ${number}, which did not arrive`);
  return part;
}

/** Why chunks cannot pass untouched; undefined when they can. */
function whyNotForward(wanted: Part, parts: readonly Part[]): string | undefined {
  const [part] = parts;
  if (!part) return 'the channels are all computed';
  if (parts.length > 1) return `joins channels of ${parts.length} parts`;
  if (wanted.compression !== part.compression) return `codec ${part.compression} becomes ${wanted.compression}`;
  if (wanted.type !== part.type || !sameTiles(wanted.tiles, part.tiles)) return 'scan lines or tiles change';
  if (!sameBox(wanted.dataWindow, part.dataWindow)) return 'the data window changes';
  if (wanted.lineOrder !== part.lineOrder) return 'the line order changes';
  if (!wanted.channels.every(({ plane }) => isArrived(plane))) return 'channels are computed';
  const planes = wanted.channels.map(({ plane }) => plane as Plane);
  if (new Set(planes.map(({ index }) => index)).size < planes.length) return 'channels are duplicated';
  if (wanted.channels.length < part.channels.length)
    return `${part.channels.length - wanted.channels.length} of ${part.channels.length} channels are dropped`;
  const moved = planes.findIndex(({ index }, position) => index !== position);
  if (moved >= 0) return `the new names move "${wanted.channels[moved]?.name}" to another place in the order`;
  const changed = wanted.channels.find((channel, index) => !sameStorage(channel, part.channels[index] as Channel));
  if (changed) return `the type of channel "${changed.name}" changes`;
  return codecOf(part.compression).renameObstacle?.(wanted.channels, part.channels);
}

function checkTranscode(wanted: Part, parts: readonly Part[]): void {
  for (const { compression } of parts) pixelDecoder(compression);
  pixelEncoder(wanted.compression);
  const levels = wanted.tiles && wanted.tiles.levels !== 'one';
  if (
    levels &&
    parts.some((part) => !sameTiles(part.tiles, wanted.tiles) || !sameBox(part.dataWindow, wanted.dataWindow))
  )
    throw new ExrError(
      'unsupported',
      'LEVELS_DIFFER',
      'mip or rip levels can only be kept when all sources have the same tiling',
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
  if (!alike || !wanted.channels.every(({ plane }) => isArrived(plane)))
    throw new ExrError('unsupported', 'DEEP_UNSUPPORTED', `deep parts cannot be changed in this way: ${obstacle}`, {
      hint: advise`Channels of one deep part can be renamed, chosen and converted, and its compression changed; ${stepOf('merge', { as: 'parts' })} keeps deep parts whole.`,
    });
  for (const { compression } of [part, wanted]) deepCodec(compression);
}
