/** Faults of a file outside its header: missing chunks, wrong offset tables. */
import { type Header, isDeep } from '../model/header.js';
import { Geometry } from './geometry.js';
import type { ChunkRef } from './offset-table.js';

/**
 * Offset tables: `sound`; `empty` if they hold zeros, as in a file that was streamed or never finished; `wrong` if they lead
 * elsewhere. A table may turn out to be wrong only when a chunk is read.
 */
export type TableState = 'sound' | 'empty' | 'wrong';

/** A part with missing chunks. */
export interface UnfinishedPart {
  readonly part: number;
  /** The unit: lines of the image, or tiles of all levels. */
  readonly unit: 'lines' | 'tiles';
  readonly there: number;
  readonly of: number;
}

/** What a file lacks, by its chunks. */
export interface FileState {
  readonly table: TableState;
  readonly unfinished: readonly UnfinishedPart[];
  /** Chunks without a single byte, which programs show as black, or refuse. */
  readonly emptyChunks: number;
  /** Chunks that every reader takes for raw samples although they are packed; undefined if not checked. */
  readonly packedAsSamples?: readonly ChunkRef[];
}

/** Sizes of chunks, if they are known without reading the chunks. */
export interface ChunkSizes {
  readonly table: TableState;
  /** Existing chunks. */
  readonly order: readonly ChunkRef[];
  /** Bytes of a chunk's payload and the gap behind it; undefined where that is not known. */
  space(chunk: ChunkRef): number | undefined;
}

/** The faults of a file, by its existing chunks. Reads nothing. */
export function fileState(header: Header, chunks: ChunkSizes): FileState {
  const geometries = header.parts.map((part) => new Geometry(part));
  const there = header.parts.map(() => 0);
  let emptyChunks = 0;
  for (const chunk of chunks.order) {
    const { part, index } = chunk;
    there[part] = (there[part] as number) + piecesOf(header, geometries, part, index);
    if (chunks.space(chunk) === 0 && isFlat(header, part)) emptyChunks += 1;
  }
  const unfinished = header.parts.flatMap(({ tiles, dataWindow }, part): UnfinishedPart[] => {
    const of = tiles ? (geometries[part] as Geometry).chunkCount : dataWindow.yMax - dataWindow.yMin + 1;
    const found = there[part] as number;
    return found === of ? [] : [{ part, unit: tiles ? 'tiles' : 'lines', there: found, of }];
  });
  return { table: chunks.table, unfinished, emptyChunks };
}

function piecesOf({ parts }: Header, geometries: readonly Geometry[], part: number, index: number): number {
  return parts[part]?.tiles ? 1 : (geometries[part] as Geometry).region(index).height;
}

/** The payload of deep chunks begins with their sizes, so it is never empty. */
function isFlat({ parts }: Header, number: number): boolean {
  const part = parts[number];
  return part !== undefined && !isDeep(part);
}

/** `812 of 1080 lines`, with the part if there are several. */
export function unfinishedText(
  parts: readonly { readonly name?: string | undefined }[],
  { part, unit, there, of }: UnfinishedPart,
): string {
  const name = parts[part]?.name;
  const where = parts.length === 1 ? '' : `part ${part}${name === undefined || name === '' ? '' : ` "${name}"`}: `;
  return `${where}${there} of ${of} ${unit}`;
}

/** The message about a table that is not sound, when the chunks were found. */
export function tableText(table: Exclude<TableState, 'sound'>): string {
  return `the offset table is ${table}; the chunks were found by walking from one to the next`;
}

/** The message about chunks without bytes. */
export function emptyChunksText(count: number): string {
  return `${count === 1 ? '1 chunk has' : `${count} chunks have`} no bytes; programs show black there, or refuse the file`;
}
