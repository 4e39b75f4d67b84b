// Inflates zlib streams (RFC 1950, 1951) from memory into memory.

import { adlerA, adlerB, adlerSums, joinA, joinB } from './adler';
import {
  FIXED,
  goodHeader,
  headerEnd,
  peekBits,
  readBlockHeader,
  STORED,
  storedLength,
  ZLIB_CHECKSUM_BYTES,
  ZLIB_HEADER_BITS,
  ZLIB_MIN_BYTES,
} from './format';
import { BLOCK_ENDED, decodedPosition, decodedTo, decodeTokens } from './decode';
import { prepareMatches } from './matches';
import { buildTables } from './tables';
import { CORRUPT, OK, OUTPUT_FULL, TRUNCATED } from '../status';

/** Output is summed up in pieces of about this size, while it is in the cache. */
const SUM_BYTES: usize = 32768;

/** The next bit of the stream, and where the next byte goes. */
let position: u64 = 0;
let out: usize = 0;

/**
 * Inflates the zlib stream of `length` bytes at `from` into the `capacity` bytes at `to`. Returns the number of bytes
 * produced, OUTPUT_FULL when the stream holds more than `capacity`, CORRUPT or TRUNCATED for a bad stream. What follows
 * the stream's end is not looked at. The 16 bytes behind the output are scratch.
 */
export function inflate(from: usize, length: usize, to: usize, capacity: usize): i32 {
  if (length < ZLIB_MIN_BYTES) return TRUNCATED;
  if (!goodHeader(from)) return CORRUPT;
  prepareMatches();
  // What lies behind the data must not decide which error is found.
  const behind = from + length;
  const kept = v128.load(behind);
  v128.store(behind, i64x2.splat(0));
  const status = inflateBlocks(from, length, to, to + capacity);
  v128.store(behind, kept);
  return status;
}

let sumA: u32 = 0;
let sumB: u32 = 0;
let unsummed: usize = 0;

function inflateBlocks(src: usize, length: usize, to: usize, end: usize): i32 {
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
      status = copyStored(src, endBit, end);
    } else {
      // A stream may be made of fixed blocks with nothing in them, which must not take much more time than bytes.
      if (<u32>type != FIXED || !tablesAreFixed) status = buildTables();
      tablesAreFixed = <u32>type == FIXED;
      if (status == OK) status = inflateTokens(src, endBit, end);
    }
    if (position > endBit) return TRUNCATED;
    if (status < 0) return status;
  }
  sumUp();
  const checksum = bswap(load<u32>(src + <usize>((position + 7) >> 3)));
  return checksum == ((sumB << 16) | sumA) ? <i32>(out - to) : CORRUPT;
}

function copyStored(src: usize, endBit: u64, end: usize): i32 {
  const count = <usize>storedLength;
  const from = src + <usize>(position >> 3);
  position += <u64>count << 3;
  if (position > endBit) return TRUNCATED;
  if (count > end - out) return OUTPUT_FULL;
  memory.copy(out, from, count);
  out += count;
  sumUp();
  return OK;
}

/** Adds the bytes since the last time to the checksum. */
function sumUp(): void {
  const bytes = out - unsummed;
  if (bytes == 0) return;
  adlerSums(unsummed, bytes);
  sumB = joinB(sumA, sumB, adlerB, <u32>bytes);
  sumA = joinA(sumA, adlerA);
  unsummed = out;
}

/** Where the output begins. */
let outStart: usize = 0;

/** Decodes the tokens of the current block. Returns OK or a negative status. The output must end at `end`. */
function inflateTokens(src: usize, endBit: u64, end: usize): i32 {
  while (true) {
    const stop = min(out + SUM_BYTES, end);
    const status = decodeTokens(src, endBit, position, out, stop, outStart, end, refuseMatch);
    if (status < 0) {
      if (status != TRUNCATED) position = decodedPosition;
      return status;
    }
    position = decodedPosition;
    // At the end it takes a token to see whether the block ends, and there is room for its byte.
    if (decodedTo > end) return OUTPUT_FULL;
    out = decodedTo;
    sumUp();
    if (status == BLOCK_ENDED) return OK;
  }
}

/** A match that reaches back before the output's start, or on beyond its end. */
function refuseMatch(length: u32, distance: u32): i32 {
  return <usize>distance > decodedTo - outStart ? CORRUPT : OUTPUT_FULL;
}
