/**
 * Turns a plan into a list of units in the order of the output file. A unit is read, processed and written as a whole.
 */

import { codecOf } from '../codecs/table.js';
import { blockLength } from '../format/block-length.js';
import { Geometry } from '../format/geometry.js';
import { type ChunkRef, chunkKey } from '../format/offset-table.js';
import type { ChunkJob, SourcePart, TargetPart, TileSize } from '../jobs/job.js';
import { ExrError } from '../model/error.js';
import {
  bytesPerSample,
  type Channel,
  type DerivedPlane,
  type Header,
  isDerived,
  isPieced,
  type Part,
  type Plane,
} from '../model/header.js';
import { inBatches, type Weight } from './batches.js';
import type { PartPlan, Plan, PlanMethod } from './plan.js';
import { lossyChannels } from './quality.js';
import type { Unit } from './unit.js';

export type { Unit } from './unit.js';

export interface ScheduleOptions {
  /** See PlanOptions. */
  readonly level?: number | undefined;
  /** See QualityOptions. */
  readonly allowLossy?: boolean | undefined;
  /** One part after the other instead of side by side. Chunks that parts share are then decoded once for each. */
  readonly contiguous?: boolean;
  /** Numbers of the wanted parts whose chunks are output as samples, not encoded. */
  readonly planar?: ReadonlySet<number>;
  /** Keep small units separate instead of batching them. */
  readonly apart?: boolean;
  /** For each wanted part that is transcoded, only the chunks with these numbers. */
  readonly only?: readonly number[];
}

/**
 * Units that share arrived chunks are joined up to this many decoded bytes, so that a chunk is decoded once where that is
 * affordable. Beyond it (windows that do not line up, huge chunks), decoding a chunk twice is cheaper than holding it.
 */
const joinBytes = 32 << 20;

/** One wanted chunk and the arrived chunks it needs. */
interface Task {
  readonly target: ChunkRef;
  readonly sources: readonly ChunkRef[];
  /** Position in its part's own order, 0 to 1, by which parts are interleaved. */
  readonly progress: number;
}

/** What is known about a part beyond its header, computed once. */
class Shapes {
  readonly #header: Header;
  readonly #geometries: Geometry[] = [];
  readonly #pixelBytes: number[] = [];

  constructor(header: Header) {
    this.#header = header;
  }

  part(number: number): Part {
    return this.#header.parts[number] as Part;
  }

  geometry(number: number): Geometry {
    this.#geometries[number] ??= new Geometry(this.part(number));
    return this.#geometries[number];
  }

  bytes({ part, index }: ChunkRef): number {
    const region = this.geometry(part).region(index);
    this.#pixelBytes[part] ??= pixelBytes(this.part(part).channels);
    const perPixel = this.#pixelBytes[part] as number;
    return perPixel > 0 ? region.width * region.height * perPixel : blockLength(this.part(part).channels, region);
  }
}

/** Bytes of all samples of a pixel; 0 where pixels differ in that. */
function pixelBytes(channels: Part['channels']): number {
  const isWhole = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1);
  return isWhole ? channels.reduce((sum, { type }) => sum + bytesPerSample(type), 0) : 0;
}

/**
 * The units of a plan, recomputed at each iteration. `order` is the order of the arrived chunks in their files.
 *
 * @throws ExrError of kind `unsupported` for plans that cannot be executed yet.
 */
export function schedule(
  plan: Plan,
  wanted: Header,
  arrived: Header,
  order: readonly ChunkRef[],
  options: ScheduleOptions = {},
): Iterable<Unit> {
  const pieced = plan.findIndex(({ method }) => method === 'piece');
  if (pieced >= 0)
    throw new ExrError('unsupported', 'PIECES_UNSUPPORTED', 'channels of several windows cannot be combined yet', {
      where: { part: pieced },
    });
  return { [Symbol.iterator]: () => units(plan, wanted, arrived, order, options) };
}

function* units(
  plan: Plan,
  wanted: Header,
  arrived: Header,
  order: readonly ChunkRef[],
  options: ScheduleOptions,
): Generator<Unit> {
  const from = new Shapes(arrived);
  const to = new Shapes(wanted);
  const builder = new UnitBuilder(plan, from, to, options);
  const forwardOnly = plan.every(({ method }) => method === 'forward') && !options.contiguous;
  const lists = () => plan.map((part, number) => partTasks(part, number, to, from, order, options.only));
  const tasks = forwardOnly ? arrivalTasks(plan, order) : options.contiguous ? lists().flat() : interleave(lists());
  const all = builder.units(tasks);
  yield* options.apart || forwardOnly ? all : inBatches(all, joinBytes, (unit) => builder.weight(unit));
}

/** When every chunk is forwarded, the output keeps the order of the input: an unchanged file comes out byte-identical. */
function* arrivalTasks(plan: Plan, order: readonly ChunkRef[]): Generator<Task> {
  const targets = new Map<number, number[]>();
  for (const [number, { sources }] of plan.entries())
    for (const source of sources) targets.set(source, [...(targets.get(source) ?? []), number]);
  for (const [position, source] of order.entries())
    for (const part of targets.get(source.part) ?? [])
      yield { target: { part, index: source.index }, sources: [source], progress: position };
}

/** The chunks of one wanted part in the order required by its line order. */
function partTasks(
  plan: PartPlan,
  part: number,
  to: Shapes,
  from: Shapes,
  order: readonly ChunkRef[],
  chosen: readonly number[] | undefined,
): Task[] {
  const { chunkCount } = to.geometry(part);
  const [only] = plan.sources;
  const passes = plan.method === 'forward' || plan.method === 'repack';
  const indices = passes
    ? order.filter((source) => source.part === only).map(({ index }) => index)
    : (chosen ??
      Array.from({ length: chunkCount }, (_, i) => (plan.wanted.lineOrder === 'decreasing' ? chunkCount - 1 - i : i)));
  return indices.map((index, position) => ({
    target: { part, index },
    sources:
      plan.method === 'transcode'
        ? sourcesOf(plan, { part, index }, to, from)
        : plan.sources.map((source) => ({ part: source, index })),
    progress: position / indices.length,
  }));
}

/** The arrived chunks with pixels of a wanted chunk: by number where tiles correspond (at every level), else by position. */
function sourcesOf(plan: PartPlan, { part, index }: ChunkRef, to: Shapes, from: Shapes): ChunkRef[] {
  const region = to.geometry(part).region(index);
  return plan.sources.flatMap((source) => {
    const tiledAlike = plan.wanted.tiles && plan.wanted.tiles.levels !== 'one';
    const indices = tiledAlike ? [index] : from.geometry(source).overlapping(region);
    return indices.map((chunk) => ({ part: source, index: chunk }));
  });
}

/** Merges ordered lists by progress, so that parts advance side by side and shared chunks are needed at the same time. */
function* interleave(lists: readonly Task[][]): Generator<Task> {
  const at = lists.map(() => 0);
  for (;;) {
    let next = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const [number, list] of lists.entries()) {
      const progress = list[at[number] as number]?.progress ?? Number.POSITIVE_INFINITY;
      if (progress < least) {
        least = progress;
        next = number;
      }
    }
    if (next < 0) return;
    yield lists[next]?.[at[next] as number] as Task;
    at[next] = (at[next] as number) + 1;
  }
}

class UnitBuilder {
  readonly #plan: Plan;
  readonly #from: Shapes;
  readonly #to: Shapes;
  readonly #options: ScheduleOptions;
  readonly #sourceParts: SourcePart[] = [];
  readonly #targetParts: TargetPart[] = [];
  /** Whether a wanted part's codec loses anything, by its number. */
  readonly #losing: boolean[] = [];

  constructor(plan: Plan, from: Shapes, to: Shapes, options: ScheduleOptions) {
    this.#plan = plan;
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  /**
   * Whether a task belongs in the same unit as those before it: it needs the same arrived chunks, or some of them and little
   * more.
   */
  joins(open: readonly Task[], task: Task): boolean {
    const methods = new Set([...open, task].map(({ target }) => this.#plan[target.part]?.method));
    if (methods.size > 1 || methods.has('forward')) return false;
    const held = new Set(open.flatMap(({ sources }) => sources.map(chunkKey)));
    const shared = task.sources.filter((source) => held.has(chunkKey(source))).length;
    if (shared === 0) return false;
    return shared === task.sources.length || this.#bytes([...open, task]) <= joinBytes;
  }

  *units(tasks: Iterable<Task>): Generator<Unit> {
    let open: Task[] = [];
    for (const task of tasks) {
      if (open.length > 0 && !this.joins(open, task)) {
        yield this.unit(open);
        open = [];
      }
      open.push(task);
    }
    if (open.length > 0) yield this.unit(open);
  }

  /** The size of a unit, decoded. Parts advance side by side, so the lines of one part measure its progress. */
  weight({ sources, targets }: Unit): Weight {
    const [first] = targets as [ChunkRef];
    const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);
    const own = targets.filter(({ part }) => part === first.part);
    return {
      lines: sum(own.map(({ part, index }) => this.#to.geometry(part).region(index).height)),
      bytes: sum([
        ...sources.map((chunk) => this.#from.bytes(chunk)),
        ...targets.map((chunk) => this.#to.bytes(chunk)),
      ]),
    };
  }

  #isInline(tasks: readonly Task[]): boolean {
    return tasks.some(({ target: { part } }) => this.#to.part(part).channels.some(({ plane }) => isDerived(plane)));
  }

  unit(tasks: readonly Task[]): Unit {
    const targets = tasks.map(({ target }) => target);
    const sources = distinct(tasks);
    const method = this.#plan[targets[0]?.part ?? 0]?.method;
    if (method === 'forward') return { sources, targets, job: undefined, bytes: 0, inline: false };
    return {
      sources,
      targets,
      job: this.#job(method ?? 'transcode', sources, targets),
      bytes: method === 'splice' ? 0 : this.#bytes(tasks),
      inline: this.#isInline(tasks),
    };
  }

  #job(method: PlanMethod, sources: readonly ChunkRef[], targets: readonly ChunkRef[]): ChunkJob {
    const from = sources.map(({ part, index }) => ({
      part: this.#source(part),
      region: this.#from.geometry(part).region(index),
    }));
    const to = targets.map(({ part, index }) => ({
      part: this.#target(part),
      region: this.#to.geometry(part).region(index),
    }));
    if (method === 'splice')
      return { kind: 'splice', sources: from, targets: to, mayTranscode: this.#mayTranscode(targets) };
    return { kind: method === 'repack' ? 'deep' : 'transcode', sources: from, targets: to };
  }

  /** Whether decoding and re-encoding the targets would lose nothing, or the loss is accepted. */
  #mayTranscode(targets: readonly ChunkRef[]): boolean {
    return this.#options.allowLossy === true || !targets.some(({ part }) => this.#losesSome(part));
  }

  #losesSome(part: number): boolean {
    this.#losing[part] ??= lossyChannels(this.#to.part(part)).size > 0;
    return this.#losing[part];
  }

  #bytes(tasks: readonly Task[]): number {
    const sources = distinct(tasks).reduce((sum, source) => sum + this.#from.bytes(source), 0);
    return tasks.reduce((sum, { target }) => sum + this.#to.bytes(target), sources);
  }

  #source(number: number): SourcePart {
    const { compression, channels, tiles } = this.#from.part(number);
    this.#sourceParts[number] ??= { part: number, compression, planes: channels.map(storage), tile: tileSize(tiles) };
    return this.#sourceParts[number];
  }

  #target(number: number): TargetPart {
    const part = this.#to.part(number);
    const { level, planar } = this.#options;
    this.#targetParts[number] ??= {
      compression: planar?.has(number) ? 'planar' : part.compression,
      planes: part.channels.map((channel) => ({ ...storage(channel), plane: wholePlane(channel.plane) })),
      tile: tileSize(part.tiles),
      settings: {
        tiled: part.tiles !== undefined,
        ...(level !== undefined && { level }),
        ...codecOf(part.compression).settings?.(part.attributes),
      },
    };
    return this.#targetParts[number];
  }
}

function tileSize(tiles: Part['tiles']): TileSize | undefined {
  return tiles && { width: tiles.width, height: tiles.height };
}

function wholePlane(plane: Channel['plane']): Plane | DerivedPlane {
  if (isPieced(plane)) throw new RangeError('a plane of several pieces has no job yet');
  return plane;
}

function storage({ name, type, xSampling, ySampling, linear }: Part['channels'][number]) {
  return { name, type, xSampling, ySampling, linear };
}

function distinct(tasks: readonly Task[]): ChunkRef[] {
  const found = new Map(tasks.flatMap(({ sources }) => sources).map((source) => [chunkKey(source), source]));
  return [...found.values()];
}
