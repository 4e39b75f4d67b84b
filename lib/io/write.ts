import { type ChunkSource, type ExrDocument, inputPlace } from '../engine/document.js';
import { firstJobs, unitBytes } from '../engine/execute.js';
import { type Notice, reporter } from '../engine/filter.js';
import { heldBytes } from '../engine/holding.js';
import { makePlan, type Plan } from '../engine/plan.js';
import type { QualityOptions } from '../engine/quality.js';
import { schedule, type Unit } from '../engine/schedule.js';
import { emptyChunksText, tableText } from '../format/file-state.js';
import type { Limits } from '../format/limits.js';
import type { JobRunner } from '../jobs/runner.js';
import type { Program } from '../layers/seen-by/program.js';
import { orAbort } from '../model/abort.js';
import { closeQuietly } from '../model/close.js';
import { ExrError, isExrError, withPlace } from '../model/error.js';
import { type Header, isDeep, type Part } from '../model/header.js';
import type { Host } from './host.js';
import { moveChunks, type Output, passesOnly } from './move-chunks.js';
import { type Route, routeParts, settleRoutes } from './route.js';
import { noPlace, placeSideFiles, writeSideFiles } from './side-files.js';
import type { ByteSink, ImageSink, OutputFormat, SizedChunk } from './sink.js';
import { knownSizes } from './sizes.js';

/** Where a document goes: a path or pattern of paths, an open sink, or files with the parts that each takes. */
export type Destination = string | ByteSink | readonly Route[];

/** How a document is written. */
export interface WriteOptions extends QualityOptions {
  /** Effort of what is encoded again, in levels of its codecs ({@link Codec.levels}): a `usage` error where one has no such level. */
  readonly level?: number | undefined;
  /** `zero` leaves the offset table zero instead of buffering a pipe's output (see TableMode). */
  readonly table?: 'auto' | 'zero' | undefined;
  /**
   * Bytes of chunks that may be in progress at once, packed and decoded; one unit (a chunk, or chunks that are worked on
   * together) always may. By default 64 MiB, or as much as keeps every thread busy with a unit, up to 512 MiB.
   */
  readonly memory?: number | undefined;
  /** Where chunks are decoded and encoded; threads that the process shares, without it. See `createRunner`. */
  readonly runner?: JobRunner | undefined;
  /** The programs that the result must work in as the input did; all without it. What one of them loses is warned of. */
  readonly for?: readonly Program[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how the pixels will move, before they do. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
  /** Told the chunks written so far. */
  readonly onProgress?:
    | ((done: { readonly chunks: number; readonly of: number; readonly bytes: number }) => void)
    | undefined;
  /**
   * Told what shows only here: what shares a file with what, and, when the pixels have moved, numbers that became infinite as half.
   * No file is in its place by then: when this throws, none comes to be or changes.
   */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /**
   * Asked before pixels move, where frames share a memory budget: gets the bytes of all units and of the largest, waits for its
   * turn and gives this frame's budget, instead of {@link memory}.
   */
  readonly admit?: ((bytes: UnitSums) => Promise<number>) | undefined;
  /** Called before a file is made in a folder; by default it makes the folder and clears it of what killed runs have left. */
  readonly prepareFolder?: ((folder: string) => Promise<void>) | undefined;
  /** Told the bytes that are held, as that changes: for measurements. */
  readonly onMemory?: ((bytes: number) => void) | undefined;
  /** The formats that endings of paths may stand for; those of exrpipe by default. */
  readonly formats?: readonly OutputFormat[] | undefined;
  /** Safety limits that are not the usual ones, for what is written. */
  readonly limits?: Partial<Limits> | undefined;
}

/** What was written, and how the pixels moved. */
export interface WriteReport {
  readonly plan: Plan;
  /** Files written, in the order of their first part; empty for a sink. */
  readonly files: readonly string[];
  /** Payload bytes written. */
  readonly bytes: number;
}

export const defaultMemory = 64 << 20;
/** More is used only on request. */
const mostMemory = 512 << 20;

/**
 * Writes a document as it is wanted: the end of every pipeline. Plans how pixels move, moves them, and makes the files
 * appear whole or not at all. Closes the document's source whatever happens. Throws the signal's reason once that has come.
 *
 * @throws ExrError as `writeDocument` of lib/node/pipeline.ts does.
 */
export async function writeDocument(
  document: ExrDocument,
  to: Destination,
  options: WriteOptions,
  host: Host,
): Promise<WriteReport> {
  const { callbacks, thrown } = guarded(options);
  try {
    options.signal?.throwIfAborted();
    return await moveDocument(document, to, callbacks, host);
  } catch (error) {
    // Whatever failed after that, the run was aborted: callers expect the reason that they gave.
    options.signal?.throwIfAborted();
    throw thrown()?.error ?? withPlace(error, inputPlace(document));
  } finally {
    await closeQuietly(document.source);
  }
}

/**
 * The options with functions that remember what the caller's own have thrown. That belongs to the caller unchanged; on its way
 * out of here it would become the error of a file. ExrErrors gain from that: they get the file they are about.
 */
function guarded(options: WriteOptions): {
  readonly callbacks: WriteOptions;
  readonly thrown: () => { readonly error: unknown } | undefined;
} {
  let first: { readonly error: unknown } | undefined;
  const keep = (error: unknown): never => {
    if (!isExrError(error)) first ??= { error };
    throw error;
  };
  const watch = <Args extends unknown[], Result>(call: ((...args: Args) => Result) | undefined) =>
    call &&
    ((...args: Args): Result => {
      try {
        return call(...args);
      } catch (error) {
        return keep(error);
      }
    });
  const { onPlan, onProgress, onNotice, onMemory } = options;
  const callbacks = {
    ...options,
    onPlan: watch(onPlan),
    onProgress: watch(onProgress),
    onNotice: watch(onNotice),
    onMemory: watch(onMemory),
  };
  return { callbacks, thrown: () => first };
}

async function moveDocument(
  document: ExrDocument,
  to: Destination,
  options: WriteOptions,
  host: Host,
): Promise<WriteReport> {
  const { arrived, source } = document;
  const chosen = chooseRoutes(document, to, options);
  const { header, plan, planar } = planRoutes(document, chosen, options, host.limits);
  const { level, allowLossy } = options;
  const contiguous = options.table === 'zero';
  const units = () => schedule(plan, header, arrived, source.order, { level, allowLossy, contiguous, planar });
  const runner = options.runner ?? host.runners.pool();
  const passes = passesOnly(plan);
  // Threads start while this one is busy with names.
  if (!passes) runner.prepare?.(firstJobs(units(), runner.parallel));
  const routes = settleRoutes(chosen, document, reporter(options.onNotice), options.for);
  options.onPlan?.(plan);
  const { signal } = options;
  const budget = await orAbort(
    passes && !options.admit ? Promise.resolve(0) : memoryBudget(options, runner, () => sumUnits(units(), source)),
    signal,
  );
  // Forwarded chunks are never held, so a pipe must deliver them in the order they are written.
  if (!source.random && heldBytes(source, units()) > (passes ? 0 : budget)) await orAbort(source.makeRandom(), signal);
  refuseHoles(source, plan);

  const sideFiles = placeSideFiles(routes);
  const { prepareFolder, onNotice } = options;
  const create = (path: string) => host.createFile(path, { prepareFolder, onNotice, inputs: document.inputs, signal });
  const outputs: Output[] = [];
  try {
    await together(
      routes.map(async (route) => {
        const bytes = isSink(to) ? to : await create(route.path as string);
        const sizes = () => knownSizes(route.parts, plan, document, units());
        outputs.push({ route, sink: await openOutput(route, bytes, sizes, contiguous, host, signal) });
      }),
    );
    const { bytes, losses, emptyChunks } = await moveChunks(
      { plan, header, units: units(), outputs, budget },
      document,
      options,
      host,
    );
    for (const notice of [...stateNotices(source, emptyChunks), ...losses.notices(header, routes)])
      options.onNotice?.(notice);
    // The image appears last: whoever waits for it finds everything that goes with it.
    signal?.throwIfAborted();
    await writeSideFiles(sideFiles, create, host, signal);
    await together(outputs.map(({ sink }) => sink.finish(signal)));
    return { plan, files: routes.flatMap(({ path }) => path ?? []), bytes };
  } catch (error) {
    await together(outputs.map(({ sink }) => sink.abort()));
    throw error;
  }
}

/**
 * Where each part goes.
 *
 * @throws ExrError of kind `usage` for file names in formats that cannot be written.
 */
function chooseRoutes(document: ExrDocument, to: Destination, { formats }: WriteOptions): readonly Route[] {
  if (typeof to === 'string') return routeParts(document, to, formats);
  return isSink(to) ? routeParts(document, undefined) : to;
}

interface PlannedRoutes {
  readonly plan: Plan;
  /** The wanted header; where samples are written, at full resolution. */
  readonly header: Header;
  /** Numbers of the parts written as samples. */
  readonly planar: ReadonlySet<number>;
}

/** Most formats take encoded chunks; others take the samples, whose compression then does not matter. */
function planRoutes(
  { header, arrived }: ExrDocument,
  routes: readonly Route[],
  options: WriteOptions,
  limits: Limits,
): PlannedRoutes {
  const shapes = new Map(
    routes.flatMap(({ format, parts }) =>
      format.takes === 'coded' ? [] : parts.map((part) => [part, format.takes] as const),
    ),
  );
  const planar = new Set(shapes.keys());
  const parts = header.parts.map((part, number) => asTaken(part, shapes.get(number) ?? 'coded'));
  const wanted = planar.size === 0 ? header : { ...header, parts };
  return { header: wanted, plan: makePlan(wanted, arrived, { ...options, planar, limits }), planar };
}

/** A part as a format takes it: without mip or rip levels, or as lines of its display window. */
function asTaken(part: Part, takes: OutputFormat['takes']): Part {
  if (takes === 'coded' || isDeep(part)) return part;
  if (takes === 'samples') return part.tiles ? { ...part, tiles: { ...part.tiles, levels: 'one' } } : part;
  const { chunkLines: _none, ...rest } = part;
  // Sixteen lines at a time are a good size; nothing is ever stored with this compression.
  return {
    ...rest,
    type: 'scanlineimage',
    tiles: undefined,
    lineOrder: 'increasing',
    compression: 'zip',
    dataWindow: part.displayWindow,
  };
}

/** Faults of the file that was read, although all of it was found. */
function stateNotices({ table }: ChunkSource, emptyChunks: number): Notice[] {
  const notice = (code: string, message: string): Notice => ({ level: 'warning', code, message });
  return [
    ...(table === 'sound' ? [] : [notice('OFFSET_TABLE', tableText(table))]),
    ...(emptyChunks === 0 ? [] : [notice('EMPTY_CHUNKS', emptyChunksText(emptyChunks))]),
  ];
}

/** Writing the rest of an unfinished part is not possible yet. Throws before anything is written. */
function refuseHoles({ missing }: ChunkSource, plan: Plan): void {
  const needed = new Set(plan.flatMap(({ sources }) => sources));
  const hole = missing.find(({ part }) => needed.has(part));
  if (hole)
    throw new ExrError(
      'unsupported',
      'CHUNKS_MISSING',
      `${missing.length} chunks are missing: the file is unfinished`,
      {
        where: { part: hole.part, chunk: hole.index },
        hint: 'Take the complete parts with "pick".',
      },
    );
}

/** Waits for the disk once instead of once per file. When it throws, nothing is pending any more. */
async function together(works: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason;
}

/** Bytes of the units of a frame, all together and of the largest. */
export type UnitSums = { readonly all: number; readonly largest: number };

/** What the caller allows, or enough to keep every thread busy, within reason. */
async function memoryBudget(options: WriteOptions, runner: JobRunner, sums: () => UnitSums): Promise<number> {
  if (options.admit) return options.admit(sums());
  return options.memory ?? Math.min(Math.max(defaultMemory, runner.parallel * sums().largest), mostMemory);
}

function isSink(to: Destination): to is ByteSink {
  return typeof to !== 'string' && 'write' in to;
}

function sumUnits(units: Iterable<Unit>, source: ChunkSource): UnitSums {
  let all = 0;
  let largest = 0;
  for (const unit of units) {
    const own = unitBytes(unit, source);
    all += own;
    largest = Math.max(largest, own);
  }
  return { all, largest };
}

async function openOutput(
  { header, path, format }: Route,
  bytes: ByteSink,
  sizes: () => readonly SizedChunk[] | undefined,
  zeroTable: boolean,
  { openScratch }: Host,
  signal: AbortSignal | undefined,
): Promise<ImageSink> {
  try {
    const [sideFile] = placeSideFiles([{ header, path }]).keys();
    if (sideFile !== undefined && !bytes.patch) throw noPlace(sideFile);
    const { takes } = format;
    const seen = takes === 'coded' ? header : { ...header, parts: header.parts.map((part) => asTaken(part, takes)) };
    const opening = format.open({ header: seen, bytes, sizes, zeroTable, openScratch });
    return await orAbort(opening, signal, (sink) => void sink.abort());
  } catch (error) {
    await bytes.abort();
    throw error;
  }
}
