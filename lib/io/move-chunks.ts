/** Moves the chunks of a plan to its outputs. */

import type { ExrDocument, PayloadPieces } from '../engine/document.js';
import { execute } from '../engine/execute.js';
import type { Plan } from '../engine/plan.js';
import type { Unit } from '../engine/unit.js';
import { Geometry } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import type { JobRunner } from '../jobs/runner.js';
import { orAbort } from '../model/abort.js';
import type { Header } from '../model/header.js';
import type { Host } from './host.js';
import { LossTally } from './losses.js';
import type { Route } from './route.js';
import type { ImageSink } from './sink.js';

export interface Output {
  readonly route: Route;
  readonly sink: ImageSink;
}

/** Of the options of writing, those that moving needs. */
export interface MoveOptions {
  readonly runner?: JobRunner | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onMemory?: ((bytes: number) => void) | undefined;
  readonly onProgress?: ((progress: { chunks: number; of: number; bytes: number }) => void) | undefined;
}

interface Work {
  readonly plan: Plan;
  readonly header: Header;
  readonly units: Iterable<Unit>;
  readonly outputs: readonly Output[];
  readonly budget: number;
}

interface Moved {
  /** Payload bytes written. */
  readonly bytes: number;
  readonly losses: LossTally;
  /** Flat chunks that were forwarded although they are empty. */
  readonly emptyChunks: number;
}

export async function moveChunks(
  { plan, header, units, outputs, budget }: Work,
  { source }: ExrDocument,
  options: MoveOptions,
  host: Host,
): Promise<Moved> {
  const losses = new LossTally();
  const places = new Map(
    outputs.flatMap(({ route, sink }) => route.parts.map((part, own) => [part, { sink, own }] as const)),
  );
  const of = header.parts.reduce((sum, part) => sum + new Geometry(part).chunkCount, 0);
  let chunks = 0;
  let bytes = 0;
  let emptyChunks = 0;
  const written = (length: number) => {
    chunks += 1;
    bytes += length;
    if (length === 0) emptyChunks += 1;
    options.onProgress?.({ chunks, of, bytes });
  };
  const placeOf = (part: number): { sink: ImageSink; own: number } => {
    const place = places.get(part);
    if (!place) throw new RangeError(`no output takes part ${part}`);
    return place;
  };

  if (passesOnly(plan)) {
    const passAll = async (): Promise<void> => {
      for (const { sources, targets } of units) {
        options.signal?.throwIfAborted();
        const payload = await source.pieces(sources[0] as ChunkRef);
        const { part, index } = targets[0] as ChunkRef;
        const { sink, own } = placeOf(part);
        await sink.writePieces({ part: own, index }, payload);
        written(payload.length);
      }
    };
    await orAbort(passAll(), options.signal);
    return { bytes, losses, emptyChunks };
  }

  const done = execute(units, source, {
    runner: options.runner ?? host.runners.pool(),
    inline: host.runners.inline(),
    budget,
    signal: options.signal,
    onMemory: options.onMemory,
  });
  for await (const { part, index, payload, losses: lost } of done) {
    const { sink, own } = placeOf(part);
    const chunk = { part: own, index };
    const whole = payload instanceof Uint8Array ? payload : undefined;
    const pieces = whole ? undefined : inPieces(payload as readonly Uint8Array[]);
    await orAbort(pieces ? sink.writePieces(chunk, pieces) : sink.write(chunk, whole as Uint8Array), options.signal);
    losses.add(part, lost);
    written((pieces ?? (whole as Uint8Array)).length);
  }
  return { bytes, losses, emptyChunks };
}

function inPieces(payload: readonly Uint8Array[]): PayloadPieces {
  return {
    length: payload.reduce((sum, { length }) => sum + length, 0),
    pieces: (async function* () {
      yield* payload;
    })(),
  };
}

export function passesOnly(plan: Plan): boolean {
  return plan.every(({ method }) => method === 'forward');
}
