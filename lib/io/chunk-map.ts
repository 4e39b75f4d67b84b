/** Where the chunks of a file are. */

import type { TableState } from '../format/file-state.js';
import { type ChunkRef, chunkKey } from '../format/offset-table.js';

/** Where a chunk begins, and how many bytes there are to the next one, or to the end of the file. */
export interface ChunkPosition {
  readonly offset: number;
  readonly span: number;
}

/** Where the chunks of a file are. */
export interface ChunkMap {
  readonly table: TableState;
  /** The chunks in the order they lie in the file. */
  readonly order: readonly ChunkRef[];
  /** Offsets by part and chunk, 0 where a chunk is missing; only two numbers are held for each. */
  readonly starts: readonly Float64Array[];
  /** The offset of whatever follows a chunk. */
  readonly ends: readonly Float64Array[];
}

export function positionOf({ starts, ends }: ChunkMap, { part, index }: ChunkRef): ChunkPosition | undefined {
  const offset = starts[part]?.[index] ?? 0;
  return offset === 0 ? undefined : { offset, span: (ends[part]?.[index] ?? 0) - offset };
}

export function makeMap(
  table: TableState,
  order: readonly ChunkRef[],
  starts: readonly Float64Array[],
  size: number,
): ChunkMap {
  const ends = starts.map(({ length }) => new Float64Array(length));
  let end = size;
  for (let at = order.length - 1; at >= 0; at--) {
    const { part, index } = order[at] as ChunkRef;
    (ends[part] as Float64Array)[index] = end;
    end = (starts[part] as Float64Array)[index] as number;
  }
  return { table, order, starts, ends };
}

export function without(map: ChunkMap, chunks: readonly ChunkRef[]): ChunkMap {
  const gone = new Set(chunks.map(chunkKey));
  const starts = map.starts.map((table) => table.slice());
  for (const { part, index } of chunks) (starts[part] as Float64Array)[index] = 0;
  return { ...map, order: map.order.filter((chunk) => !gone.has(chunkKey(chunk))), starts };
}
