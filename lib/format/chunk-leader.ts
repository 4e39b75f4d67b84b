/**
 * A chunk in a file is a leader followed by a payload:
 *   flat leader: [i32 part number, in multi-part files] coordinates, i32 payload size
 *   deep leader: [i32 part number] coordinates; the payload then begins with three i64: bytes of the packed
 *     sample-count table, bytes of the packed samples, bytes of the samples unpacked
 * Coordinates are the first scan line's y, or tile x, tile y, level x, level y.
 * (OpenEXR file layout, "Chunk layout".)
 */
import { ExrError } from '../model/error.js';
import { isDeep, type Part } from '../model/header.js';
import { ByteReader, ByteWriter } from './bytes.js';
import type { ChunkPlace } from './geometry.js';

/** The form of a part's leaders. */
export interface LeaderShape {
  readonly multiPart: boolean;
  readonly tiled: boolean;
  readonly deep: boolean;
}

export interface Leader {
  /** 0 in single-part files. */
  readonly part: number;
  readonly place: ChunkPlace;
  /** Bytes of the payload. */
  readonly payload: number;
}

export function leaderShape(part: Part, multiPart: boolean): LeaderShape {
  return { multiPart, tiled: part.tiles !== undefined, deep: isDeep(part) };
}

/** Bytes before the payload. */
export function leaderLength({ multiPart, tiled, deep }: LeaderShape): number {
  return (multiPart ? 4 : 0) + (tiled ? 16 : 4) + (deep ? 0 : 4);
}

/** Bytes that {@link parseLeader} reads: the leader, and the sizes at the beginning of a deep payload. */
export function parsedLength(shape: LeaderShape): number {
  return leaderLength(shape) + (shape.deep ? deepSizesLength : 0);
}

/** Bytes of the three sizes a deep payload begins with. */
export const deepSizesLength = 24;

/**
 * What stands before a chunk's bytes. Checking that the coordinates exist is up to the caller.
 *
 * @throws ExrError of kind `invalid` for negative or absurd sizes.
 */
export function parseLeader(bytes: Uint8Array, shape: LeaderShape): Leader {
  const reader = new ByteReader(bytes);
  const part = shape.multiPart ? reader.i32() : 0;
  const place: ChunkPlace = shape.tiled
    ? { kind: 'tile', tx: reader.i32(), ty: reader.i32(), lx: reader.i32(), ly: reader.i32() }
    : { kind: 'lines', y: reader.i32() };
  if (!shape.deep) return { part, place, payload: checkSize(BigInt(reader.i32())) };
  const { table, samples } = parseDeepSizes(reader.take(deepSizesLength));
  return { part, place, payload: deepSizesLength + table + samples };
}

export interface DeepSizes {
  /** Bytes of the packed sample-count table. */
  readonly table: number;
  /** Bytes of the packed samples. */
  readonly samples: number;
  /** Bytes of the samples unpacked. */
  readonly unpacked: number;
}

export function parseDeepSizes(payload: Uint8Array): DeepSizes {
  const reader = new ByteReader(payload);
  return { table: checkSize(reader.u64()), samples: checkSize(reader.u64()), unpacked: checkSize(reader.u64()) };
}

export function writeDeepSizes({ table, samples, unpacked }: DeepSizes): Uint8Array {
  return new ByteWriter().u64(BigInt(table)).u64(BigInt(samples)).u64(BigInt(unpacked)).done();
}

/** The bytes before a payload in a file. */
export function writeLeader(
  part: number,
  place: ChunkPlace,
  { multiPart, deep }: LeaderShape,
  payload: number,
): Uint8Array {
  const writer = new ByteWriter();
  if (multiPart) writer.i32(part);
  if (place.kind === 'lines') writer.i32(place.y);
  else writer.i32(place.tx).i32(place.ty).i32(place.lx).i32(place.ly);
  if (!deep) writer.i32(payload);
  return writer.done();
}

function checkSize(size: bigint): number {
  if (size < 0n || size > 0x7fffffffn)
    throw new ExrError('invalid', 'BAD_CHUNK_SIZE', `a chunk declares ${size} bytes`);
  return Number(size);
}
