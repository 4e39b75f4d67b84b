// Inflates zlib streams (RFC 1950, 1951) from memory into memory, or through a window to a consumer that takes parts of it.

import { adlerA, adlerB, adlerSums, joinA, joinB } from './adler';
import {
  FIXED,
  goodHeader,
  headerEnd,
  MAX_DISTANCE,
  peekBits,
  readBlockHeader,
  STORED,
  storedLength,
  ZLIB_CHECKSUM_BYTES,
  ZLIB_HEADER_BITS,
  ZLIB_MIN_BYTES,
} from './format';
import { WINDOW, WINDOW_BYTES, WINDOW_SLACK } from './window';
import { BLOCK_ENDED, decodedPosition, decodedTo, decodeTokens } from './decode';
import { prepareMatches } from './matches';
import { buildTables } from './tables';
import { CORRUPT, OK, OUTPUT_FULL, TRUNCATED } from '../status';

/** Output is added to the checksum in pieces of about this size, while it is in the cache. */
const SUM_BYTES: usize = 32768;

/** The next bit of the stream, where the next byte goes, and where the output must end. */
let position: u64 = 0;
let out: usize = 0;
let end: usize = 0;

let sumA: u32 = 0;
let sumB: u32 = 0;
let unsummed: usize = 0;

/** Takes output as it comes, and adds it to the checksum with addSum. */
let taker: (at: usize, bytes: usize) => void = addSum;
let windowed: bool = false;

/**
 * Inflates the zlib stream of `length` bytes at `from` into the `capacity` bytes at `to`. Returns the number of bytes
 * produced, OUTPUT_FULL when the stream holds more than `capacity`, CORRUPT or TRUNCATED for a bad stream. What follows
 * the end of the stream is ignored. The 16 bytes after the output are scratch.
 */
export function inflate(from: usize, length: usize, to: usize, capacity: usize): i32 {
  windowed = false;
  taker = addSum;
  return inflateTo(from, length, to, capacity);
}

/**
 * The same for a stream of `total` bytes that is not kept: `take` gets it piece by piece, and calls addSum for each in
 * order.
 */
export function inflateThrough(
  from: usize,
  length: usize,
  total: usize,
  take: (at: usize, bytes: usize) => void,
): i32 {
  windowed = true;
  taker = take;
  produced = 0;
  return inflateTo(from, length, WINDOW, total);
}

function inflateTo(from: usize, length: usize, to: usize, capacity: usize): i32 {
  if (length < ZLIB_MIN_BYTES) return TRUNCATED;
  if (!goodHeader(from)) return CORRUPT;
  prepareMatches();
  // What follows the data must not affect which error is found.
  const behind = from + length;
  const kept = v128.load(behind);
  v128.store(behind, i64x2.splat(0));
  end = to + capacity;
  const status = inflateBlocks(from, length, to);
  v128.store(behind, kept);
  return status;
}

/** Bytes that have left the window. */
let produced: usize = 0;

function inflateBlocks(src: usize, length: usize, to: usize): i32 {
  const endBit = <u64>(length - ZLIB_CHECKSUM_BYTES) << 3;
  position = ZLIB_HEADER_BITS;
  out = to;
  outStart = to;
  unsummed = to;
  sumA = 1;
  sumB = 0;
  let tablesAreFixed = false;
  let isLast = false;
  while (!isLast) {
    isLast = (peekBits(src, position) & 1) != 0;
    const type = readBlockHeader(src, position, endBit);
    if (type < 0) return type;
    position = headerEnd;
    let status = OK;
    if (<u32>type == STORED) {
      status = copyStored(src, endBit);
    } else {
      // A stream may consist of empty fixed blocks, which must not take much more time than their bytes.
      if (<u32>type != FIXED || !tablesAreFixed) status = buildTables();
      tablesAreFixed = <u32>type == FIXED;
      if (status == OK) status = inflateTokens(src, endBit);
    }
    if (position > endBit) return TRUNCATED;
    if (status < 0) return status;
  }
  sumUp();
  const checksum = bswap(load<u32>(src + <usize>((position + 7) >> 3)));
  if (checksum != ((sumB << 16) | sumA)) return CORRUPT;
  return <i32>(windowed ? produced + out - WINDOW : out - to);
}

function copyStored(src: usize, endBit: u64): i32 {
  let count = <usize>storedLength;
  let from = src + <usize>(position >> 3);
  position += <u64>count << 3;
  if (position > endBit) return TRUNCATED;
  if (count > end - out) return OUTPUT_FULL;
  while (count > 0) {
    const n = min(count, SUM_BYTES);
    memory.copy(out, from, n);
    out += n;
    from += n;
    count -= n;
    sumUp();
  }
  return OK;
}

/** Passes on the bytes since the last call, and keeps room in the window for the next ones. */
function sumUp(): void {
  const bytes = out - unsummed;
  if (bytes == 0) return;
  taker(unsummed, bytes);
  unsummed = out;
  if (!windowed || out + SUM_BYTES + WINDOW_SLACK <= WINDOW + WINDOW_BYTES) return;
  const by = out - MAX_DISTANCE - WINDOW;
  memory.copy(WINDOW, WINDOW + by, MAX_DISTANCE);
  produced += by;
  out -= by;
  end -= by;
  unsummed = out;
}

/** Adds bytes to the checksum. */
export function addSum(at: usize, bytes: usize): void {
  adlerSums(at, bytes);
  sumB = joinB(sumA, sumB, adlerB, <u32>bytes);
  sumA = joinA(sumA, adlerA);
}

/** Where the output begins. */
let outStart: usize = 0;

/** Decodes the tokens of the current block. Returns OK or a negative status. */
function inflateTokens(src: usize, endBit: u64): i32 {
  while (true) {
    const stop = min(out + SUM_BYTES, end);
    const status = decodeTokens(src, endBit, position, out, stop, outStart, end, refuseMatch);
    if (status < 0) {
      if (status != TRUNCATED) position = decodedPosition;
      return status;
    }
    position = decodedPosition;
    // At the end, one more token shows whether the block ends, and there is room for its byte.
    if (decodedTo > end) return OUTPUT_FULL;
    out = decodedTo;
    sumUp();
    if (status == BLOCK_ENDED) return OK;
  }
}

/** A match that reaches back before the start of the output, or past its end. */
function refuseMatch(length: u32, distance: u32): i32 {
  return <usize>distance > decodedTo - outStart ? CORRUPT : OUTPUT_FULL;
}
