// PXR24: floats are rounded to 24 bits, half and uint kept whole. Per line and channel, the differences between
// neighbouring samples are written as byte planes, most significant first, and all of it goes through zlib.

import { deflate } from './host';
import { inflate } from './deflate/inflate';
import { arenaAlloc } from './memory';
import {
  channelHeight,
  channelType,
  channelWidth,
  channelYSampling,
  checkTable,
  hasLine,
  lineBytes,
  startCursors,
  TYPE_FLOAT,
  TYPE_HALF,
} from './planes';
import { OK, OUT_OF_MEMORY, TRUNCATED } from './status';

/** Number of byte planes of a channel: the bytes of a sample that are deflated. */
function planesOf(type: u32): usize {
  if (type == TYPE_HALF) return 2;
  return type == TYPE_FLOAT ? 3 : 4;
}

/** Bytes of the whole chunk in byte planes. */
function planesSize(table: usize, channels: i32): usize {
  let size: usize = 0;
  for (let c = 0; c < channels; ++c) {
    size += <usize>channelWidth(table, c) * <usize>channelHeight(table, c) * planesOf(channelType(table, c));
  }
  return size;
}

/** PXR24 chunk -> planar samples. */
export function pxr24Decode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, dstLen);
  if (status < 0) return status;
  const size = planesSize(table, channels);
  const planes = arenaAlloc(size);
  const cursors = startCursors(dst, table, channels);
  if (planes == 0 || cursors == 0) return OUT_OF_MEMORY;
  const produced = inflate(src, srcLen, planes, size);
  if (produced < 0) return produced;
  if (<usize>produced != size) return TRUNCATED;

  let at = planes;
  for (let i = 0; i < lines; ++i) {
    for (let c = 0; c < channels; ++c) {
      if (!hasLine(y + i, channelYSampling(table, c))) continue;
      const cursor = cursors + ((<usize>c) << 2);
      const to = load<usize>(cursor);
      const n = <usize>channelWidth(table, c);
      const type = channelType(table, c);
      if (type == TYPE_HALF) joinHalf(at, n, to);
      else joinWord(at, n, to, type == TYPE_FLOAT);
      at += n * planesOf(type);
      store<usize>(cursor, to + lineBytes(table, c));
    }
  }
  return OK;
}

/** Planar samples -> PXR24 chunk at zlib `level`. Returns the bytes written. */
export function pxr24Encode(
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
  const status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  const size = planesSize(table, channels);
  const planes = arenaAlloc(size);
  const cursors = startCursors(src, table, channels);
  if (planes == 0 || cursors == 0) return OUT_OF_MEMORY;

  let at = planes;
  for (let i = 0; i < lines; ++i) {
    for (let c = 0; c < channels; ++c) {
      if (!hasLine(y + i, channelYSampling(table, c))) continue;
      const cursor = cursors + ((<usize>c) << 2);
      const from = load<usize>(cursor);
      const n = <usize>channelWidth(table, c);
      const type = channelType(table, c);
      if (type == TYPE_HALF) splitHalf(from, n, at);
      else if (type == TYPE_FLOAT) splitFloat(from, n, at);
      else splitUint(from, n, at);
      at += n * planesOf(type);
      store<usize>(cursor, from + lineBytes(table, c));
    }
  }
  return deflate(planes, size, dst, dstCap, level);
}

/** Two byte planes of `n` differences -> `n` halves. */
function joinHalf(planes: usize, n: usize, to: usize): void {
  const low = planes + n;
  let carry = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 8 <= n; i += 8) {
    const h = v128.load64_zero(planes + i);
    const l = v128.load64_zero(low + i);
    let x = i8x16.shuffle(l, h, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    x = i16x8.add(x, i64x2.shl(x, 16));
    x = i16x8.add(x, i64x2.shl(x, 32));
    // The sum of the low four lanes goes to all the high ones (index 128 selects zero).
    x = i16x8.add(x, i8x16.swizzle(x, i8x16(-128, -128, -128, -128, -128, -128, -128, -128, 6, 7, 6, 7, 6, 7, 6, 7)));
    x = i16x8.add(x, carry);
    carry = i16x8.shuffle(x, x, 7, 7, 7, 7, 7, 7, 7, 7);
    v128.store(to + 2 * i, x);
  }
  let sample = <u32>i16x8.extract_lane_u(carry, 0);
  for (; i < n; ++i) {
    sample += ((<u32>load<u8>(planes + i)) << 8) | <u32>load<u8>(low + i);
    store<u16>(to + 2 * i, <u16>sample);
  }
}

/** Four (uint) or three (float) byte planes of `n` differences -> `n` 32-bit samples; a float's low byte is 0. */
function joinWord(planes: usize, n: usize, to: usize, isFloat: bool): void {
  const p1 = planes + n;
  const p2 = p1 + n;
  const p3 = p2 + n;
  let carry = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const b3 = v128.load(planes + i);
    const b2 = v128.load(p1 + i);
    const b1 = v128.load(p2 + i);
    const b0 = isFloat ? i32x4.splat(0) : v128.load(p3 + i);
    const low = i8x16.shuffle(b0, b1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const lowHigh = i8x16.shuffle(b0, b1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const high = i8x16.shuffle(b2, b3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const highHigh = i8x16.shuffle(b2, b3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const x0 = i32x4.add(prefixSum32(i16x8.shuffle(low, high, 0, 8, 1, 9, 2, 10, 3, 11)), carry);
    const x1 = i32x4.add(prefixSum32(i16x8.shuffle(low, high, 4, 12, 5, 13, 6, 14, 7, 15)), lastLane(x0));
    const x2 = i32x4.add(prefixSum32(i16x8.shuffle(lowHigh, highHigh, 0, 8, 1, 9, 2, 10, 3, 11)), lastLane(x1));
    const x3 = i32x4.add(prefixSum32(i16x8.shuffle(lowHigh, highHigh, 4, 12, 5, 13, 6, 14, 7, 15)), lastLane(x2));
    carry = lastLane(x3);
    v128.store(to + 4 * i, x0);
    v128.store(to + 4 * i, x1, 16);
    v128.store(to + 4 * i, x2, 32);
    v128.store(to + 4 * i, x3, 48);
  }
  let sample = i32x4.extract_lane(carry, 0);
  for (; i < n; ++i) {
    let difference =
      ((<i32>load<u8>(planes + i)) << 24) | ((<i32>load<u8>(p1 + i)) << 16) | ((<i32>load<u8>(p2 + i)) << 8);
    if (!isFloat) difference |= <i32>load<u8>(p3 + i);
    sample += difference;
    store<i32>(to + 4 * i, sample);
  }
}

function lastLane(x: v128): v128 {
  return i32x4.shuffle(x, x, 3, 3, 3, 3);
}

/** Lane i gets the sum of lanes 0 to i. */
function prefixSum32(x: v128): v128 {
  const zero = i32x4.splat(0);
  x = i32x4.add(x, i32x4.shuffle(zero, x, 0, 4, 5, 6));
  return i32x4.add(x, i32x4.shuffle(zero, x, 0, 1, 4, 5));
}

/** `n` halves -> two byte planes of their differences. */
function splitHalf(from: usize, n: usize, planes: usize): void {
  const low = planes + n;
  let before = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const x0 = v128.load(from + 2 * i);
    const x1 = v128.load(from + 2 * i, 16);
    const d0 = i16x8.sub(x0, i16x8.shuffle(before, x0, 7, 8, 9, 10, 11, 12, 13, 14));
    const d1 = i16x8.sub(x1, i16x8.shuffle(x0, x1, 7, 8, 9, 10, 11, 12, 13, 14));
    before = x1;
    v128.store(planes + i, i8x16.shuffle(d0, d1, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
    v128.store(low + i, i8x16.shuffle(d0, d1, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
  }
  let previous = <u32>i16x8.extract_lane_u(before, 7);
  for (; i < n; ++i) {
    const sample = <u32>load<u16>(from + 2 * i);
    const difference = sample - previous;
    previous = sample;
    store<u8>(planes + i, <u8>(difference >> 8));
    store<u8>(low + i, <u8>difference);
  }
}

/** `n` floats -> three byte planes of the differences of their 24-bit forms. */
function splitFloat(from: usize, n: usize, planes: usize): void {
  const p1 = planes + n;
  const p2 = p1 + n;
  let before = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const x0 = floatsTo24(v128.load(from + 4 * i));
    const x1 = floatsTo24(v128.load(from + 4 * i, 16));
    const x2 = floatsTo24(v128.load(from + 4 * i, 32));
    const x3 = floatsTo24(v128.load(from + 4 * i, 48));
    const d0 = i32x4.sub(x0, i32x4.shuffle(before, x0, 3, 4, 5, 6));
    const d1 = i32x4.sub(x1, i32x4.shuffle(x0, x1, 3, 4, 5, 6));
    const d2 = i32x4.sub(x2, i32x4.shuffle(x1, x2, 3, 4, 5, 6));
    const d3 = i32x4.sub(x3, i32x4.shuffle(x2, x3, 3, 4, 5, 6));
    before = x3;
    // Bytes 2 and 1 of each difference, then bytes 0, side by side.
    const top0 = i8x16.shuffle(d0, d1, 2, 6, 10, 14, 18, 22, 26, 30, 1, 5, 9, 13, 17, 21, 25, 29);
    const top1 = i8x16.shuffle(d2, d3, 2, 6, 10, 14, 18, 22, 26, 30, 1, 5, 9, 13, 17, 21, 25, 29);
    const low0 = i8x16.shuffle(d0, d1, 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
    const low1 = i8x16.shuffle(d2, d3, 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
    v128.store(planes + i, i64x2.shuffle(top0, top1, 0, 2));
    v128.store(p1 + i, i64x2.shuffle(top0, top1, 1, 3));
    v128.store(p2 + i, i64x2.shuffle(low0, low1, 0, 2));
  }
  let previous = <u32>i32x4.extract_lane(before, 3);
  for (; i < n; ++i) {
    const sample = <u32>i32x4.extract_lane(floatsTo24(i32x4.splat(load<i32>(from + 4 * i))), 0);
    const difference = sample - previous;
    previous = sample;
    store<u8>(planes + i, <u8>(difference >> 16));
    store<u8>(p1 + i, <u8>(difference >> 8));
    store<u8>(p2 + i, <u8>difference);
  }
}

/**
 * Floats -> 24 bits: the significand rounded to 15 bits, half up. Values that would round to infinity are truncated
 * instead, and a NaN never becomes an infinity.
 */
function floatsTo24(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7fffffff));
  const infinity = i32x4.splat(0x7f8000);
  const rounded = i32x4.shr_u(i32x4.add(magnitude, v128.and(x, i32x4.splat(0x80))), 8);
  const cut = i32x4.shr_u(magnitude, 8);
  let result = v128.bitselect(cut, rounded, i32x4.ge_u(rounded, infinity));
  const emptyNan = v128.and(i32x4.gt_u(magnitude, i32x4.splat(0x7f800000)), i32x4.eq(cut, infinity));
  result = v128.or(result, v128.and(emptyNan, i32x4.splat(1)));
  return v128.or(result, i32x4.shr_u(v128.and(x, i32x4.splat(0x80000000)), 8));
}

/** `n` uints -> four byte planes of their differences. */
function splitUint(from: usize, n: usize, planes: usize): void {
  const p1 = planes + n;
  const p2 = p1 + n;
  const p3 = p2 + n;
  let previous: u32 = 0;
  for (let i: usize = 0; i < n; ++i) {
    const sample = load<u32>(from + 4 * i);
    const difference = sample - previous;
    previous = sample;
    store<u8>(planes + i, <u8>(difference >> 24));
    store<u8>(p1 + i, <u8>(difference >> 16));
    store<u8>(p2 + i, <u8>(difference >> 8));
    store<u8>(p3 + i, <u8>difference);
  }
}
