import type { ChunkRef } from '../format/offset-table.js';
import type { ChunkResult, Job } from '../jobs/job.js';
import type { ChunkLosses } from '../jobs/losses.js';
import { release, releaseAll } from '../jobs/release.js';
import type { JobRunner } from '../jobs/runner.js';
import { mayMove } from '../jobs/splice.js';
import { orAbort } from '../model/abort.js';
import { withPlace } from '../model/error.js';
import { Buffers, type ChunkMemory, Room } from './buffers.js';
import type { ChunkReader, ChunkSource } from './document.js';
import { HoldingReader } from './holding.js';
import type { Unit } from './schedule.js';

/** A wanted chunk, ready to be written. */
export interface DoneChunk extends ChunkRef {
  /** Whole, or in pieces that are valid until the next chunk is requested. */
  readonly payload: Uint8Array | readonly Uint8Array[];
  /** What samples lost in conversion; undefined where they were not touched. */
  readonly losses: ChunkLosses | undefined;
}

export interface ExecuteOptions {
  /** Where jobs run that are plain data. */
  readonly runner: JobRunner;
  /** Where jobs run that carry functions: the calling thread. */
  readonly inline: JobRunner;
  /**
   * Bytes of chunks, packed and decoded, that may be in flight at once. One unit always may, however large:
   * the bound is `budget + largest unit`.
   */
  readonly budget: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes in flight whenever they change; the tests of the bound use it. */
  readonly onMemory?: ((bytes: number) => void) | undefined;
}

/**
 * Units that are read ahead of those being worked on: one, and more where all units in flight take little memory. They bridge
 * the time in which a finished unit waits for its turn to be written, and the next one for its chunks to be read.
 */
const readAhead = 1;
const mostAhead = 3;
const littleMemory = 16 << 20;

/** More than the bytes before a payload. */
const mostLeader = 64;

/** Smaller memory is left to the collector. */
const worthReuse = 64 << 10;

interface Running {
  readonly unit: Unit;
  readonly bytes: number;
  readonly result: Promise<Result>;
}

interface Result {
  readonly payloads: readonly DoneChunk['payload'][];
  readonly losses: ChunkResult['losses'];
  /** Gives back the memory, once the payloads are no longer used. */
  readonly release?: () => void;
}

/**
 * Executes the units of a schedule and yields their chunks in order. Reading, work and writing overlap: units are started
 * ahead as far as the budget and the runner allow, so that filters and sinks stay sequential and the threads stay busy. The
 * caller is done with a payload when it asks for the next: its memory is used again.
 */
export async function* execute(
  units: Iterable<Unit>,
  source: ChunkReader,
  options: ExecuteOptions,
): AsyncGenerator<DoneChunk> {
  const { signal, budget, onMemory } = options;
  const reader = source.random ? source : new HoldingReader(source, units);
  const pending = units[Symbol.iterator]();
  const running: Running[] = [];
  const { parallel } = options.runner;
  const buffers = new Buffers();
  const mover = new Mover(options, buffers);
  let next = pending.next();
  let bytes = 0;
  while (running.length > 0 || !next.done) {
    while (!next.done && running.length < parallel + mostAhead) {
      const unit = next.value;
      const own = unitBytes(unit, reader);
      const most = running.length < parallel + readAhead ? budget : Math.min(budget, littleMemory);
      if (running.length > 0 && bytes + own > most) break;
      signal?.throwIfAborted();
      bytes += own;
      onMemory?.(bytes);
      running.push(await orAbort(start(unit, own, reader, options, buffers, mover), signal));
      next = pending.next();
    }
    const { unit, result, bytes: own } = running.shift() as Running;
    const { payloads, losses, release } = await orAbort(result, signal);
    for (const [position, target] of unit.targets.entries())
      yield { ...target, payload: payloads[position] as DoneChunk['payload'], losses: losses[position] };
    release?.();
    bytes -= own;
    onMemory?.(bytes);
  }
}

/** How many of the first `most` units have a job for the runner's threads. */
export function firstJobs(units: Iterable<Unit>, most: number): number {
  let jobs = 0;
  let seen = 0;
  for (const { job, inline } of units) {
    if (job && !inline && !(job.kind === 'splice' && mayMove(job))) jobs += 1;
    seen += 1;
    if (seen === most) break;
  }
  return jobs;
}

/** What a unit holds while in flight: its chunks as they arrive, decoded, and about as much again as arrived for its results. */
export function unitBytes(unit: Unit, source: Pick<ChunkSource, 'space'>): number {
  const packed = unit.sources.reduce((sum, chunk) => sum + (source.space(chunk) ?? 0), 0);
  return unit.bytes + (unit.job ? 2 * packed : packed);
}

type Reader = Pick<ChunkSource, 'read' | 'readTogether' | 'random' | 'space'>;

async function start(
  unit: Unit,
  bytes: number,
  reader: Reader,
  options: ExecuteOptions,
  buffers: Buffers,
  mover: Mover,
): Promise<Running> {
  const moves = mover.takes(unit);
  const memory = moves ? buffers : roomFor(unit, reader, buffers);
  const reading = reader.random
    ? readAtOnce(unit, reader, memory)
    : Promise.resolve(await readInTurn(unit.sources, reader, memory));
  const result = reading.then((payloads) => work(unit, payloads, options, buffers, moves ? mover : undefined));
  // A caller that stops early abandons this promise; without a handler its error would end the process.
  result.catch(() => {});
  return { unit, bytes, result };
}

/** Memory for a unit's chunks, in one buffer, so that what is made of them fits into it as well. */
function roomFor({ sources }: Unit, reader: Reader, buffers: Buffers): ChunkMemory | undefined {
  let bytes = 0;
  for (const chunk of sources) {
    const space = reader.space(chunk);
    if (space === undefined) return undefined;
    bytes += space + mostLeader;
  }
  return bytes < worthReuse ? undefined : new Room(buffers.take(bytes));
}

/**
 * Splices that merely copy: the calling thread does them, since another would take longer to start. Once one turns out to
 * take more, all that follow go to the other threads.
 */
class Mover {
  readonly #buffers: Buffers;
  readonly #runner: JobRunner;
  #stopped = false;

  constructor({ inline }: ExecuteOptions, buffers: Buffers) {
    this.#buffers = buffers;
    this.#runner = inline;
  }

  takes({ job, inline }: Unit): boolean {
    return !this.#stopped && !inline && this.#runner.move !== undefined && job?.kind === 'splice' && mayMove(job);
  }

  /** Undefined where it takes more than copying. */
  async run(job: Job, payloads: readonly Uint8Array[]): Promise<Result | undefined> {
    const pieces = job.kind === 'splice' ? await this.#runner.move?.(job, payloads) : undefined;
    if (!pieces) {
      this.#stopped = true;
      return undefined;
    }
    return {
      payloads: pieces,
      losses: [],
      release: () => {
        for (const payload of payloads) if (!this.#buffers.give(payload)) release(payload);
      },
    };
  }
}

/** Jobs in a batch have small chunks. */
function readAtOnce({ sources, job }: Unit, reader: Reader, memory?: ChunkMemory): Promise<Uint8Array[]> {
  const together = job?.kind === 'batch' ? reader.readTogether?.(sources, memory) : undefined;
  return together ?? Promise.all(sources.map((chunk) => reader.read(chunk, memory)));
}

/** A pipe delivers its chunks one after the other; nothing else may be read before these have arrived. */
async function readInTurn(chunks: readonly ChunkRef[], reader: Reader, memory?: ChunkMemory): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  for (const chunk of chunks) payloads.push(await reader.read(chunk, memory));
  return payloads;
}

async function work(
  unit: Unit,
  payloads: Uint8Array[],
  options: ExecuteOptions,
  buffers: Buffers,
  mover: Mover | undefined,
): Promise<Result> {
  const { job, sources, targets, inline } = unit;
  if (!job) {
    const [payload] = payloads as [Uint8Array];
    return { payloads: targets.map(() => payload), losses: [], release: () => reuse([payload], buffers) };
  }
  try {
    const moved = await mover?.run(job, payloads);
    if (moved) return moved;
    const result = await (inline ? options.inline : options.runner).run(job, payloads, options.signal);
    for (const buffer of result.spare) buffers.adopt(buffer);
    // Samples may still be looked at by mistake: their memory is gone rather than full of others.
    const free = job.kind === 'splice' ? reuse : releaseAll;
    return { ...result, release: () => free(result.payloads, buffers) };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const [first] = sources;
    throw first ? withPlace(error, { part: first.part, chunk: first.index }) : error;
  }
}

/** Gives memory to the next unit, or frees it. */
function reuse(payloads: readonly Uint8Array[], buffers: Buffers): void {
  for (const buffer of new Set(payloads.map((payload) => payload.buffer)))
    if (buffer instanceof ArrayBuffer) buffers.adopt(buffer);
}
