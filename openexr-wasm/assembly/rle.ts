// RLE: the predictor, then byte runs. A run starts with a signed count byte n: n >= 0 repeats the next byte n + 1
// times, n < 0 is followed by -n bytes as they are.

import { arenaAlloc } from './memory';
import { checkTable, planarToRaw, rawToPlanar } from './planes';
import { predict, unpredict } from './predictor';
import { OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED } from './status';

const MIN_RUN: usize = 3;
/** Bytes of the longest repeat; the longest literal run is one shorter. */
const MAX_REPEAT: usize = 128;
const MAX_LITERAL: usize = 127;

/**
 * Runs -> exactly `dstLen` bytes. Writes up to 15 bytes past a run, which stay inside the guard that every arena
 * allocation has.
 */
export function rleExpand(src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  const srcEnd = src + srcLen;
  const dstEnd = dst + dstLen;
  while (src < srcEnd) {
    const n = <i32>load<i8>(src++);
    if (n < 0) {
      const count = <usize>-n;
      if (count > srcEnd - src) return TRUNCATED;
      if (count > dstEnd - dst) return OUTPUT_FULL;
      for (let i: usize = 0; i < count; i += 16) v128.store(dst + i, v128.load(src + i));
      src += count;
      dst += count;
    } else {
      const count = <usize>n + 1;
      if (src == srcEnd) return TRUNCATED;
      if (count > dstEnd - dst) return OUTPUT_FULL;
      const value = v128.load8_splat(src++);
      for (let i: usize = 0; i < count; i += 16) v128.store(dst + i, value);
      dst += count;
    }
  }
  return dst == dstEnd ? OK : TRUNCATED;
}

/**
 * Bytes -> runs, cut exactly where OpenEXR cuts them: a repeat needs 3 equal bytes, a literal run stops in front of
 * 3 equal ones. Returns the bytes written, or OUTPUT_FULL.
 */
export function rleCollapse(src: usize, srcLen: usize, dst: usize, dstCap: usize): i32 {
  const srcEnd = src + srcLen;
  const dstStart = dst;
  const dstEnd = dst + dstCap;
  while (src < srcEnd) {
    const repeat = repeatLength(src, srcEnd);
    if (repeat >= MIN_RUN) {
      if (dstEnd - dst < 2) return OUTPUT_FULL;
      store<u8>(dst, <u8>(repeat - 1));
      store<u8>(dst, load<u8>(src), 1);
      dst += 2;
      src += repeat;
    } else {
      const literal = literalLength(src, srcEnd, repeat);
      if (dstEnd - dst < literal + 1) return OUTPUT_FULL;
      store<i8>(dst, <i8>-(<i32>literal));
      memcpySmall(dst + 1, src, literal);
      dst += literal + 1;
      src += literal;
    }
  }
  return <i32>(dst - dstStart);
}

/** How often the byte at `src` is repeated there, up to MAX_REPEAT. */
function repeatLength(src: usize, srcEnd: usize): usize {
  const limit = min(srcEnd, src + MAX_REPEAT);
  const value = load<u8>(src);
  const values = i8x16.splat(<i8>value);
  let end = src + 1;
  while (end + 16 <= limit) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(end), values));
    if (mask != 0xffff) return end + <usize>ctz(~mask) - src;
    end += 16;
  }
  while (end < limit && load<u8>(end) == value) ++end;
  return end - src;
}

/** Length of the literal run at `src`, whose first `known` bytes are known to belong to it. */
function literalLength(src: usize, srcEnd: usize, known: usize): usize {
  const limit = min(srcEnd, src + MAX_LITERAL);
  let end = src + known;
  // Look for three equal bytes 16 positions at a time while no load can pass the end.
  while (end + 18 <= srcEnd && end < limit) {
    const here = v128.load(end);
    const next = v128.load(end, 1);
    const triple = v128.and(i8x16.eq(here, next), i8x16.eq(next, v128.load(end, 2)));
    const mask = i8x16.bitmask(triple);
    if (mask != 0) return min(limit, end + <usize>ctz(mask)) - src;
    end += 16;
  }
  while (end < limit && !(end + 2 < srcEnd && load<u8>(end) == load<u8>(end, 1) && load<u8>(end) == load<u8>(end, 2))) {
    ++end;
  }
  return min(limit, end) - src;
}

/** A copy of at most MAX_LITERAL bytes that writes nothing past them (the next run may not fit there). */
function memcpySmall(to: usize, from: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < count; ++i) store<u8>(to + i, load<u8>(from + i));
}

/** Runs -> `dstLen` opaque bytes. */
export function rleUnpack(src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  const predicted = arenaAlloc(dstLen);
  if (predicted == 0) return OUT_OF_MEMORY;
  const status = rleExpand(src, srcLen, predicted, dstLen);
  if (status < 0) return status;
  unpredict(predicted, dstLen, dst);
  return OK;
}

/** Opaque bytes -> runs. Returns the bytes written. */
export function rlePack(src: usize, srcLen: usize, dst: usize, dstCap: usize): i32 {
  const predicted = arenaAlloc(srcLen);
  if (predicted == 0) return OUT_OF_MEMORY;
  predict(src, srcLen, predicted);
  return rleCollapse(predicted, srcLen, dst, dstCap);
}

/** RLE chunk -> planar samples. */
export function rleDecode(
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
  if (channels == 1 || lines == 1) return rleUnpack(src, srcLen, dst, dstLen);
  const raw = arenaAlloc(dstLen);
  if (raw == 0) return OUT_OF_MEMORY;
  status = rleUnpack(src, srcLen, raw, dstLen);
  if (status < 0) return status;
  return rawToPlanar(raw, dst, table, channels, y, lines);
}

/** Planar samples -> RLE chunk. Returns the bytes written. */
export function rleEncode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  if (channels == 1 || lines == 1) return rlePack(src, srcLen, dst, dstCap);
  const raw = arenaAlloc(srcLen);
  if (raw == 0) return OUT_OF_MEMORY;
  status = planarToRaw(src, raw, table, channels, y, lines);
  if (status < 0) return status;
  return rlePack(raw, srcLen, dst, dstCap);
}
