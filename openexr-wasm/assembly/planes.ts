// The channel table, and the shuffle between planar samples and the raw layout of an OpenEXR chunk.
//
// Raw (OpenEXR file layout, "Scan Line Blocks" in the file format document): line after line; in a line, channel
// after channel in file order, only the channels that have samples on that line; little-endian samples.
// Planar (ours): channel after channel; in a channel, line after line. Both have the same size.

import { arenaAlloc } from './memory';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED } from './status';

/** Bytes of one record of the channel table. */
const CHANNEL_RECORD: usize = 32;

export const TYPE_UINT: u32 = 0;
export const TYPE_HALF: u32 = 1;
export const TYPE_FLOAT: u32 = 2;

// Field offsets of a record; each field is a u32, the last one is reserved and 0.
const TYPE: usize = 0;
const X_SAMPLING: usize = 4;
const Y_SAMPLING: usize = 8;
const LINEAR: usize = 12;
const WIDTH: usize = 16;
const HEIGHT: usize = 20;
const PLANAR_OFFSET: usize = 24;

/** OpenEXR pixel type of channel `c`: 0 uint, 1 half, 2 float. */
export function channelType(table: usize, c: i32): u32 {
  return load<u32>(table + <usize>c * CHANNEL_RECORD, TYPE);
}

export function channelXSampling(table: usize, c: i32): i32 {
  return load<i32>(table + <usize>c * CHANNEL_RECORD, X_SAMPLING);
}

export function channelYSampling(table: usize, c: i32): i32 {
  return load<i32>(table + <usize>c * CHANNEL_RECORD, Y_SAMPLING);
}

/** The pLinear flag: B44 and DWA treat samples of such a channel as linear to perception. */
export function channelLinear(table: usize, c: i32): bool {
  return load<u32>(table + <usize>c * CHANNEL_RECORD, LINEAR) !== 0;
}

/** Samples on each line of channel `c` in this chunk. */
export function channelWidth(table: usize, c: i32): i32 {
  return load<i32>(table + <usize>c * CHANNEL_RECORD, WIDTH);
}

/** Lines of channel `c` in this chunk. */
export function channelHeight(table: usize, c: i32): i32 {
  return load<i32>(table + <usize>c * CHANNEL_RECORD, HEIGHT);
}

/** Byte offset of channel `c`'s first sample in the planar buffer. */
export function channelOffset(table: usize, c: i32): usize {
  return load<u32>(table + <usize>c * CHANNEL_RECORD, PLANAR_OFFSET);
}

/** Bytes of one sample. */
export function sampleSize(type: u32): usize {
  return type === TYPE_HALF ? 2 : 4;
}

/** Bytes of one line of channel `c`. */
export function lineBytes(table: usize, c: i32): usize {
  return <usize>channelWidth(table, c) * sampleSize(channelType(table, c));
}

/** Bytes of channel `c` in this chunk. */
export function channelBytes(table: usize, c: i32): u64 {
  return <u64>channelWidth(table, c) * <u64>channelHeight(table, c) * <u64>sampleSize(channelType(table, c));
}

/** Whether line `y` (absolute) carries samples of a channel sub-sampled by `ySampling`. */
export function hasLine(y: i32, ySampling: i32): bool {
  return ySampling === 1 || y % ySampling === 0;
}

/**
 * Checks that a channel table is consistent with itself and with a planar buffer of `size` bytes: known types, samplings of
 * at least 1, channels packed one after the other without gaps, and per channel exactly the lines that fall on its
 * sampling. Every codec calls it first and may rely on the table afterwards.
 */
export function checkTable(table: usize, channels: i32, y: i32, lines: i32, size: usize): i32 {
  if (channels < 0 || lines < 0) return BAD_ARGUMENT;
  let total: u64 = 0;
  for (let c = 0; c < channels; ++c) {
    const ySampling = channelYSampling(table, c);
    if (channelType(table, c) > TYPE_FLOAT || channelXSampling(table, c) < 1 || ySampling < 1) return BAD_ARGUMENT;
    if (channelWidth(table, c) < 0 || channelHeight(table, c) < 0) return BAD_ARGUMENT;
    if (channelOffset(table, c) !== total) return BAD_ARGUMENT;
    // Checked before the bytes are counted, as their number might not fit 64 bits.
    if (<u64>channelWidth(table, c) * <u64>channelHeight(table, c) > <u64>size) return BAD_ARGUMENT;
    // Lines y .. y + lines - 1 that are multiples of ySampling, counted with floored division.
    const last = <i64>y + <i64>lines - 1;
    const count = floorDiv(last, ySampling) - floorDiv(<i64>y - 1, ySampling);
    if (<i64>channelHeight(table, c) !== count) return BAD_ARGUMENT;
    total += channelBytes(table, c);
    if (total > <u64>size) return BAD_ARGUMENT;
  }
  return total === <u64>size ? OK : BAD_ARGUMENT;
}

function floorDiv(a: i64, b: i64): i64 {
  const q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/**
 * Raw chunk -> planar samples. The caller has checked the table; `raw` and `planar` both have the table's size.
 * Takes 4 bytes per channel of scratch from the arena.
 */
export function rawToPlanar(raw: usize, planar: usize, table: usize, channels: i32, y: i32, lines: i32): i32 {
  const cursors = startCursors(planar, table, channels);
  if (cursors === 0) return OUT_OF_MEMORY;
  for (let i = 0; i < lines; ++i) {
    for (let c = 0; c < channels; ++c) {
      if (!hasLine(y + i, channelYSampling(table, c))) continue;
      const bytes = lineBytes(table, c);
      const cursor = cursors + ((<usize>c) << 2);
      const at = load<usize>(cursor);
      copyRow(at, raw, bytes);
      store<usize>(cursor, at + bytes);
      raw += bytes;
    }
  }
  return OK;
}

/** Planar samples -> raw chunk: the inverse of rawToPlanar. */
export function planarToRaw(planar: usize, raw: usize, table: usize, channels: i32, y: i32, lines: i32): i32 {
  const cursors = startCursors(planar, table, channels);
  if (cursors === 0) return OUT_OF_MEMORY;
  for (let i = 0; i < lines; ++i) {
    for (let c = 0; c < channels; ++c) {
      if (!hasLine(y + i, channelYSampling(table, c))) continue;
      const bytes = lineBytes(table, c);
      const cursor = cursors + ((<usize>c) << 2);
      const at = load<usize>(cursor);
      copyRow(raw, at, bytes);
      store<usize>(cursor, at + bytes);
      raw += bytes;
    }
  }
  return OK;
}

/** A u32 array with the address of every channel's first sample, or 0 when memory is exhausted. */
export function startCursors(planar: usize, table: usize, channels: i32): usize {
  const cursors = arenaAlloc((<usize>channels) << 2);
  if (cursors === 0) return 0;
  for (let c = 0; c < channels; ++c) store<usize>(cursors + ((<usize>c) << 2), planar + channelOffset(table, c));
  return cursors;
}

/** memory.copy is a call into the engine; for short lines a plain loop is faster. */
function copyRow(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.copy(to, from, bytes);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 2) store<u16>(to + i, load<u16>(from + i));
}

/** Scan-line chunk without compression -> planar samples. */
export function noneDecode(
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
  if (srcLen < dstLen) return TRUNCATED;
  if (srcLen > dstLen) return OUTPUT_FULL;
  return rawToPlanar(src, dst, table, channels, y, lines);
}

/** Planar samples -> scan-line chunk without compression. Returns the bytes written. */
export function noneEncode(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstCap: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, srcLen);
  if (status < 0) return status;
  if (dstCap < srcLen) return OUTPUT_FULL;
  const shuffled = planarToRaw(src, dst, table, channels, y, lines);
  return shuffled < 0 ? shuffled : <i32>srcLen;
}
