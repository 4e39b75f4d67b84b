// PIZ chunks (facts from OpenEXR's ImfPizCompressor.cpp): the 16-bit values that occur are renumbered without gaps,
// wavelet-transformed channel by channel, and Huffman-coded.
//
// Chunk (integers little-endian):
//   u16 minNonZero, u16 maxNonZero    first and last non-zero byte of the bitmap of values in use
//   bitmap[min..max]                  absent if min > max; bit v & 7 of byte v >> 3 stands for value v. Bit 0 is not
//                                     stored: value 0 always counts as in use
//   u32 length                        bytes of the Huffman stream
//   Huffman stream                    the channels, one after the other: exactly our planar layout. 32-bit samples are
//                                     two 16-bit values each, the low half first

import { arenaAlloc } from './memory';
import {
  channelBytes,
  channelHeight,
  channelOffset,
  channelType,
  channelWidth,
  checkTable,
  sampleSize,
} from './planes';
import { hufCompress, hufUncompress } from './huffman';
import { BAD_ARGUMENT, CORRUPT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED } from './status';
import { waveletDecode, waveletEncode, waveletScratch } from './wavelet';

const BITMAP_BYTES: usize = 8192;
const VALUES: usize = 65536;

/**
 * PIZ chunk -> planar samples. `planar` is `size` bytes, as in the channel table. Recognising a chunk stored raw
 * (packed size equal to `size`) is up to the caller. Returns 0 or a negative status.
 */
export function pizDecode(
  src: usize,
  srcLen: i32,
  planar: usize,
  size: i32,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, size);
  if (status < 0) return status;
  if (size == 0) return OK;
  const rangeBytes = pizUnpack(src, srcLen, planar, size);
  if (rangeBytes < 0) return rangeBytes;

  const lut = arenaAlloc(VALUES * 2);
  const scratch = arenaAlloc(largestScratch(table, channels));
  if (lut == 0 || scratch == 0) return OUT_OF_MEMORY;
  const maxValue = readRange(src, lut);
  for (let c = 0; c < channels; ++c) {
    const plane = planar + channelOffset(table, c);
    const bytes = <i32>sampleSize(channelType(table, c));
    waveletDecode(plane, channelWidth(table, c), channelHeight(table, c), bytes, maxValue, scratch);
    mapValues(plane, plane, <usize>channelBytes(table, c), lut);
  }
  return OK;
}

/**
 * Planar samples -> PIZ chunk, byte for byte as OpenEXR writes it. `planar` is `size` bytes. Returns the number of
 * bytes written, at most `dstCap`, or a negative status: OUTPUT_FULL if they do not fit. (OpenEXR stores a chunk
 * raw unless it gets smaller, so a caller gives a cap of size - 1.)
 */
export function pizEncode(
  planar: usize,
  size: i32,
  dst: usize,
  dstCap: i32,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, size);
  if (status < 0) return status;
  if (size == 0) return 0;
  const lut = arenaAlloc(VALUES * 2);
  const coded = arenaAlloc(size);
  const scratch = arenaAlloc(largestScratch(table, channels));
  const bitmap = arenaAlloc(BITMAP_BYTES);
  if (lut == 0 || coded == 0 || scratch == 0 || bitmap == 0) return OUT_OF_MEMORY;

  markValues(planar, size, bitmap);
  const rangeBytes = writeRange(bitmap, dst, dstCap);
  if (rangeBytes < 0) return rangeBytes;
  const maxValue = numberValues(bitmap, lut);
  for (let c = 0; c < channels; ++c) {
    const plane = coded + channelOffset(table, c);
    const bytes = <i32>sampleSize(channelType(table, c));
    mapValues(planar + channelOffset(table, c), plane, <usize>channelBytes(table, c), lut);
    waveletEncode(plane, channelWidth(table, c), channelHeight(table, c), bytes, maxValue, scratch);
  }
  return writeHuffman(coded, size, dst, dstCap, rangeBytes);
}

/**
 * The first half of decoding: PIZ chunk -> wavelet coefficients, `size` bytes, channel after channel (the channel
 * table's offsets hold for them). Returns the number of bytes before the Huffman stream's length field, the value
 * range, which pizRepack copies; or a negative status.
 */
export function pizUnpack(src: usize, srcLen: i32, coefficients: usize, size: i32): i32 {
  if (srcLen < 0 || size < 0 || size & 1) return BAD_ARGUMENT;
  if (srcLen < 4) return TRUNCATED;
  const min = <i32>load<u16>(src);
  const max = <i32>load<u16>(src, 2);
  if (max >= <i32>BITMAP_BYTES) return CORRUPT;
  const rangeBytes = min <= max ? 4 + max - min + 1 : 4;
  if (rangeBytes + 4 > srcLen) return TRUNCATED;
  const length = load<u32>(src + <usize>rangeBytes);
  if (length > <u32>(srcLen - rangeBytes - 4)) return TRUNCATED;
  const status = hufUncompress(src + <usize>rangeBytes + 4, <i32>length, coefficients, size >> 1);
  return status < 0 ? status : rangeBytes;
}

/**
 * A PIZ chunk of some of the channels of another, by redoing the entropy coding only: their wavelet coefficients stay as they
 * are, and so does the value range, which fixes the numbering of values and the wavelet's arithmetic.
 *
 * `range` and `rangeBytes` are the source chunk's start and pizUnpack's result; `coefficients` what it wrote; `table`
 * and `channels` describe the source; `picks` lists `pickCount` channel numbers (u32) in the requested order. Returns the
 * number of bytes written, at most `dstCap`, or a negative status: OUTPUT_FULL if they do not fit (then decode and
 * store raw, see pizEncode).
 */
export function pizRepack(
  range: usize,
  rangeBytes: i32,
  coefficients: usize,
  table: usize,
  channels: i32,
  picks: usize,
  pickCount: i32,
  dst: usize,
  dstCap: i32,
): i32 {
  if (rangeBytes < 4 || pickCount < 0) return BAD_ARGUMENT;
  let total: u64 = 0;
  for (let i = 0; i < pickCount; ++i) {
    const c = load<u32>(picks + (<usize>i << 2));
    if (c >= <u32>channels) return BAD_ARGUMENT;
    total += channelBytes(table, c);
    if (total > <u64>i32.MAX_VALUE) return BAD_ARGUMENT;
  }
  if (total == 0) return 0;
  if (rangeBytes > dstCap) return OUTPUT_FULL;
  const picked = arenaAlloc(<usize>total);
  if (picked == 0) return OUT_OF_MEMORY;
  let at = picked;
  for (let i = 0; i < pickCount; ++i) {
    const c = load<u32>(picks + (<usize>i << 2));
    const bytes = <usize>channelBytes(table, c);
    memory.copy(at, coefficients + channelOffset(table, c), bytes);
    at += bytes;
  }
  memory.copy(dst, range, rangeBytes);
  return writeHuffman(picked, <i32>total, dst, dstCap, rangeBytes);
}

/** Scratch that the wavelet needs for the largest channel. */
function largestScratch(table: usize, channels: i32): usize {
  let most: usize = 0;
  for (let c = 0; c < channels; ++c) {
    const bytes = <i32>sampleSize(channelType(table, c));
    most = max(most, waveletScratch(channelWidth(table, c), channelHeight(table, c), bytes));
  }
  return most;
}

/** Writes length field and Huffman stream after the value range. Returns the bytes of the whole chunk. */
function writeHuffman(coefficients: usize, size: i32, dst: usize, dstCap: i32, rangeBytes: i32): i32 {
  if (rangeBytes + 4 > dstCap) return OUTPUT_FULL;
  const start = rangeBytes + 4;
  const length = hufCompress(coefficients, size >> 1, dst + <usize>start, dstCap - start);
  if (length < 0) return length;
  store<u32>(dst + <usize>rangeBytes, <u32>length);
  return start + length;
}

/** Reads the value range of a chunk that pizUnpack has accepted into number -> value. Returns the greatest number. */
function readRange(src: usize, lut: usize): u32 {
  const min = <usize>load<u16>(src);
  const max = <usize>load<u16>(src, 2);
  let next = lut;
  // Value 0 is always in use.
  store<u16>(next, 0);
  next += 2;
  if (min <= max) {
    for (let i = min; i <= max; ++i) {
      let bits = <u32>load<u8>(src + 4 + (i - min));
      if (i == 0) bits &= ~1;
      for (; bits; bits &= bits - 1) {
        store<u16>(next, <u16>((i << 3) | <usize>ctz(bits)));
        next += 2;
      }
    }
  }
  // Numbers that stand for no value occur in damaged chunks only; OpenEXR gives them 0.
  memory.fill(next, 0, lut + VALUES * 2 - next);
  return <u32>((next - lut) >> 1) - 1;
}

/** One byte for each value: 0x80 if it occurs. Unlike setting bits, storing whole bytes does not wait for a load. */
const SEEN: usize = memory.data(65536, 16);

/** Writes the bitmap of the values in use, without value 0. */
function markValues(planar: usize, size: i32, bitmap: usize): void {
  memory.fill(SEEN, 0, VALUES);
  const end = planar + <usize>size;
  let at = planar;
  for (; at + 8 <= end; at += 8) {
    const four = load<u64>(at);
    store<u8>(SEEN + <usize>(four & 0xffff), 0x80);
    store<u8>(SEEN + <usize>((four >> 16) & 0xffff), 0x80);
    store<u8>(SEEN + <usize>((four >> 32) & 0xffff), 0x80);
    store<u8>(SEEN + <usize>(four >> 48), 0x80);
  }
  for (; at < end; at += 2) store<u8>(SEEN + <usize>load<u16>(at), 0x80);
  store<u8>(SEEN, 0);
  for (let i: usize = 0; i < VALUES; i += 16) store<u16>(bitmap + (i >> 3), <u16>i8x16.bitmask(v128.load(SEEN + i)));
}

/** Writes the value range. Returns its bytes, or OUTPUT_FULL. */
function writeRange(bitmap: usize, dst: usize, dstCap: i32): i32 {
  let first: usize = 0;
  while (first < BITMAP_BYTES && load<u8>(bitmap + first) == 0) ++first;
  let bytes: usize = 0;
  let last: usize = 0;
  if (first == BITMAP_BYTES) {
    // No value but 0: an empty range, written like this by OpenEXR.
    first = BITMAP_BYTES - 1;
  } else {
    last = BITMAP_BYTES - 1;
    while (load<u8>(bitmap + last) == 0) --last;
    bytes = last - first + 1;
  }
  if (<i64>(4 + bytes) > <i64>dstCap) return OUTPUT_FULL;
  store<u16>(dst, <u16>first);
  store<u16>(dst, <u16>last, 2);
  memory.copy(dst + 4, bitmap + first, bytes);
  return 4 + <i32>bytes;
}

/** Fills value -> number for the values in use and 0. Returns the greatest number. */
function numberValues(bitmap: usize, lut: usize): u32 {
  store<u16>(lut, 0);
  let number: u32 = 0;
  for (let i: usize = 0; i < BITMAP_BYTES; i += 8) {
    for (let bits = load<u64>(bitmap + i); bits; bits &= bits - 1) {
      const value = (i << 3) | <usize>ctz(bits);
      store<u16>(lut + (value << 1), <u16>++number);
    }
  }
  return number;
}

/** Looks up every 16-bit value of `bytes` bytes. `from` and `to` may be the same. */
function mapValues(from: usize, to: usize, bytes: usize, lut: usize): void {
  const end = from + bytes;
  for (; from + 8 <= end; from += 8, to += 8) {
    const four = load<u64>(from);
    const a = <u64>load<u16>(lut + <usize>((four << 1) & 0x1fffe));
    const b = <u64>load<u16>(lut + <usize>((four >> 15) & 0x1fffe));
    const c = <u64>load<u16>(lut + <usize>((four >> 31) & 0x1fffe));
    const d = <u64>load<u16>(lut + <usize>((four >> 47) & 0x1fffe));
    store<u64>(to, a | (b << 16) | (c << 32) | (d << 48));
  }
  for (; from < end; from += 2, to += 2) store<u16>(to, load<u16>(lut + (<usize>load<u16>(from) << 1)));
}
