// B44 and B44A: half channels in blocks of 4 x 4 samples, packed into 14 bytes, or into 3 when all are equal (an
// encoder does that for B44A only; a decoder takes both). uint and float channels are stored as they are. Channel
// after channel, block rows from the top, blocks from the left; blocks at the right and lower edge are padded by
// repeating the last column and row.
//
// A packed block: 16 bits, big-endian, the first sample as an ordered integer (see toOrdered); then sixteen 6-bit
// fields, high bits first: `shift` and r[0] ... r[14]. Each r is the difference of two neighbours, shifted right by
// `shift` and biased by 32: r[0..2] run down the first column, r[3..6], r[7..10] and r[11..14] lead from each column
// to the next, one per row. A third byte of 13 << 2 or more marks a flat block.

import { b44ExpTable, b44LogTable } from './b44tables';
import {
  channelBytes,
  channelHeight,
  channelLinear,
  channelOffset,
  channelType,
  channelWidth,
  checkTable,
  TYPE_HALF,
} from './planes';
import { CORRUPT, OK, OUTPUT_FULL, TRUNCATED } from './status';

const PACKED_BLOCK: usize = 14;
const FLAT_BLOCK: usize = 3;
const BIAS: i16 = 0x20;

/** First value of the third byte that cannot belong to a 14-byte block: shifts go up to 12. */
const FLAT_MARK: u8 = 13 << 2;
const FLAT_MARK_WRITTEN: u8 = 0xfc;

/** One unpacked block that is mapped or cut before it goes to its place: rows of four halves from the top. */
const block: usize = memory.data(32, 16);
const BLOCK_PITCH: usize = 8;

/** Room for one packed block where the output has less. */
const spare: usize = memory.data(16, 16);

/** B44 or B44A chunk -> planar samples. */
export function b44Decode(
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
  const srcEnd = src + srcLen;
  for (let c = 0; c < channels; ++c) {
    const to = dst + channelOffset(table, c);
    if (channelType(table, c) != TYPE_HALF) {
      const bytes = <usize>channelBytes(table, c);
      if (srcEnd - src < bytes) return TRUNCATED;
      memory.copy(to, src, bytes);
      src += bytes;
      continue;
    }
    const toLinear = channelLinear(table, c) ? b44LogTable() : 0;
    const width = <usize>channelWidth(table, c);
    const height = <usize>channelHeight(table, c);
    for (let row: usize = 0; row < height; row += 4) {
      for (let column: usize = 0; column < width; column += 4) {
        if (srcEnd - src < FLAT_BLOCK) return TRUNCATED;
        const at = to + 2 * (row * width + column);
        // Whole blocks go straight to their place, others through `block`.
        const direct = toLinear == 0 && height - row >= 4 && width - column >= 4;
        const target = direct ? at : block;
        const pitch: usize = direct ? width << 1 : BLOCK_PITCH;
        if (load<u8>(src, 2) >= FLAT_MARK) {
          unpackFlat(src, target, pitch);
          src += FLAT_BLOCK;
        } else {
          if (srcEnd - src < PACKED_BLOCK) return TRUNCATED;
          unpackBlock(src, target, pitch);
          src += PACKED_BLOCK;
        }
        if (direct) continue;
        if (toLinear) mapBlock(toLinear);
        storeBlock(at, width, min(height - row, 4), min(width - column, 4));
      }
    }
  }
  return src == srcEnd ? OK : CORRUPT;
}

/** Unpacks the 14 bytes at `src` to rows `pitch` bytes apart. Loads 16 bytes, which the guard of the arena allows. */
function unpackBlock(src: usize, to: usize, pitch: usize): void {
  const packed = v128.load(src);
  const first = ((<u32>load<u8>(src)) << 8) | <u32>load<u8>(src, 1);
  const shift = <i32>(load<u8>(src, 2) >> 2);
  // The fields come in groups of four in three bytes: bring the 16 bits around each into a lane, multiply its bits to
  // the top, shift them down.
  const scale = i16x8(1, 64, 16, 1024, 1, 64, 16, 1024);
  let r0 = i8x16.swizzle(packed, i8x16(3, 2, 3, 2, 4, 3, 4, 3, 6, 5, 6, 5, 7, 6, 7, 6));
  let r1 = i8x16.swizzle(packed, i8x16(9, 8, 9, 8, 10, 9, 10, 9, 12, 11, 12, 11, 13, 12, 13, 12));
  const bias = i16x8.splat(BIAS);
  r0 = i16x8.shl(i16x8.sub(i16x8.shr_u(i16x8.mul(r0, scale), 10), bias), shift);
  r1 = i16x8.shl(i16x8.sub(i16x8.shr_u(i16x8.mul(r1, scale), 10), bias), shift);
  // Columns, in the low four lanes: the first is a running sum from the first sample down.
  let c0 = i16x8.replace_lane(r0, 0, <i16>first);
  c0 = i16x8.add(c0, i64x2.shl(c0, 16));
  c0 = i16x8.add(c0, i64x2.shl(c0, 32));
  const c1 = i16x8.add(c0, i64x2.shuffle(r0, r0, 1, 1));
  const c2 = i16x8.add(c1, r1);
  const c3 = i16x8.add(c2, i64x2.shuffle(r1, r1, 1, 1));
  const left = i16x8.shuffle(c0, c1, 0, 8, 1, 9, 2, 10, 3, 11);
  const right = i16x8.shuffle(c2, c3, 0, 8, 1, 9, 2, 10, 3, 11);
  const upper = fromOrdered(i32x4.shuffle(left, right, 0, 4, 1, 5));
  const lower = fromOrdered(i32x4.shuffle(left, right, 2, 6, 3, 7));
  v128.store64_lane(to, upper, 0);
  v128.store64_lane(to + pitch, upper, 1);
  v128.store64_lane(to + 2 * pitch, lower, 0);
  v128.store64_lane(to + 3 * pitch, lower, 1);
}

/** Unpacks the 3 bytes at `src` to rows `pitch` bytes apart. */
function unpackFlat(src: usize, to: usize, pitch: usize): void {
  const value = fromOrdered(i16x8.splat(<i16>(((<u32>load<u8>(src)) << 8) | <u32>load<u8>(src, 1))));
  for (let r: usize = 0; r < 4; ++r) v128.store64_lane(to + r * pitch, value, 0);
}

/** Ordered integers -> halves: the inverse of toOrdered. */
function fromOrdered(t: v128): v128 {
  const positive = i16x8.shr_s(t, 15);
  return v128.bitselect(v128.and(t, i16x8.splat(0x7fff)), v128.not(t), positive);
}

/** Replaces the 16 samples of `block` by their entries in a table of all halves. */
function mapBlock(table: usize): void {
  for (let i: usize = 0; i < 32; i += 2) {
    store<u16>(block + i, load<u16>(table + 2 * <usize>load<u16>(block + i)));
  }
}

/** Copies the upper left `rows` x `columns` samples of `block` into a plane `width` samples wide. */
function storeBlock(to: usize, width: usize, rows: usize, columns: usize): void {
  for (let r: usize = 0; r < rows; ++r) {
    const line = to + 2 * r * width;
    for (let c: usize = 0; c < columns; ++c) store<u16>(line + 2 * c, load<u16>(block + BLOCK_PITCH * r + 2 * c));
  }
}

/** Planar samples -> B44 chunk, or B44A when `flat` is not 0. Returns the bytes written. */
export function b44Encode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  flat: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  const dstStart = dst;
  const dstEnd = dst + dstCap;
  for (let c = 0; c < channels; ++c) {
    const from = src + channelOffset(table, c);
    if (channelType(table, c) != TYPE_HALF) {
      const bytes = <usize>channelBytes(table, c);
      if (dstEnd - dst < bytes) return OUTPUT_FULL;
      memory.copy(dst, from, bytes);
      dst += bytes;
      continue;
    }
    const linear = channelLinear(table, c);
    const fromLinear = linear ? b44ExpTable() : 0;
    const width = <usize>channelWidth(table, c);
    const height = <usize>channelHeight(table, c);
    for (let row: usize = 0; row < height; row += 4) {
      for (let column: usize = 0; column < width; column += 4) {
        const at = from + 2 * (row * width + column);
        const direct = fromLinear == 0 && height - row >= 4 && width - column >= 4;
        if (!direct) {
          loadBlock(at, width, min(height - row, 4), min(width - column, 4));
          if (fromLinear) mapBlock(fromLinear);
        }
        const source = direct ? at : block;
        const pitch: usize = direct ? width << 1 : BLOCK_PITCH;
        if (dstEnd - dst < PACKED_BLOCK) {
          // Perhaps there is room for a flat block: pack aside.
          const bytes = packBlock(source, pitch, spare, flat != 0, !linear);
          if (dstEnd - dst < bytes) return OUTPUT_FULL;
          memory.copy(dst, spare, bytes);
          dst += bytes;
        } else {
          dst += packBlock(source, pitch, dst, flat != 0, !linear);
        }
      }
    }
  }
  return <i32>(dst - dstStart);
}

/** Copies `rows` x `columns` samples of a plane `width` samples wide into `block`, repeating the last ones. */
function loadBlock(from: usize, width: usize, rows: usize, columns: usize): void {
  for (let r: usize = 0; r < 4; ++r) {
    const line = from + 2 * min(r, rows - 1) * width;
    const to = block + BLOCK_PITCH * r;
    for (let c: usize = 0; c < 4; ++c) store<u16>(to + 2 * c, load<u16>(line + 2 * min(c, columns - 1)));
  }
}

/**
 * Halves -> 16-bit unsigned integers in the order of the values they stand for: 0x8000 is +0, 0x7fff is -0.
 * Infinities and NaNs, which would stretch the range of a block, become +0.
 */
function toOrdered(s: v128): v128 {
  const negative = i16x8.shr_s(s, 15);
  const ordered = v128.bitselect(v128.not(s), v128.or(s, i16x8.splat(<i16>0x8000)), negative);
  const exponent = i16x8.splat(0x7c00);
  return v128.bitselect(i16x8.splat(<i16>0x8000), ordered, i16x8.eq(v128.and(s, exponent), exponent));
}

/** x / 2^shift per lane of unsigned 16 bits, rounded to the nearest, ties to even. */
function shiftAndRound(x: v128, shift: i32): v128 {
  if (shift == 0) return x;
  const odd = v128.and(i16x8.shr_u(x, shift), i16x8.splat(1));
  // x is at most 0xf7ff and shift at most 12, so that the sum does not leave 16 bits.
  const tie: i32 = 1 << (shift - 1);
  const below = i16x8.splat(<i16>(tie - 1));
  return i16x8.shr_u(i16x8.add(i16x8.add(x, below), odd), shift);
}

/** The largest of the eight unsigned lanes, in every lane. */
function maxOfLanes(x: v128): v128 {
  x = i16x8.max_u(x, i16x8.shuffle(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
  x = i16x8.max_u(x, i16x8.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
  return i16x8.max_u(x, i16x8.shuffle(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
}

/** Distance of each pair of unsigned lanes. */
function distance(a: v128, b: v128): v128 {
  return i16x8.sub(i16x8.max_u(a, b), i16x8.min_u(a, b));
}

/** Each lane's right neighbour in its row of four; the last lane of a row stays itself. */
function rightNeighbour(x: v128): v128 {
  return i16x8.shuffle(x, x, 1, 2, 3, 3, 5, 6, 7, 7);
}

/**
 * A shift that the block cannot go below, given its distances from the maximum. With the largest difference D of two
 * neighbours, rounding leaves at least D / 2^shift - 1, which must not exceed 32. So 2^shift >= D / 33, and D >= 2^k
 * gives shift >= k - 5.
 */
function lowestShift(e0: v128, e1: v128): i32 {
  const down = i16x8.max_u(distance(e0, i64x2.shuffle(e0, e1, 1, 2)), distance(e1, i64x2.shuffle(e1, e1, 1, 1)));
  const across = i16x8.max_u(distance(e0, rightNeighbour(e0)), distance(e1, rightNeighbour(e1)));
  // `down` takes in columns whose vertical differences do not count: they must not raise the bound.
  const counted = i16x8.max_u(v128.and(down, i16x8(-1, 0, 0, 0, -1, 0, 0, 0)), across);
  const largest = <u32>i16x8.extract_lane_u(maxOfLanes(counted), 0);
  return max(0, 26 - <i32>clz(largest | 1));
}

/**
 * Packs the four rows at `from`, `pitch` bytes apart, to `dst` and returns the size, 14 or (with `flat`, for equal
 * samples) 3. With `exactMax` the first sample is adjusted so that the largest one is met as closely as the shift
 * allows.
 */
function packBlock(from: usize, pitch: usize, dst: usize, flat: bool, exactMax: bool): usize {
  const t0 = toOrdered(v128.load64_lane(from + pitch, v128.load64_zero(from), 1));
  const t1 = toOrdered(v128.load64_lane(from + 3 * pitch, v128.load64_zero(from + 2 * pitch), 1));
  const tMax = maxOfLanes(i16x8.max_u(t0, t1));
  const e0 = i16x8.sub(tMax, t0);
  const e1 = i16x8.sub(tMax, t1);

  const bias = i16x8.splat(BIAS);
  let shift = lowestShift(e0, e1);
  let down: v128;
  let across0: v128;
  let across1: v128;
  let d0: v128;
  // The smallest shift that brings all fifteen differences into 6 bits.
  while (true) {
    d0 = shiftAndRound(e0, shift);
    const d1 = shiftAndRound(e1, shift);
    // Row above minus row below (first column counts), and left minus right (three of four columns count).
    down = i16x8.sub(d0, i64x2.shuffle(d0, d1, 1, 2));
    across0 = i16x8.sub(d0, rightNeighbour(d0));
    across1 = i16x8.sub(d1, rightNeighbour(d1));
    down = i16x8.add(i16x8.shuffle(down, i16x8.sub(d1, i64x2.shuffle(d1, d1, 1, 1)), 0, 4, 8, 8, 0, 4, 8, 8), bias);
    across0 = i16x8.add(across0, bias);
    across1 = i16x8.add(across1, bias);
    // Biased differences are wanted in 0 .. 63; as unsigned numbers negative ones are large.
    const largest = i16x8.max_u(down, i16x8.max_u(across0, across1));
    if (!v128.any_true(i16x8.gt_u(largest, i16x8.splat(63)))) break;
    ++shift;
  }

  if (flat) {
    const uneven = v128.or(v128.xor(down, bias), v128.or(v128.xor(across0, bias), v128.xor(across1, bias)));
    if (!v128.any_true(uneven)) {
      const value = <u32>i16x8.extract_lane_u(t0, 0);
      store<u8>(dst, <u8>(value >> 8));
      store<u8>(dst, <u8>value, 1);
      store<u8>(dst, FLAT_MARK_WRITTEN, 2);
      return FLAT_BLOCK;
    }
  }

  let first = <u32>i16x8.extract_lane_u(t0, 0);
  if (exactMax) first = <u32>i16x8.extract_lane_u(tMax, 0) - ((<u32>i16x8.extract_lane_u(d0, 0)) << shift);
  store<u16>(dst, bswap<u16>(<u16>first));

  // Fields in their order: shift, r[0..2] | r[3..6], then r[7..10] | r[11..14]. The r of a column gap are lane k of
  // every row.
  const gap0 = i16x8.shuffle(across0, across1, 0, 4, 8, 12, 1, 5, 9, 13);
  const gap2 = i16x8.shuffle(across0, across1, 2, 6, 10, 14, 2, 6, 10, 14);
  const head = i16x8.replace_lane(i16x8.shuffle(down, down, 0, 0, 1, 2, 0, 0, 1, 2), 0, <i16>shift);
  const r0 = i64x2.shuffle(head, gap0, 0, 2);
  const r1 = i64x2.shuffle(gap0, gap2, 1, 2);
  // Two fields to 12 bits by multiply-add, then two of those to 24.
  const join = i16x8(64, 1, 64, 1, 64, 1, 64, 1);
  const q0 = i32x4.dot_i16x8_s(r0, join);
  const q1 = i32x4.dot_i16x8_s(r1, join);
  store24(dst + 2, (i32x4.extract_lane(q0, 0) << 12) | i32x4.extract_lane(q0, 1));
  store24(dst + 5, (i32x4.extract_lane(q0, 2) << 12) | i32x4.extract_lane(q0, 3));
  store24(dst + 8, (i32x4.extract_lane(q1, 0) << 12) | i32x4.extract_lane(q1, 1));
  store24(dst + 11, (i32x4.extract_lane(q1, 2) << 12) | i32x4.extract_lane(q1, 3));
  return PACKED_BLOCK;
}

function store24(to: usize, bits: i32): void {
  store<u8>(to, <u8>(bits >> 16));
  store<u16>(to, bswap<u16>(<u16>bits), 1);
}
