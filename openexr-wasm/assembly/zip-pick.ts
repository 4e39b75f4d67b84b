// Some channels of a ZIP or ZIPS chunk: the stream passes through a window; requested bytes are kept, and of the rest only
// the sum, from which the predictor continues.

import { byteSum } from './deflate/adler';
import { addSum, inflateThrough } from './deflate/inflate';
import { arenaAlloc } from './memory';
import { channelBytes, channelHeight, channelYSampling, checkTable, hasLine, lineBytes } from './planes';
import { BIAS, unpredictPairs } from './predictor';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY, TRUNCATED } from './status';

/** One line of a requested channel in one half of the stream: the even bytes of its samples, or the odd ones. */
@unmanaged
class Stretch {
  /** Position in the stream, and one past the last. */
  start: usize;
  stop: usize;
  /** Its bytes as they are in the stream. */
  kept: usize;
  /** For even bytes: where the samples go. */
  to: usize;
  /** The byte before it without the predictor. */
  before: u8;
}

let next: usize = 0;
let stretchesEnd: usize = 0;
/** The position of the next byte, and the sum of all before, modulo 2^32. */
let position: usize = 0;
let sum: u32 = 0;

/**
 * ZIPS or ZIP chunk of `rawBytes` bytes of samples -> planar samples of those channels c for which the byte at `wanted` + c is not
 * 0: `dstLen` bytes, in their order.
 */
export function zipPick(
  src: usize,
  srcLen: usize,
  dst: usize,
  dstLen: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  rawBytes: usize,
  wanted: usize,
): i32 {
  const status = checkTable(table, channels, y, lines, rawBytes);
  if (status < 0) return status;
  const cursors = arenaAlloc(<usize>channels << 2);
  if (cursors == 0) return OUT_OF_MEMORY;
  let rows: u64 = 0;
  let bytes: u64 = 0;
  for (let c = 0; c < channels; ++c) {
    store<usize>(cursors + (<usize>c << 2), dst + <usize>bytes);
    if (load<u8>(wanted + <usize>c) == 0) continue;
    rows += <u64>channelHeight(table, c);
    bytes += channelBytes(table, c);
  }
  if (bytes != <u64>dstLen) return BAD_ARGUMENT;
  if (rows * 2 * offsetof<Stretch>() > 0x7fffffff) return OUT_OF_MEMORY;
  const stretches = arenaAlloc(<usize>rows * 2 * offsetof<Stretch>());
  const kept = arenaAlloc(dstLen);
  if (stretches == 0 || kept == 0) return OUT_OF_MEMORY;

  let stretch = stretches;
  let secondHalf: usize = 0;
  let at: usize = 0;
  let keep = kept;
  for (let half = 0; half < 2; ++half) {
    if (half == 1) secondHalf = stretch;
    for (let i = 0; i < lines; ++i) {
      for (let c = 0; c < channels; ++c) {
        if (!hasLine(y + i, channelYSampling(table, c))) continue;
        const size = lineBytes(table, c) >> 1;
        if (size > 0 && load<u8>(wanted + <usize>c) != 0) {
          const cursor = cursors + (<usize>c << 2);
          const row = changetype<Stretch>(stretch);
          row.start = at;
          row.stop = at + size;
          row.kept = keep;
          row.to = load<usize>(cursor);
          if (half == 0) store<usize>(cursor, row.to + 2 * size);
          keep += size;
          stretch += offsetof<Stretch>();
        }
        at += size;
      }
    }
  }
  next = stretches;
  stretchesEnd = stretch;
  position = 0;
  sum = 0;
  const produced = inflateThrough(src, srcLen, rawBytes, take);
  if (produced < 0) return produced;
  if (<usize>produced != rawBytes) return TRUNCATED;

  for (let first = stretches, second = secondHalf; second < stretchesEnd; second += offsetof<Stretch>()) {
    const even = changetype<Stretch>(first);
    const odd = changetype<Stretch>(second);
    unpredictPairs(even.kept, odd.kept, even.stop - even.start, even.before, odd.before, even.to);
    first += offsetof<Stretch>();
  }
  return OK;
}

/** Takes the next bytes of the stream. */
function take(at: usize, bytes: usize): void {
  const end = at + bytes;
  while (at < end) {
    let count = end - at;
    if (next < stretchesEnd) {
      const stretch = changetype<Stretch>(next);
      if (position < stretch.start) {
        count = min(count, stretch.start - position);
      } else {
        // All differences so far, each biased by 128.
        if (position == stretch.start) stretch.before = <u8>(BIAS + <i32>sum + <i32>position * BIAS);
        count = min(count, stretch.stop - position);
        memory.copy(stretch.kept + (position - stretch.start), at, count);
        if (position + count == stretch.stop) next += offsetof<Stretch>();
      }
    }
    addSum(at, count);
    sum += byteSum;
    position += count;
    at += count;
  }
}
