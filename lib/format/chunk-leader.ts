/**
 * A chunk in a file is its leader (part number in multi-part files, then coordinates) followed by its payload.
 * exrpipe carries the payload from the size fields on, so a forwarded chunk differs only in the part number:
 *   flat: i32 size, data
 *   deep: i64 size of the packed sample-count table, i64 size of the packed samples, i64 unpacked size, table, samples
 * (OpenEXR file layout, "Chunk layout").
 */
import { ExrError } from '../model/error.js';
import type { ChunkPlace } from '../model/geometry.js';
import { isDeep, type Part } from '../model/header.js';
import { ByteReader, ByteWriter } from './bytes.js';

/** How the leaders of a part look. */
export interface LeaderShape {
  readonly multiPart: boolean;
  readonly tiled: boolean;
  readonly deep: boolean;
}

export interface Leader {
  /** 0 in single-part files. */
  readonly part: number;
  readonly place: ChunkPlace;
  /** Bytes of the payload, size fields included. */
  readonly payload: number;
}

export function leaderShape(part: Part, multiPart: boolean): LeaderShape {
  return { multiPart, tiled: part.tiles !== undefined, deep: isDeep(part) };
}

/** Bytes before the payload. */
export function coordinatesLength({ multiPart, tiled }: LeaderShape): number {
  return (multiPart ? 4 : 0) + (tiled ? 16 : 4);
}

/** Bytes of the payload that say how large it is. */
export function sizesLength({ deep }: LeaderShape): number {
  return deep ? 24 : 4;
}

/** Bytes to read before {@link parseLeader} can work. */
export function leaderLength(shape: LeaderShape): number {
  return coordinatesLength(shape) + sizesLength(shape);
}

/** Throws `invalid` for negative or absurd sizes; whether the coordinates exist is the caller's to check. */
export function parseLeader(bytes: Uint8Array, shape: LeaderShape): Leader {
  const reader = new ByteReader(bytes);
  const part = shape.multiPart ? reader.i32() : 0;
  const place: ChunkPlace = shape.tiled
    ? { kind: 'tile', tx: reader.i32(), ty: reader.i32(), lx: reader.i32(), ly: reader.i32() }
    : { kind: 'lines', y: reader.i32() };
  if (!shape.deep) return { part, place, payload: 4 + checkSize(BigInt(reader.i32())) };
  const table = checkSize(reader.u64());
  const samples = checkSize(reader.u64());
  checkSize(reader.u64());
  return { part, place, payload: 24 + table + samples };
}

/** The bytes before the payload in a file. */
export function writeCoordinates(part: number, place: ChunkPlace, { multiPart }: LeaderShape): Uint8Array {
  const writer = new ByteWriter();
  if (multiPart) writer.i32(part);
  if (place.kind === 'lines') writer.i32(place.y);
  else writer.i32(place.tx).i32(place.ty).i32(place.lx).i32(place.ly);
  return writer.done();
}

function checkSize(size: bigint): number {
  if (size < 0n || size > 0x7fffffffn) throw new ExrError('invalid', 'BAD_CHUNK_SIZE', `a chunk claims ${size} bytes`);
  return Number(size);
}
