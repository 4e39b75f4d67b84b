// DWA: from coefficients to samples.

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
import { DwaChunk, END_OF_BLOCK, initChunk, readChunk, unitChannels } from './chunk';
import { floatsToHalves, halfToFloat, halvesToFloats } from './half';
import { channelAt, DwaUnit, SCHEME_RLE, SCHEME_UNKNOWN, unitAt } from './rules';
import { prepareToLinear, TO_LINEAR } from './tables';
import { inverseColour, inverseDcOnly, inverseDct } from './transform';
import { OK, OUT_OF_MEMORY, TRUNCATED } from '../status';

/**
 * For each zig-zag index the byte offset of its coefficient in a transposed block: (8 column + row) * 4.
 */
const POSITION: usize = memory.data<u8>([
  0, 32, 4, 8, 36, 64, 96, 68, 40, 12, 16, 44, 72, 100, 128, 160, 132, 104, 76, 48, 20, 24, 52, 80, 108, 136, 164, 192,
  224, 196, 168, 140, 112, 84, 56, 28, 60, 88, 116, 144, 172, 200, 228, 232, 204, 176, 148, 120, 92, 124, 152, 180, 208,
  236, 240, 212, 184, 156, 188, 216, 244, 248, 220, 252,
]);

// Zig-zag indices below these lie in the first row, and in the first four.
const SECOND_ROW_STARTS: i32 = 2;
const FIFTH_ROW_STARTS: i32 = 10;

/** f32[64]: the coefficients of the current block, transposed. */
const COEFFICIENTS: usize = memory.data(256, 16);
/** f32[3][64]: its pixels per channel. */
const PIXELS: usize = memory.data(768, 16);
const BLOCK_BYTES: usize = 256;
/** u16[64]: one channel's pixels as halves. */
const HALVES: usize = memory.data(128, 16);
/** Per channel of the current unit: address of its next DC value, of its band of 8 lines, its look-up table or 0. */
const DC_AT: usize = memory.data(12, 16);
const BAND_AT: usize = memory.data(12, 16);

/** Next AC symbol, and the end of them. */
let acAt: usize = 0;
let acEnd: usize = 0;

/**
 * DWAA or DWAB chunk -> planar samples. `names` are the channels' names in file order, each followed by a zero
 * byte, `namesBytes` in all. Returns OK or a negative status.
 */
export function dwaDecode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  names: usize,
  namesBytes: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, dstLen);
  if (status < 0) return status;
  const record = arenaAlloc(offsetof<DwaChunk>());
  if (record == 0) return OUT_OF_MEMORY;
  const chunk = changetype<DwaChunk>(record);
  status = initChunk(chunk, table, channels, names, namesBytes);
  if (status < 0) return status;
  status = readChunk(chunk, src, srcLen);
  if (status < 0) return status;
  return decodeChunk(chunk, dst);
}

/** Coefficients and lossless samples -> planar samples, which the caller has checked to fit the channel table. */
export function decodeChunk(chunk: DwaChunk, planar: usize): i32 {
  prepareToLinear();
  acAt = chunk.ac;
  acEnd = chunk.ac + chunk.acCount * 2;
  for (let u = 0; u < chunk.unitCount; ++u) {
    const status = decodeUnit(chunk, unitAt(chunk.units, u), planar);
    if (status < 0) return status;
  }
  for (let c = 0; c < chunk.channels; ++c) {
    const channel = channelAt(chunk.list, c);
    const to = planar + channelOffset(chunk.table, c);
    const bytes = <usize>channelBytes(chunk.table, c);
    if (channel.scheme == SCHEME_UNKNOWN) {
      memory.copy(to, chunk.unknown + channel.offset, bytes);
    } else if (channel.scheme == SCHEME_RLE) {
      joinBytes(chunk.rle + channel.offset, to, bytes, sampleSize(channelType(chunk.table, c)));
    }
  }
  return OK;
}

function unitChannel(unit: DwaUnit, component: i32): i32 {
  return component == 0 ? unit.red : component == 1 ? unit.green : unit.blue;
}

function decodeUnit(chunk: DwaChunk, unit: DwaUnit, planar: usize): i32 {
  const table = chunk.table;
  const components = unitChannels(unit);
  const width = channelWidth(table, unit.red);
  const height = channelHeight(table, unit.red);
  const lut: usize = components == 3 || !channelLinear(table, unit.red) ? TO_LINEAR : 0;
  const stride = <usize>width * 2;
  for (let i = 0; i < components; ++i) {
    const c = unitChannel(unit, i);
    const slot = <usize>i << 2;
    const dcIndex = <usize>unit.dcStart + <usize>i * <usize>unit.blocksX * <usize>unit.blocksY;
    store<usize>(DC_AT + slot, chunk.dc + dcIndex * 2);
    if (channelType(table, c) == TYPE_FLOAT) {
      // Halves first, widened once the eight lines are complete.
      const band = arenaAlloc(stride * 8);
      if (band == 0) return OUT_OF_MEMORY;
      store<usize>(BAND_AT + slot, band);
    } else {
      store<usize>(BAND_AT + slot, planar + channelOffset(table, c));
    }
  }
  for (let top = 0; top < height; top += 8) {
    const rows = min(8, height - top);
    for (let left = 0; left < width; left += 8) {
      const flat = readBlocks(components);
      if (flat < 0) return TRUNCATED;
      const columns = min(8, width - left);
      const offset = <usize>left * 2;
      if (flat == (1 << components) - 1) storeFlat(components, lut, offset, stride, columns, rows);
      else storeBlocks(components, flat, lut, offset, stride, columns, rows);
    }
    for (let i = 0; i < components; ++i) {
      const c = unitChannel(unit, i);
      const band = load<usize>(BAND_AT + (<usize>i << 2));
      if (channelType(table, c) == TYPE_FLOAT) {
        widen(band, planar + channelOffset(table, c) + <usize>top * <usize>width * 4, <usize>rows * <usize>width);
      } else {
        store<usize>(BAND_AT + (<usize>i << 2), band + stride * 8);
      }
    }
  }
  return OK;
}

/**
 * Reads one block of every component and transforms it into PIXELS. Returns a bit mask of the components that have
 * the same value in all pixels (of which only the first is set), or -1 when the AC symbols run out.
 */
function readBlocks(components: i32): i32 {
  let flat = 0;
  for (let i = 0; i < components; ++i) {
    const pixels = PIXELS + <usize>i * BLOCK_BYTES;
    const dcAt = load<usize>(DC_AT + (<usize>i << 2));
    const dc = halfToFloat(load<u16>(dcAt));
    store<usize>(DC_AT + (<usize>i << 2), dcAt + 2);
    const last = readAc();
    if (last < 0) return -1;
    if (last == 0) {
      store<f32>(pixels, inverseDcOnly(dc));
      flat |= 1 << i;
    } else {
      store<f32>(COEFFICIENTS, dc);
      inverseDct(COEFFICIENTS, pixels, last < SECOND_ROW_STARTS ? 1 : last < FIFTH_ROW_STARTS ? 4 : 8);
    }
  }
  return flat;
}

/**
 * Reads the AC symbols of a block into COEFFICIENTS. A symbol is a coefficient's half, or a number of zeros (0xff in
 * the high byte: not a finite half), or END_OF_BLOCK. Returns the zig-zag index of the last coefficient given, 0 for
 * none (then COEFFICIENTS is left alone), or -1 when the symbols run out.
 */
function readAc(): i32 {
  let at = acAt;
  const end = acEnd;
  if (at < end && load<u16>(at) == END_OF_BLOCK) {
    acAt = at + 2;
    return 0;
  }
  for (let i: usize = 0; i < BLOCK_BYTES; i += 64) {
    v128.store(COEFFICIENTS + i, i64x2.splat(0));
    v128.store(COEFFICIENTS + i, i64x2.splat(0), 16);
    v128.store(COEFFICIENTS + i, i64x2.splat(0), 32);
    v128.store(COEFFICIENTS + i, i64x2.splat(0), 48);
  }
  let index = 1;
  let last = 0;
  // No branch depends on a symbol: the kind of the next one is what a processor would mispredict most often.
  while (index < 64) {
    if (at >= end) return -1;
    const symbol = <u32>load<u16>(at);
    at += 2;
    const isRun = symbol >= END_OF_BLOCK;
    store<f32>(COEFFICIENTS + <usize>load<u8>(POSITION + index), halfToFloat(select<u32>(0, symbol, isRun)));
    last = select<i32>(last, index, isRun);
    // The run 0, END_OF_BLOCK, becomes a run of 256.
    index += select<i32>((<i32>(symbol - 1) & 0xff) + 1, 1, isRun);
  }
  acAt = at;
  return last;
}

/** Writes a block whose components are all flat. */
function storeFlat(components: i32, lut: usize, offset: usize, stride: usize, columns: i32, rows: i32): void {
  if (components == 3) inverseColour(PIXELS, PIXELS + BLOCK_BYTES, PIXELS + 2 * BLOCK_BYTES, 16);
  for (let i = 0; i < components; ++i) {
    let bits = <u32>i32x4.extract_lane(floatsToHalves(v128.load32_zero(PIXELS + <usize>i * BLOCK_BYTES)), 0);
    if (lut != 0) bits = load<u16>(lut + (bits << 1));
    const all = i16x8.splat(<i16>bits);
    let to = load<usize>(BAND_AT + (<usize>i << 2)) + offset;
    for (let row = 0; row < rows; ++row) {
      if (columns == 8) v128.store(to, all);
      else for (let x = 0; x < columns; ++x) store<u16>(to + (x << 1), <u16>bits);
      to += stride;
    }
  }
}

/** Writes a block of which at least one component is not flat. */
function storeBlocks(
  components: i32,
  flat: i32,
  lut: usize,
  offset: usize,
  stride: usize,
  columns: i32,
  rows: i32,
): void {
  for (let i = 0; i < components; ++i) {
    if (!((flat >> i) & 1)) continue;
    const pixels = PIXELS + <usize>i * BLOCK_BYTES;
    const value = v128.load32_splat(pixels);
    for (let at: usize = 0; at < BLOCK_BYTES; at += 16) v128.store(pixels + at, value);
  }
  if (components == 3) inverseColour(PIXELS, PIXELS + BLOCK_BYTES, PIXELS + 2 * BLOCK_BYTES, BLOCK_BYTES);
  for (let i = 0; i < components; ++i) {
    const pixels = PIXELS + <usize>i * BLOCK_BYTES;
    for (let at: usize = 0; at < 128; at += 16) {
      const low = floatsToHalves(v128.load(pixels + 2 * at));
      const high = floatsToHalves(v128.load(pixels + 2 * at, 16));
      v128.store(HALVES + at, i16x8.narrow_i32x4_u(low, high));
    }
    let to = load<usize>(BAND_AT + (<usize>i << 2)) + offset;
    for (let row = 0; row < rows; ++row) {
      const from = HALVES + (<usize>row << 4);
      if (columns == 8) {
        if (lut == 0) {
          v128.store(to, v128.load(from));
        } else {
          store<u64>(to, lookUpFour(lut, load<u64>(from)));
          store<u64>(to, lookUpFour(lut, load<u64>(from, 8)), 8);
        }
      } else {
        for (let x = 0; x < columns; ++x) {
          const bits = <u32>load<u16>(from + (x << 1));
          store<u16>(to + (x << 1), lut == 0 ? <u16>bits : load<u16>(lut + (bits << 1)));
        }
      }
      to += stride;
    }
  }
}

/** Four halves through a look-up table. */
function lookUpFour(lut: usize, bits: u64): u64 {
  const first = load<u16>(lut + (<usize>(bits & 0xffff) << 1));
  const second = load<u16>(lut + (<usize>((bits >> 16) & 0xffff) << 1));
  const third = load<u16>(lut + (<usize>((bits >> 32) & 0xffff) << 1));
  const fourth = load<u16>(lut + (<usize>(bits >> 48) << 1));
  return <u64>first | (<u64>second << 16) | (<u64>third << 32) | (<u64>fourth << 48);
}

/** `count` halves -> floats. */
function widen(from: usize, to: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const halves = v128.load(from + 2 * i);
    v128.store(to + 4 * i, halvesToFloats(i32x4.extend_low_i16x8_s(halves)));
    v128.store(to + 4 * i, halvesToFloats(i32x4.extend_high_i16x8_s(halves)), 16);
  }
  for (; i < count; ++i) store<f32>(to + 4 * i, halfToFloat(load<u16>(from + 2 * i)));
}

/** Planes of first, second .. bytes -> samples of `size` bytes, `bytes` in all. */
function joinBytes(from: usize, to: usize, bytes: usize, size: usize): void {
  const count = bytes / size;
  const second = from + count;
  let i: usize = 0;
  if (size == 2) {
    for (; i + 16 <= count; i += 16) {
      const a = v128.load(from + i);
      const b = v128.load(second + i);
      v128.store(to + 2 * i, interleaveLow(a, b));
      v128.store(to + 2 * i, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
    }
    for (; i < count; ++i) {
      store<u8>(to + 2 * i, load<u8>(from + i));
      store<u8>(to + 2 * i, load<u8>(second + i), 1);
    }
    return;
  }
  const third = second + count;
  const fourth = third + count;
  for (; i + 8 <= count; i += 8) {
    const low = interleaveLow(v128.load64_zero(from + i), v128.load64_zero(second + i));
    const high = interleaveLow(v128.load64_zero(third + i), v128.load64_zero(fourth + i));
    v128.store(to + 4 * i, v128.shuffle<i16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + 4 * i, v128.shuffle<i16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
  for (; i < count; ++i) {
    store<u8>(to + 4 * i, load<u8>(from + i));
    store<u8>(to + 4 * i, load<u8>(second + i), 1);
    store<u8>(to + 4 * i, load<u8>(third + i), 2);
    store<u8>(to + 4 * i, load<u8>(fourth + i), 3);
  }
}

/** The lower 8 bytes of two vectors, taken in turn. */
function interleaveLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
