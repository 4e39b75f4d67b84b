import type { JobRunner } from '../codecs/runner.js';
import type { ChunkSource, ExrDocument } from '../engine/document.js';
import { execute, unitBytes } from '../engine/execute.js';
import { heldBytes } from '../engine/holding.js';
import { makePlan, type Plan } from '../engine/plan.js';
import type { QualityOptions } from '../engine/quality.js';
import { schedule, type Unit } from '../engine/schedule.js';
import type { ChunkRef } from '../format/offset-table.js';
import { withPlace } from '../model/error.js';
import { Geometry } from '../model/geometry.js';
import { openFileSink } from './file-sink.js';
import { type Route, routeParts } from './route.js';
import { sharedRunners } from './runners.js';
import { noPlace, placeSideFiles, writeSideFiles } from './side-files.js';
import type { ByteSink } from './sink.js';
import { knownSizes } from './sizes.js';
import { ExrWriter, type TableMode } from './writer.js';

/** Where a document goes: a path or pattern of paths, an open sink, or files with the parts that each takes. */
export type Destination = string | ByteSink | readonly Route[];

export interface WriteOptions extends QualityOptions {
  /** zlib level 1 to 9 for what is coded anew; 4 by default, as in OpenEXR. */
  readonly level?: number | undefined;
  /** `zero` leaves the offset table zero instead of buffering a pipe's output (see TableMode). */
  readonly table?: 'auto' | 'zero' | undefined;
  /**
   * Bytes of chunks that may be under way at once, packed and decoded; one unit (a chunk, or chunks that are worked on
   * together) always may. By default 64 MiB, or as much as keeps every thread busy with a unit, up to 512 MiB.
   */
  readonly memory?: number | undefined;
  readonly runner?: JobRunner | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how the pixels will move, before they do. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
  /** Told the chunks written so far. */
  readonly onProgress?:
    | ((done: { readonly chunks: number; readonly of: number; readonly bytes: number }) => void)
    | undefined;
  /**
   * Asked before pixels move, where frames share a memory budget: gets the bytes of all units and of the largest, waits for its
   * turn and gives this frame's budget, instead of {@link memory}.
   */
  readonly admit?: ((bytes: UnitSums) => Promise<number>) | undefined;
  /** Called before a file is made in a folder; by default it makes the folder and clears it of what killed runs have left. */
  readonly prepareFolder?: ((folder: string) => Promise<void>) | undefined;
  readonly onMemory?: ((bytes: number) => void) | undefined;
}

export interface WriteReport {
  readonly plan: Plan;
  /** Files written, in the order of their first part; empty for a sink. */
  readonly files: readonly string[];
  /** Payload bytes written. */
  readonly bytes: number;
}

export const defaultMemory = 64 << 20;
/** More is used only when asked for. */
const mostMemory = 512 << 20;

/**
 * Writes a document as it is wanted: the end of every pipeline. Plans how pixels move, moves them, and makes the files
 * appear whole or not at all. Closes the document's source whatever happens.
 */
export async function writeDocument(
  document: ExrDocument,
  to: Destination,
  options: WriteOptions = {},
): Promise<WriteReport> {
  try {
    return await moveDocument(document, to, options);
  } catch (error) {
    throw withPlace(error, inputPlace(document));
  } finally {
    await document.source.close();
  }
}

async function moveDocument(document: ExrDocument, to: Destination, options: WriteOptions): Promise<WriteReport> {
  const { header, arrived, source } = document;
  const plan = makePlan(header, arrived, options);
  options.onPlan?.(plan);
  const zero = options.table === 'zero';
  const { level, allowLossy } = options;
  const units = () => schedule(plan, header, arrived, source.order, { level, allowLossy, contiguous: zero });
  const runner = options.runner ?? sharedRunners.pool();
  const budget = await memoryBudget(options, runner, () => sumUnits(units(), source));
  // Chunks that only pass are never held, so a pipe must give them in the order they are wanted.
  if (!source.random && heldBytes(source, units()) > (passesOnly(plan) ? 0 : budget)) await source.makeRandom();

  const routes = isRoutes(to) ? to : routeParts(document, typeof to === 'string' ? to : undefined);
  const sideFiles = placeSideFiles(routes);
  const outputs: Output[] = [];
  try {
    await together(
      routes.map(async (route) => outputs.push(await openOutput(route, to, plan, document, units(), options))),
    );
    const bytes = await moveChunks(plan, outputs, units(), document, { ...options, memory: budget });
    // A picture is there last: whoever waits for it finds all that goes with it.
    await writeSideFiles(sideFiles, options.prepareFolder);
    await together(outputs.map(({ writer }) => writer.finish()));
    return { plan, files: routes.flatMap(({ path }) => path ?? []), bytes };
  } catch (error) {
    await together(outputs.map(({ writer }) => writer.abort()));
    throw error;
  }
}

/** Waits for the disk once instead of once a file. When it throws, nothing is under way any more. */
async function together(works: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason;
}

type UnitSums = { readonly all: number; readonly largest: number };

/** What the caller allows; or enough to keep every thread busy, within reason. */
async function memoryBudget(options: WriteOptions, runner: JobRunner, sums: () => UnitSums): Promise<number> {
  if (options.admit) return options.admit(sums());
  return options.memory ?? Math.min(Math.max(defaultMemory, runner.parallel * sums().largest), mostMemory);
}

function isRoutes(to: Destination): to is readonly Route[] {
  return typeof to !== 'string' && !('write' in to);
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

interface Output {
  readonly route: Route;
  readonly writer: ExrWriter;
}

async function openOutput(
  route: Route,
  to: Destination,
  plan: Plan,
  document: ExrDocument,
  units: Iterable<Unit>,
  options: WriteOptions,
): Promise<Output> {
  const zero = options.table === 'zero';
  const sink =
    typeof to === 'string' || isRoutes(to) ? await openFileSink(route.path as string, options.prepareFolder) : to;
  try {
    const [sideFile] = placeSideFiles([route]).keys();
    if (sideFile !== undefined && !sink.patch) throw noPlace(sideFile);
    const sizes = sink.patch || zero ? undefined : knownSizes(route.parts, plan, document, units);
    const mode: TableMode = zero ? 'zero' : sink.patch ? 'patch' : sizes ? 'exact' : 'spool';
    return { route, writer: await ExrWriter.open(route.header, sink, { mode, ...(sizes && { sizes }) }) };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function moveChunks(
  plan: Plan,
  outputs: readonly Output[],
  units: Iterable<Unit>,
  document: ExrDocument,
  options: WriteOptions & { memory: number },
): Promise<number> {
  const places = new Map(
    outputs.flatMap(({ route, writer }) => route.parts.map((part, own) => [part, { writer, own }] as const)),
  );
  const of = document.header.parts.reduce((sum, part) => sum + new Geometry(part).chunkCount, 0);
  let chunks = 0;
  let bytes = 0;
  const written = (length: number) => {
    chunks += 1;
    bytes += length;
    options.onProgress?.({ chunks, of, bytes });
  };
  const placeOf = (part: number): { writer: ExrWriter; own: number } => {
    const place = places.get(part);
    if (!place) throw new RangeError(`no output takes part ${part}`);
    return place;
  };

  if (passesOnly(plan)) {
    for (const { sources, targets } of units) {
      options.signal?.throwIfAborted();
      const payload = await document.source.pieces(sources[0] as ChunkRef);
      const { part, index } = targets[0] as ChunkRef;
      const { writer, own } = placeOf(part);
      await writer.writePieces({ part: own, index }, payload);
      written(payload.length);
    }
    return bytes;
  }

  const done = execute(units, document.source, {
    runner: options.runner ?? sharedRunners.pool(),
    inline: sharedRunners.inline(),
    budget: options.memory,
    releases: true,
    signal: options.signal,
    onMemory: options.onMemory,
  });
  for await (const { part, index, payload } of done) {
    const { writer, own } = placeOf(part);
    await writer.write({ part: own, index }, payload);
    written(payload.length);
  }
  return bytes;
}

function passesOnly(plan: Plan): boolean {
  return plan.every(({ method }) => method === 'forward');
}

function inputPlace({ inputs }: ExrDocument): { file?: string } {
  const [first] = inputs;
  return inputs.length === 1 && first ? { file: first.path ?? 'stdin' } : {};
}
