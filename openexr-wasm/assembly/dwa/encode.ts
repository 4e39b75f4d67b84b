// DWA: from samples to coefficients, with the quantisation of OpenEXR's encoder.

import { arenaAlloc } from '../memory';
import {
  channelBytes,
  channelHeight,
  channelLinear,
  channelOffset,
  channelType,
  channelWidth,
  checkTable,
  sampleSize,
  TYPE_FLOAT,
} from '../planes';
import { DwaChunk, END_OF_BLOCK, initChunk, layOutChunk, maxAcBytes, unitChannels, writeChunk } from './chunk';
import { floatsToHalves, HALF_MAX, halfToFloat, halvesToFloats } from './half';
import { channelAt, currentRules, DwaUnit, SCHEME_RLE, SCHEME_UNKNOWN, unitAt } from './rules';
import { CANDIDATE_BYTES, candidates, prepareEncoder, TO_NONLINEAR } from './tables';
import { forwardColour, forwardDct } from './transform';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY } from '../status';

/** Position (8 row + column) of each zig-zag index. */
const NATURAL: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
  28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
  47, 55, 62, 63,
]);
/** Zig-zag index of each position. */
const ZIGZAG: usize = memory.data<u8>([
  0, 1, 5, 6, 14, 15, 27, 28, 2, 4, 7, 13, 16, 26, 29, 42, 3, 8, 12, 17, 25, 30, 41, 43, 9, 11, 18, 24, 31, 40, 44,
  53, 10, 19, 23, 32, 39, 45, 52, 54, 20, 22, 33, 38, 46, 51, 55, 60, 21, 34, 37, 47, 50, 56, 59, 61, 35, 36, 48, 49,
  57, 58, 62, 63,
]);

/** The example quantisation tables of the JPEG standard, by position; only their ratios matter here. */
const JPEG_LUMA: usize = memory.data<u8>([
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
]);
const JPEG_LUMA_LEAST: f32 = 10;
const JPEG_CHROMA: usize = memory.data<u8>([
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
]);
const JPEG_CHROMA_LEAST: f32 = 17;

/** f32[64] each: the error a coefficient may have, by position. */
const LUMA_TOLERANCE: usize = memory.data(256, 16);
const CHROMA_TOLERANCE: usize = memory.data(256, 16);

/** f32[3][64]: the current block per channel. */
const BLOCKS: usize = memory.data(768, 16);
const BLOCK_BYTES: usize = 256;
/** u16[64]: coefficients of one channel as halves, by position. */
const HALVES: usize = memory.data(128, 16);
/** Per channel of the current unit: address of its samples as halves, of its next DC value. */
const PLANE_AT: usize = memory.data(12, 16);
const DC_AT: usize = memory.data(12, 16);

/** Where the next AC symbol goes. */
let acAt: usize = 0;

/**
 * Planar samples -> DWAA or DWAB chunk. `level` is the zlib level of the lossless channels, `dcLevel` that of the DC
 * values, `dwaLevel` OpenEXR's dwaCompressionLevel; `acDeflated` as in writeChunk, `names` as for dwaDecode.
 * Returns the number of bytes written, or a negative status: OUTPUT_FULL when they exceed `dstCap`.
 */
export function dwaEncode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  level: i32,
  dcLevel: i32,
  dwaLevel: f32,
  acDeflated: bool,
  names: usize,
  namesBytes: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  const record = arenaAlloc(offsetof<DwaChunk>());
  const rules = currentRules();
  if (record == 0 || rules === null) return OUT_OF_MEMORY;
  const chunk = changetype<DwaChunk>(record);
  status = initChunk(chunk, table, channels, names, namesBytes);
  if (status < 0) return status;
  status = layOutChunk(chunk, rules);
  if (status < 0) return status;
  status = encodeChunk(chunk, src, dwaLevel);
  if (status < 0) return status;
  return writeChunk(chunk, rules, dst, dstCap, level, dcLevel, acDeflated);
}

/** Planar samples -> coefficients and lossless samples of a laid out chunk. Returns OK or a negative status. */
function encodeChunk(chunk: DwaChunk, planar: usize, dwaLevel: f32): i32 {
  if (maxAcBytes(chunk) > <u64>i32.MAX_VALUE) return OUT_OF_MEMORY;
  chunk.unknown = arenaAlloc(chunk.unknownBytes);
  chunk.rle = arenaAlloc(chunk.rleBytes);
  chunk.dc = arenaAlloc(chunk.dcCount * 2);
  chunk.ac = arenaAlloc(<usize>maxAcBytes(chunk));
  if (chunk.unknown == 0 || chunk.rle == 0 || chunk.dc == 0 || chunk.ac == 0) return OUT_OF_MEMORY;
  for (let c = 0; c < chunk.channels; ++c) {
    const channel = channelAt(chunk.list, c);
    const from = planar + channelOffset(chunk.table, c);
    const bytes = <usize>channelBytes(chunk.table, c);
    if (channel.scheme == SCHEME_UNKNOWN) {
      memory.copy(chunk.unknown + channel.offset, from, bytes);
    } else if (channel.scheme == SCHEME_RLE) {
      splitBytes(from, chunk.rle + channel.offset, bytes, sampleSize(channelType(chunk.table, c)));
    }
  }
  return encodeUnits(chunk, planar, dwaLevel);
}

function encodeUnits(chunk: DwaChunk, planar: usize, dwaLevel: f32): i32 {
  // NaN would silently switch quantisation off.
  if (dwaLevel != dwaLevel) return BAD_ARGUMENT;
  prepareEncoder();
  setTolerances(LUMA_TOLERANCE, JPEG_LUMA, JPEG_LUMA_LEAST, dwaLevel);
  setTolerances(CHROMA_TOLERANCE, JPEG_CHROMA, JPEG_CHROMA_LEAST, dwaLevel);
  let largest: u64 = 0;
  for (let u = 0; u < chunk.unitCount; ++u) {
    const unit = unitAt(chunk.units, u);
    largest = max(largest, paddedBytes(unit) * <u64>unitChannels(unit));
  }
  if (largest > <u64>i32.MAX_VALUE) return OUT_OF_MEMORY;
  const planes = arenaAlloc(<usize>largest);
  if (planes == 0) return OUT_OF_MEMORY;
  acAt = chunk.ac;
  for (let u = 0; u < chunk.unitCount; ++u) encodeUnit(chunk, unitAt(chunk.units, u), planar, planes);
  chunk.acCount = (acAt - chunk.ac) >> 1;
  return OK;
}

/** Bytes of one channel of a unit as halves, filled up to whole blocks. */
function paddedBytes(unit: DwaUnit): u64 {
  return <u64>unit.blocksX * <u64>unit.blocksY * 128;
}

function setTolerances(to: usize, ratios: usize, least: f32, dwaLevel: f32): void {
  const base: f32 = dwaLevel / 100000;
  for (let i = 0; i < 64; ++i) store<f32>(to + (i << 2), base * (<f32>load<u8>(ratios + i) / least));
}

function encodeUnit(chunk: DwaChunk, unit: DwaUnit, planar: usize, planes: usize): void {
  const table = chunk.table;
  const components = unitChannels(unit);
  const lut: usize = components == 3 || !channelLinear(table, unit.red) ? TO_NONLINEAR : 0;
  const stride = <usize>unit.blocksX << 4;
  for (let i = 0; i < components; ++i) {
    const c = i == 0 ? unit.red : i == 1 ? unit.green : unit.blue;
    const slot = <usize>i << 2;
    const plane = planes + <usize>i * <usize>paddedBytes(unit);
    store<usize>(PLANE_AT + slot, plane);
    const dcIndex = <usize>unit.dcStart + <usize>i * <usize>unit.blocksX * <usize>unit.blocksY;
    store<usize>(DC_AT + slot, chunk.dc + dcIndex * 2);
    const samples = planar + channelOffset(table, c);
    const isFloat = channelType(table, c) == TYPE_FLOAT;
    fillPlane(samples, isFloat, lut, channelWidth(table, c), channelHeight(table, c), plane, stride);
  }
  for (let blockY = 0; blockY < unit.blocksY; ++blockY) {
    for (let blockX = 0; blockX < unit.blocksX; ++blockX) {
      const offset = <usize>blockY * 8 * stride + (<usize>blockX << 4);
      for (let i = 0; i < components; ++i) {
        loadBlock(load<usize>(PLANE_AT + (<usize>i << 2)) + offset, stride, BLOCKS + <usize>i * BLOCK_BYTES);
      }
      if (components == 3) forwardColour(BLOCKS, BLOCKS + BLOCK_BYTES, BLOCKS + 2 * BLOCK_BYTES);
      for (let i = 0; i < components; ++i) {
        const block = BLOCKS + <usize>i * BLOCK_BYTES;
        forwardDct(block);
        const tolerances = i == 0 ? LUMA_TOLERANCE : CHROMA_TOLERANCE;
        const left = dropSmall(block, tolerances);
        const slot = DC_AT + (<usize>i << 2);
        const dcAt = load<usize>(slot);
        store<u16>(dcAt, <u16>quantise(load<u16>(HALVES), load<f32>(tolerances)));
        store<usize>(slot, dcAt + 2);
        writeAc(left, tolerances);
      }
    }
  }
}

/**
 * One channel's samples -> halves in the space they are coded in, filled up to whole blocks: beyond the right and
 * lower edge the image is mirrored, or its last sample repeated where it is too small for that.
 */
function fillPlane(
  from: usize,
  isFloat: bool,
  lut: usize,
  width: i32,
  height: i32,
  plane: usize,
  stride: usize,
): void {
  const padded = <i32>(stride >> 1);
  for (let y = 0; y < height; ++y) {
    const row = plane + <usize>y * stride;
    if (isFloat) narrow(from + <usize>y * <usize>width * 4, row, width);
    else memory.copy(row, from + <usize>y * <usize>width * 2, <usize>width * 2);
    if (lut != 0) lookUp(lut, row, width);
    for (let x = width; x < padded; ++x) store<u16>(row + (x << 1), load<u16>(row + (mirror(x, width) << 1)));
  }
  const rows = (height + 7) & ~7;
  for (let y = height; y < rows; ++y) {
    memory.copy(plane + <usize>y * stride, plane + <usize>mirror(y, height) * stride, stride);
  }
}

/** The index that stands in for `index` >= `size`. */
function mirror(index: i32, size: i32): i32 {
  const mirrored = 2 * size - 1 - index;
  return mirrored < 0 ? size - 1 : mirrored;
}

/** `count` floats -> halves. Values out of range become the nearest finite half, and so does NaN, as in the reference. */
function narrow(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const low = floatsToHalves(clamp(v128.load(from + (i << 2))));
    const high = floatsToHalves(clamp(v128.load(from + (i << 2), 16)));
    v128.store(to + (i << 1), i16x8.narrow_i32x4_u(low, high));
  }
  for (; i < count; ++i) {
    store<u16>(to + (i << 1), <u16>i32x4.extract_lane(floatsToHalves(clamp(v128.load32_zero(from + (i << 2)))), 0));
  }
}

/** The pseudo-minimum takes its first operand when the second is not a number. */
function clamp(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(f32x4.splat(HALF_MAX), x), f32x4.splat(-HALF_MAX));
}

function lookUp(lut: usize, row: usize, count: i32): void {
  const end = row + (<usize>count << 1);
  for (; row + 8 <= end; row += 8) {
    const bits = load<u64>(row);
    const first = load<u16>(lut + (<usize>(bits & 0xffff) << 1));
    const second = load<u16>(lut + (<usize>((bits >> 16) & 0xffff) << 1));
    const third = load<u16>(lut + (<usize>((bits >> 32) & 0xffff) << 1));
    const fourth = load<u16>(lut + (<usize>(bits >> 48) << 1));
    store<u64>(row, <u64>first | (<u64>second << 16) | (<u64>third << 32) | (<u64>fourth << 48));
  }
  for (; row < end; row += 2) store<u16>(row, load<u16>(lut + (<usize>load<u16>(row) << 1)));
}

function loadBlock(from: usize, stride: usize, block: usize): void {
  for (let row = 0; row < 8; ++row) {
    const halves = v128.load(from);
    v128.store(block, halvesToFloats(i32x4.extend_low_i16x8_s(halves)));
    v128.store(block, halvesToFloats(i32x4.extend_high_i16x8_s(halves)), 16);
    from += stride;
    block += 32;
  }
}

/**
 * Rounds a block's coefficients to HALVES, and makes those zero that are smaller than their tolerance (most are).
 * Returns a bit mask of the positions that are not zero.
 */
function dropSmall(block: usize, tolerances: usize): u64 {
  let left: u64 = 0;
  for (let i: usize = 0; i < 64; i += 8) {
    const low = aboveTolerance(block + (i << 2), tolerances + (i << 2));
    const high = aboveTolerance(block + (i << 2) + 16, tolerances + (i << 2) + 16);
    const halves = i16x8.narrow_i32x4_u(low, high);
    v128.store(HALVES + (i << 1), halves);
    left |= <u64>(<u32>i16x8.bitmask(i16x8.ne(halves, i16x8.splat(0)))) << i;
  }
  return left;
}

function aboveTolerance(at: usize, tolerances: usize): v128 {
  const halves = floatsToHalves(v128.load(at));
  const small = f32x4.lt(halvesToFloats(v128.and(halves, i32x4.splat(0x7fff))), v128.load(tolerances));
  return v128.andnot(halves, small);
}

/**
 * The half with the fewest set bits that is closer to `bits` than `tolerance` (zero has been tried already). Few bits
 * are what the Huffman coder profits from: they make for few different symbols.
 */
function quantise(bits: u32, tolerance: f32): u32 {
  const magnitude = bits & 0x7fff;
  if (magnitude == 0 || magnitude >= 0x7c00) return bits;
  const value = f32x4.splat(halfToFloat(magnitude));
  const limit = f32x4.splat(tolerance);
  const list = candidates(magnitude);
  for (let offset: usize = 0; offset < CANDIDATE_BYTES; offset += 8) {
    const distances = f32x4.abs(f32x4.sub(halvesToFloats(v128.load16x4_s(list + offset)), value));
    const close = i32x4.bitmask(f32x4.lt(distances, limit));
    if (close != 0) return load<u16>(list + offset + (<usize>ctz(close) << 1)) | (bits & 0x8000);
  }
  return bits;
}

/**
 * Writes the AC symbols of the block in HALVES; `left` is the mask of positions that are not zero. A single zero is
 * written as is, longer runs as 0xff00 + length, and those at the end of the block as END_OF_BLOCK.
 */
function writeAc(left: u64, tolerances: usize): void {
  // Position 0 is the DC value. Re-order the mask to zig-zag order.
  left &= ~1;
  let ordered: u64 = 0;
  while (left != 0) {
    ordered |= <u64>1 << <u64>load<u8>(ZIGZAG + <usize>ctz(left));
    left &= left - 1;
  }
  let at = acAt;
  let next = 1;
  while (ordered != 0) {
    const index = <i32>ctz(ordered);
    ordered &= ordered - 1;
    const zeros = index - next;
    if (zeros > 0) {
      store<u16>(at, zeros == 1 ? 0 : <u16>(END_OF_BLOCK | <u32>zeros));
      at += 2;
    }
    const position = <usize>load<u8>(NATURAL + index);
    store<u16>(at, <u16>quantise(load<u16>(HALVES + (position << 1)), load<f32>(tolerances + (position << 2))));
    at += 2;
    next = index + 1;
  }
  if (next < 64) {
    store<u16>(at, next == 63 ? 0 : <u16>END_OF_BLOCK);
    at += 2;
  }
  acAt = at;
}

/** Samples of `size` bytes -> planes of their first, second .. bytes; `bytes` in all. */
function splitBytes(from: usize, to: usize, bytes: usize, size: usize): void {
  const count = bytes / size;
  let i: usize = 0;
  if (size == 2) {
    for (; i + 16 <= count; i += 16) {
      const low = v128.load(from + 2 * i);
      const high = v128.load(from + 2 * i, 16);
      v128.store(to + i, i8x16.shuffle(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
      v128.store(to + count + i, i8x16.shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
    }
  }
  for (; i < count; ++i) {
    for (let byte: usize = 0; byte < size; ++byte) store<u8>(to + byte * count + i, load<u8>(from + i * size + byte));
  }
}
