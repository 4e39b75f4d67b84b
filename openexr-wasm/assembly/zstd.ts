// ZSTD of OpenEXR 3.5, the part before the zstd library: samples <-> the stream that is compressed
// (OpenEXRCore, internal_zstd.c). The library itself is a module of its own, see src/zstd/library.ts.
//
// The stream has a segment for the samples of two bytes and one for those of four; a kind without samples has none. A
// segment is its length in bytes (u64), then rows, line after line, in a line channel after channel in file order. Its
// bytes are shuffled over the whole segment: first the lowest byte of every sample, then the next one of every sample.
// Before that, rows of flat chunks may have become differences of neighbours (`delta`); the first sample stays as it is.

import { channelBytes, channelType, channelWidth, channelYSampling, checkTable, hasLine, sampleSize, startCursors } from './planes';
import { BAD_ARGUMENT, CORRUPT, OK, OUTPUT_FULL, OUT_OF_MEMORY } from './status';

/** Bytes before each segment: its length. */
const LENGTH_BYTES: usize = 8;

// The planes of the lowest bytes of both segments, the number of samples in each, and how many have been processed.
let halfPlanes: usize = 0;
let halfCount: usize = 0;
let halvesDone: usize = 0;
let wordPlanes: usize = 0;
let wordCount: usize = 0;
let wordsDone: usize = 0;

/** Bytes of the stream for the given bytes of samples of each kind. */
function streamBytes(halves: u64, words: u64): u64 {
  return halves + words + (halves > 0 ? LENGTH_BYTES : 0) + (words > 0 ? LENGTH_BYTES : 0);
}

function placeSegments(stream: usize, halves: usize, words: usize): void {
  halfPlanes = stream + LENGTH_BYTES;
  halfCount = halves >> 1;
  halvesDone = 0;
  wordPlanes = stream + (halves > 0 ? LENGTH_BYTES + halves : 0) + LENGTH_BYTES;
  wordCount = words >> 2;
  wordsDone = 0;
}

/** Finds the segments of a stream that should hold these bytes of samples. */
function openSegments(stream: usize, length: usize, halves: u64, words: u64): i32 {
  if (<u64>length != streamBytes(halves, words)) return CORRUPT;
  placeSegments(stream, <usize>halves, <usize>words);
  if (halves > 0 && load<u64>(halfPlanes - LENGTH_BYTES) != halves) return CORRUPT;
  if (words > 0 && load<u64>(wordPlanes - LENGTH_BYTES) != words) return CORRUPT;
  return OK;
}

/** Makes room for the segments of a stream and writes their lengths. */
function makeSegments(stream: usize, capacity: usize, halves: u64, words: u64): i32 {
  if (<u64>capacity < streamBytes(halves, words)) return OUTPUT_FULL;
  placeSegments(stream, <usize>halves, <usize>words);
  if (halves > 0) store<u64>(halfPlanes - LENGTH_BYTES, halves);
  if (words > 0) store<u64>(wordPlanes - LENGTH_BYTES, words);
  return OK;
}

/** The next row of a segment to `count` samples at `to`. */
function readRow(size: usize, count: usize, to: usize, delta: bool): void {
  if (size == 2) {
    readHalves(halfPlanes + halvesDone, halfCount, count, to, delta);
    halvesDone += count;
  } else {
    readWords(wordPlanes + wordsDone, wordCount, count, to, delta);
    wordsDone += count;
  }
}

/** `count` samples at `from` to the next row of a segment. */
function writeRow(size: usize, count: usize, from: usize, delta: bool): void {
  if (size == 2) {
    writeHalves(from, count, halfPlanes + halvesDone, halfCount, delta);
    halvesDone += count;
  } else {
    writeWords(from, count, wordPlanes + wordsDone, wordCount, delta);
    wordsDone += count;
  }
}

function readHalves(low: usize, plane: usize, count: usize, to: usize, delta: bool): void {
  const high = low + plane;
  let carry = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    const l = v128.load(low + i);
    const h = v128.load(high + i);
    let a = i8x16.shuffle(l, h, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let b = i8x16.shuffle(l, h, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    if (delta) {
      a = i16x8.add(sumHalves(a), carry);
      b = i16x8.add(sumHalves(b), i16x8.splat(i16x8.extract_lane_s(a, 7)));
      carry = i16x8.splat(i16x8.extract_lane_s(b, 7));
    }
    v128.store(to + 2 * i, a);
    v128.store(to + 2 * i, b, 16);
  }
  let before = <u32>i16x8.extract_lane_u(carry, 0);
  for (; i < count; ++i) {
    let value = <u32>load<u8>(low + i) | (<u32>load<u8>(high + i) << 8);
    if (delta) before = value = value + before;
    store<u16>(to + 2 * i, <u16>value);
  }
}

function readWords(low: usize, plane: usize, count: usize, to: usize, delta: bool): void {
  const second = low + plane;
  const third = second + plane;
  const high = third + plane;
  let carry = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    const p = v128.load(low + i);
    const q = v128.load(second + i);
    const r = v128.load(third + i);
    const s = v128.load(high + i);
    const pqLow = i8x16.shuffle(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const pqHigh = i8x16.shuffle(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const rsLow = i8x16.shuffle(r, s, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const rsHigh = i8x16.shuffle(r, s, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    let a = i8x16.shuffle(pqLow, rsLow, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    let b = i8x16.shuffle(pqLow, rsLow, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    let c = i8x16.shuffle(pqHigh, rsHigh, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    let d = i8x16.shuffle(pqHigh, rsHigh, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    if (delta) {
      a = i32x4.add(sumWords(a), carry);
      b = i32x4.add(sumWords(b), i32x4.splat(i32x4.extract_lane(a, 3)));
      c = i32x4.add(sumWords(c), i32x4.splat(i32x4.extract_lane(b, 3)));
      d = i32x4.add(sumWords(d), i32x4.splat(i32x4.extract_lane(c, 3)));
      carry = i32x4.splat(i32x4.extract_lane(d, 3));
    }
    v128.store(to + 4 * i, a);
    v128.store(to + 4 * i, b, 16);
    v128.store(to + 4 * i, c, 32);
    v128.store(to + 4 * i, d, 48);
  }
  let before = <u32>i32x4.extract_lane(carry, 0);
  for (; i < count; ++i) {
    let value = <u32>load<u8>(low + i) | (<u32>load<u8>(second + i) << 8);
    value |= (<u32>load<u8>(third + i) << 16) | (<u32>load<u8>(high + i) << 24);
    if (delta) before = value = value + before;
    store<u32>(to + 4 * i, value);
  }
}

/** Sums of 1 to 8 neighbours: lane i gets the sum of lanes 0 to i. */
function sumHalves(x: v128): v128 {
  const zero = i16x8.splat(0);
  x = i16x8.add(x, i8x16.shuffle(zero, x, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
  x = i16x8.add(x, i8x16.shuffle(zero, x, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  return i16x8.add(x, i8x16.shuffle(zero, x, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
}

/** Sums of 1 to 4 neighbours. */
function sumWords(x: v128): v128 {
  const zero = i32x4.splat(0);
  x = i32x4.add(x, i8x16.shuffle(zero, x, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  return i32x4.add(x, i8x16.shuffle(zero, x, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
}

function writeHalves(from: usize, count: usize, low: usize, plane: usize, delta: bool): void {
  const high = low + plane;
  let before = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    let a = v128.load(from + 2 * i);
    let b = v128.load(from + 2 * i, 16);
    if (delta) {
      const last = b;
      b = i16x8.sub(b, i8x16.shuffle(a, b, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
      a = i16x8.sub(a, i8x16.shuffle(before, a, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
      before = last;
    }
    v128.store(low + i, i8x16.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
    v128.store(high + i, i8x16.shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
  }
  let left = <u32>i16x8.extract_lane_u(before, 7);
  for (; i < count; ++i) {
    const sample = <u32>load<u16>(from + 2 * i);
    const value = delta ? sample - left : sample;
    left = sample;
    store<u8>(low + i, <u8>value);
    store<u8>(high + i, <u8>(value >> 8));
  }
}

function writeWords(from: usize, count: usize, low: usize, plane: usize, delta: bool): void {
  const second = low + plane;
  const third = second + plane;
  const high = third + plane;
  let before = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    let a = v128.load(from + 4 * i);
    let b = v128.load(from + 4 * i, 16);
    let c = v128.load(from + 4 * i, 32);
    let d = v128.load(from + 4 * i, 48);
    if (delta) {
      const last = d;
      d = i32x4.sub(d, leftWords(c, d));
      c = i32x4.sub(c, leftWords(b, c));
      b = i32x4.sub(b, leftWords(a, b));
      a = i32x4.sub(a, leftWords(before, a));
      before = last;
    }
    const ab = i8x16.shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const abHigh = i8x16.shuffle(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    const cd = i8x16.shuffle(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const cdHigh = i8x16.shuffle(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    v128.store(low + i, i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    v128.store(second + i, i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
    v128.store(third + i, i8x16.shuffle(abHigh, cdHigh, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    v128.store(high + i, i8x16.shuffle(abHigh, cdHigh, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  }
  let left = <u32>i32x4.extract_lane(before, 3);
  for (; i < count; ++i) {
    const sample = load<u32>(from + 4 * i);
    const value = delta ? sample - left : sample;
    left = sample;
    store<u8>(low + i, <u8>value);
    store<u8>(second + i, <u8>(value >> 8));
    store<u8>(third + i, <u8>(value >> 16));
    store<u8>(high + i, <u8>(value >> 24));
  }
}

/** Each lane's left neighbour, the first one's from the vector before. */
function leftWords(before: v128, x: v128): v128 {
  return i8x16.shuffle(before, x, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
}

/** Bytes of the samples that have two bytes, for a checked table. */
function halfBytes(table: usize, channels: i32): u64 {
  let bytes: u64 = 0;
  for (let c = 0; c < channels; ++c) {
    if (sampleSize(channelType(table, c)) == 2) bytes += channelBytes(table, c);
  }
  return bytes;
}

/** Unpacked stream of a flat chunk -> planar samples. */
export function zstdDecode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  delta: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, dstLen);
  if (status < 0) return status;
  const halves = halfBytes(table, channels);
  status = openSegments(src, srcLen, halves, <u64>dstLen - halves);
  if (status < 0) return status;
  return walkFlat(dst, table, channels, y, lines, delta != 0, false);
}

/** Planar samples -> the stream of a flat chunk, with differences. Returns its bytes. */
export function zstdEncode(
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
  const halves = halfBytes(table, channels);
  status = makeSegments(dst, dstCap, halves, <u64>srcLen - halves);
  if (status < 0) return status;
  status = walkFlat(src, table, channels, y, lines, true, true);
  return status < 0 ? status : <i32>streamBytes(halves, <u64>srcLen - halves);
}

/** All rows of a flat chunk, between the segments and planar samples. */
function walkFlat(planar: usize, table: usize, channels: i32, y: i32, lines: i32, delta: bool, write: bool): i32 {
  const cursors = startCursors(planar, table, channels);
  if (cursors == 0) return OUT_OF_MEMORY;
  for (let i = 0; i < lines; ++i) {
    for (let c = 0; c < channels; ++c) {
      if (!hasLine(y + i, channelYSampling(table, c))) continue;
      const size = sampleSize(channelType(table, c));
      const count = <usize>channelWidth(table, c);
      const cursor = cursors + ((<usize>c) << 2);
      const at = load<usize>(cursor);
      if (write) writeRow(size, count, at, delta);
      else readRow(size, count, at, delta);
      store<usize>(cursor, at + count * size);
    }
  }
  return OK;
}

/**
 * Unpacked stream -> `dstLen` bytes of rows as deep chunks have them: line after line, in a line channel after channel.
 * `sizes` are the bytes of a sample of each channel (u32: 2 or 4), `counts` the samples that each line has of every
 * channel (u32).
 */
export function zstdUnpackRows(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  sizes: usize,
  channels: i32,
  counts: usize,
  lines: i32,
  delta: i32,
): i32 {
  const halves = halfRowBytes(sizes, channels, counts, lines, dstLen);
  if (halves < 0) return BAD_ARGUMENT;
  const status = openSegments(src, srcLen, <u64>halves, <u64>dstLen - <u64>halves);
  if (status < 0) return status;
  walkRows(dst, sizes, channels, counts, lines, delta != 0, false);
  return OK;
}

/** The inverse, without differences, as OpenEXR has it for deep chunks. Returns the bytes written. */
export function zstdPackRows(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  sizes: usize,
  channels: i32,
  counts: usize,
  lines: i32,
): i32 {
  const halves = halfRowBytes(sizes, channels, counts, lines, srcLen);
  if (halves < 0) return BAD_ARGUMENT;
  const status = makeSegments(dst, dstCap, <u64>halves, <u64>srcLen - <u64>halves);
  if (status < 0) return status;
  walkRows(src, sizes, channels, counts, lines, false, true);
  return <i32>streamBytes(<u64>halves, <u64>srcLen - <u64>halves);
}

/** Bytes of the samples that have two bytes; -1 when all rows together do not have `total` bytes. */
function halfRowBytes(sizes: usize, channels: i32, counts: usize, lines: i32, total: usize): i64 {
  let samples: u64 = 0;
  for (let i = 0; i < lines; ++i) samples += load<u32>(counts + ((<usize>i) << 2));
  let halves: u64 = 0;
  let words: u64 = 0;
  for (let c = 0; c < channels; ++c) {
    const size = load<u32>(sizes + ((<usize>c) << 2));
    if (size == 2) halves += 2;
    else if (size == 4) words += 4;
    else return -1;
  }
  // Samples are fewer than 2^63 and channels fewer than 2^31, but not their product.
  if (halves + words > 0 && samples > <u64>total) return -1;
  return samples * (halves + words) == <u64>total ? <i64>(samples * halves) : -1;
}

function walkRows(rows: usize, sizes: usize, channels: i32, counts: usize, lines: i32, delta: bool, write: bool): void {
  for (let i = 0; i < lines; ++i) {
    const count = <usize>load<u32>(counts + ((<usize>i) << 2));
    for (let c = 0; c < channels; ++c) {
      const size = <usize>load<u32>(sizes + ((<usize>c) << 2));
      if (write) writeRow(size, count, rows, delta);
      else readRow(size, count, rows, delta);
      rows += count * size;
    }
  }
}
