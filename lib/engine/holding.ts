import { type ChunkRef, chunkKey } from '../format/offset-table.js';
import type { ChunkMemory } from './buffers.js';
import type { ChunkReader } from './document.js';
import type { Unit } from './schedule.js';

/**
 * Reads a forward-only source in the order that units need: chunks that come before their turn, or are needed more
 * than once, are held until their last use. {@link heldBytes} computes beforehand how much that will be.
 */
export class HoldingReader {
  readonly random = false;
  readonly #source: ChunkReader;
  readonly #uses: Map<number, number>;
  /** Fetched once: joined sources assemble it on every access. */
  readonly #order: readonly ChunkRef[];
  readonly #held = new Map<number, Uint8Array>();
  #at = 0;

  constructor(source: ChunkReader, units: Iterable<Unit>) {
    this.#source = source;
    this.#order = source.order;
    this.#uses = countUses(units);
  }

  space(chunk: ChunkRef): number | undefined {
    return this.#source.space(chunk);
  }

  async read(chunk: ChunkRef, memory?: ChunkMemory): Promise<Uint8Array> {
    const wanted = chunkKey(chunk);
    while (!this.#held.has(wanted)) {
      const next = this.#order[this.#at++];
      if (!next) throw new RangeError(`chunk ${chunk.index} of part ${chunk.part} has already been handed out`);
      const key = chunkKey(next);
      // The memory is this unit's, and what is held longer must not be in it.
      const isLast = key === wanted && this.#uses.get(key) === 1;
      if (this.#uses.has(key)) this.#held.set(key, await this.#source.read(next, isLast ? memory : undefined));
    }
    const payload = this.#held.get(wanted) as Uint8Array;
    const uses = (this.#uses.get(wanted) as number) - 1;
    this.#uses.set(wanted, uses);
    if (uses > 0) return payload.slice();
    this.#held.delete(wanted);
    return payload;
  }
}

/** The most packed bytes a {@link HoldingReader} would hold at once beyond the current unit. */
export function heldBytes(source: ChunkReader, units: Iterable<Unit>): number {
  const uses = countUses(units);
  const held = new Map<number, number>();
  const { order } = source;
  let at = 0;
  let bytes = 0;
  let most = 0;
  for (const { sources } of units)
    for (const chunk of sources) {
      const wanted = chunkKey(chunk);
      while (!held.has(wanted) && at < order.length) {
        const next = order[at++] as ChunkRef;
        const key = chunkKey(next);
        if (!uses.has(key)) continue;
        const space = source.space(next) ?? 0;
        held.set(key, space);
        bytes += space;
      }
      most = Math.max(most, bytes - (held.get(wanted) ?? 0));
      const left = (uses.get(wanted) ?? 1) - 1;
      uses.set(wanted, left);
      if (left > 0) continue;
      bytes -= held.get(wanted) ?? 0;
      held.delete(wanted);
    }
  return most;
}

function countUses(units: Iterable<Unit>): Map<number, number> {
  const uses = new Map<number, number>();
  for (const { sources } of units)
    for (const chunk of sources) {
      const key = chunkKey(chunk);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  return uses;
}
