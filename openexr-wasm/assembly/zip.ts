// ZIPS and ZIP: the predictor, then a zlib stream. They differ only in the lines per chunk. The host deflates.

import { deflate } from './host';
import { inflate } from './deflate/inflate';
import { arenaAlloc } from './memory';
import { checkTable, planarToRaw, rawToPlanar } from './planes';
import { predict, unpredict } from './predictor';
import { OK, OUT_OF_MEMORY, TRUNCATED } from './status';

/** Zlib stream -> `dstLen` opaque bytes. */
export function zipUnpack(src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  const predicted = arenaAlloc(dstLen);
  return predicted == 0 ? OUT_OF_MEMORY : unpackBy(predicted, src, srcLen, dst, dstLen);
}

/** The same, with `dstLen` bytes of scratch at `predicted` for the inflated bytes. */
function unpackBy(predicted: usize, src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  const produced = inflate(src, srcLen, predicted, dstLen);
  if (produced < 0) return produced;
  if (<usize>produced != dstLen) return TRUNCATED;
  unpredict(predicted, dstLen, dst);
  return OK;
}

/** Opaque bytes -> zlib stream at `level` 1 to 9. Returns the bytes written. */
export function zipPack(src: usize, srcLen: usize, dst: usize, dstCap: usize, level: i32): i32 {
  const predicted = arenaAlloc(srcLen);
  if (predicted == 0) return OUT_OF_MEMORY;
  predict(src, srcLen, predicted);
  return deflate(predicted, srcLen, dst, dstCap, level);
}

/** ZIPS or ZIP chunk -> planar samples. */
export function zipDecode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, dstLen);
  if (status < 0) return status;
  // The raw form of a single channel, or of a single line, is planar already.
  if (channels == 1 || lines == 1) return zipUnpack(src, srcLen, dst, dstLen);
  const raw = arenaAlloc(dstLen);
  if (raw == 0) return OUT_OF_MEMORY;
  // The samples' place is free until they are written, so it serves as scratch.
  status = unpackBy(dst, src, srcLen, raw, dstLen);
  if (status < 0) return status;
  return rawToPlanar(raw, dst, table, channels, y, lines);
}

/** Planar samples -> ZIPS or ZIP chunk at zlib `level`. Returns the bytes written. */
export function zipEncode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  level: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  if (channels == 1 || lines == 1) return zipPack(src, srcLen, dst, dstCap, level);
  const raw = arenaAlloc(srcLen);
  if (raw == 0) return OUT_OF_MEMORY;
  status = planarToRaw(src, raw, table, channels, y, lines);
  if (status < 0) return status;
  return zipPack(raw, srcLen, dst, dstCap, level);
}
