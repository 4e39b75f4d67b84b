/** The offset tables: for every chunk of every part the position of its leader, as u64 (OpenEXR file layout, "Offset tables"). */

/** Reads the tables of all parts. Offsets beyond 2^53 come back as Infinity, which no file reaches. */
export function readOffsetTables(bytes: Uint8Array, chunkCounts: readonly number[]): Float64Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return chunkCounts.map((count) => {
    const table = new Float64Array(count);
    for (let index = 0; index < count; index++, at += 8) {
      const offset = view.getBigUint64(at, true);
      table[index] = offset > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(offset);
    }
    return table;
  });
}

export function writeOffsetTables(tables: readonly Float64Array[]): Uint8Array {
  const bytes = new Uint8Array(tableLength(tables.map(({ length }) => length)));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const table of tables)
    for (const offset of table) {
      view.setBigUint64(at, BigInt(offset), true);
      at += 8;
    }
  return bytes;
}

/** Bytes of all tables together. */
export function tableLength(chunkCounts: readonly number[]): number {
  return 8 * chunkCounts.reduce((sum, count) => sum + count, 0);
}

/** A chunk by its part and its number in that part's table. */
export interface ChunkRef {
  readonly part: number;
  readonly index: number;
}

/** One number for a chunk, for use in maps. */
export function chunkKey({ part, index }: ChunkRef): number {
  return part * 2 ** 32 + index;
}

/**
 * The chunks in file order. Undefined if the tables cannot be right (zeros of an unfinished or streamed file, offsets before
 * `first` or at or after `end`, two chunks at one offset): the caller then finds the chunks by walking.
 */
export function fileOrder(tables: readonly Float64Array[], first: number, end: number): ChunkRef[] | undefined {
  const chunks: ChunkRef[] = [];
  let before = 0;
  let sorted = true;
  for (const [part, table] of tables.entries())
    for (const [index, offset] of table.entries()) {
      if (offset < first || offset >= end) return undefined;
      sorted &&= offset > before;
      before = offset;
      chunks.push({ part, index });
    }
  if (sorted) return chunks;
  const offsetOf = ({ part, index }: ChunkRef) => (tables[part] as Float64Array)[index] as number;
  chunks.sort((a, b) => offsetOf(a) - offsetOf(b));
  for (let i = 1; i < chunks.length; i++)
    if (offsetOf(chunks[i] as ChunkRef) === offsetOf(chunks[i - 1] as ChunkRef)) return undefined;
  return chunks;
}

/** Bytes of a file. */
export interface FileSizes {
  /** The whole file, headers and offset tables included. */
  readonly file: number;
  /** The chunks of each part, including their leaders. */
  readonly parts: readonly number[];
}

/**
 * How much of a file each part takes: a chunk reaches to the next one, or to the end of the file. Undefined if the tables
 * cannot be right, as for {@link fileOrder}.
 */
export function partSizes(tables: readonly Float64Array[], first: number, end: number): FileSizes | undefined {
  const count = tables.reduce((sum, { length }) => sum + length, 0);
  const starts = new Float64Array(count + 1);
  let at = 0;
  for (const table of tables) {
    starts.set(table, at);
    at += table.length;
  }
  starts[count] = end;
  starts.sort();
  if ((starts[0] as number) < first || starts[count] !== end) return undefined;
  for (let index = 0; index < count; index++) if (starts[index] === starts[index + 1]) return undefined;
  const parts = tables.map((table) =>
    table.reduce((sum, start) => sum + (starts[indexOf(starts, start) + 1] as number) - start, 0),
  );
  return { file: end, parts };
}

/** The index of a number in a sorted list that contains it. */
function indexOf(sorted: Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
