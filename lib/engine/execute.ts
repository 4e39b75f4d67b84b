import type { ChunkRef } from '../format/offset-table.js';
import type { JobResult } from '../jobs/job.js';
import type { ChunkLosses } from '../jobs/losses.js';
import { release } from '../jobs/release.js';
import type { JobRunner } from '../jobs/runner.js';
import { orAbort } from '../model/abort.js';
import { withPlace } from '../model/error.js';
import type { ChunkReader, ChunkSource } from './document.js';
import { HoldingReader } from './holding.js';
import type { Unit } from './schedule.js';

/** A wanted chunk, ready to be written. */
export interface DoneChunk extends ChunkRef {
  readonly payload: Uint8Array;
  /** What samples lost on the way; undefined where they were not touched. */
  readonly losses: ChunkLosses | undefined;
}

export interface ExecuteOptions {
  /** Where jobs run that are plain data. */
  readonly runner: JobRunner;
  /** Where jobs run that carry functions: the calling thread. */
  readonly inline: JobRunner;
  /**
   * Bytes of chunks, packed and decoded, that may be under way at once. One unit always may, however large:
   * the bound is `budget + largest unit`.
   */
  readonly budget: number;
  readonly signal?: AbortSignal | undefined;
  /** The payloads that are yielded are done with when the next is asked for, and their memory is given back at once. */
  readonly releases?: boolean;
  /** Told the bytes under way whenever they change: what the tests of the bound look at. */
  readonly onMemory?: ((bytes: number) => void) | undefined;
}

/**
 * Units that are read ahead of those at work: one, and more where all under way take little memory. They bridge the time
 * in which a unit that is done early waits for its turn to be written, and the next for its chunks to be read.
 */
const readAhead = 1;
const mostAhead = 3;
const littleMemory = 16 << 20;

interface Running {
  readonly unit: Unit;
  readonly bytes: number;
  readonly result: Promise<JobResult>;
}

/**
 * Does the units of a schedule and yields their chunks in order. Reading, work and writing overlap: units are started
 * ahead as far as the budget and the runner allow, so that filters and sinks stay sequential and the threads stay busy.
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
      running.push(await orAbort(start(unit, own, reader, options), signal));
      next = pending.next();
    }
    const { unit, result, bytes: own } = running.shift() as Running;
    const { payloads, losses } = await orAbort(result, signal);
    for (const [position, target] of unit.targets.entries())
      yield { ...target, payload: payloads[position] as Uint8Array, losses: losses[position] };
    if (options.releases) payloads.forEach(release);
    bytes -= own;
    onMemory?.(bytes);
  }
}

/** What a unit holds while it is under way: its chunks as they arrive, decoded, and about as much as arrived when they leave. */
export function unitBytes(unit: Unit, source: Pick<ChunkSource, 'space'>): number {
  const packed = unit.sources.reduce((sum, chunk) => sum + (source.space(chunk) ?? 0), 0);
  return unit.bytes + (unit.job ? 2 * packed : packed);
}

type Reader = Pick<ChunkSource, 'read' | 'random' | 'space'>;

async function start(unit: Unit, bytes: number, reader: Reader, options: ExecuteOptions): Promise<Running> {
  const reading = reader.random
    ? Promise.all(unit.sources.map((chunk) => reader.read(chunk)))
    : Promise.resolve(await readInTurn(unit.sources, reader));
  const result = reading.then((payloads) => work(unit, payloads, options));
  // Whoever stops early leaves this promise alone; without a handler its error would end the process.
  result.catch(() => {});
  return { unit, bytes, result };
}

/** A pipe gives its chunks one after the other; nothing else may be read before these have come. */
async function readInTurn(chunks: readonly ChunkRef[], reader: Reader): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  for (const chunk of chunks) payloads.push(await reader.read(chunk));
  return payloads;
}

async function work(unit: Unit, payloads: Uint8Array[], options: ExecuteOptions): Promise<JobResult> {
  const { job, sources, targets, inline } = unit;
  if (!job) return { payloads: targets.map(() => payloads[0] as Uint8Array), losses: [] };
  try {
    return await (inline ? options.inline : options.runner).run(job, payloads, options.signal);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const [first] = sources;
    throw first ? withPlace(error, { part: first.part, chunk: first.index }) : error;
  }
}
