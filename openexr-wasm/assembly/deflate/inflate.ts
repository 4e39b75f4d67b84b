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
import {
  buildTables,
  DISTANCE_BITS,
  DISTANCE_TABLE,
  ENTRY_END,
  ENTRY_LINK,
  ENTRY_LITERAL,
  ENTRY_SPECIAL,
  LITERAL_BITS,
  LITERAL_TABLE,
} from './tables';
import { copyMatch, prepareMatches } from './matches';
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
      while (status == OK) {
        status = inflateTokens(src, endBit, to, min(out + SUM_BYTES, end), end);
        sumUp();
      }
      if (status == BLOCK_ENDED) status = OK;
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

/** inflateTokens: it came to the end of the block. */
const BLOCK_ENDED: i32 = 1;

/**
 * Decodes tokens of the current block until `out` is at `stop` or a little beyond, or the block ends. Returns OK,
 * BLOCK_ENDED or a negative status. `first` is where the output begins and `end` where it must end.
 *
 * The next bits are in `bits`, of which `have` are known to be good; a wide load fills them up to at least 56.
 */
function inflateTokens(base: usize, endBit: u64, first: usize, stop: usize, end: usize): i32 {
  // A good token starts before the checksum, and what is loaded for it no more than 8 bytes further on.
  const lastInput = base + <usize>(endBit >> 3) + 8;
  let input = base + <usize>(position >> 3);
  let bits = load<u64>(input) >> (position & 7);
  let have: u64 = 56 - (position & 7);
  input += 7;
  let to = out;
  let status = OK;

  do {
    if (input > lastInput) {
      status = TRUNCATED;
      break;
    }
    bits |= load<u64>(input) << have;
    input += <usize>((63 - have) >> 3);
    have |= 56;
    let entry = load<u32>(LITERAL_TABLE + (<usize>(bits & ((1 << LITERAL_BITS) - 1)) << 2));
    if (entry & ENTRY_LITERAL) {
      // Five codes of the first table fit into 56 bits; after three, what is left is too short for a match.
      if (end - to < 5) {
        if (to == end) {
          status = OUTPUT_FULL;
          break;
        }
        bits >>= <u64>entry;
        have -= <u64>(entry & 0xff);
        store<u8>(to++, <u8>(entry >> 16));
        continue;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to++, <u8>(entry >> 16));
      entry = load<u32>(LITERAL_TABLE + (<usize>(bits & ((1 << LITERAL_BITS) - 1)) << 2));
      if (entry & ENTRY_LITERAL) {
        bits >>= <u64>entry;
        have -= <u64>(entry & 0xff);
        store<u8>(to++, <u8>(entry >> 16));
        entry = load<u32>(LITERAL_TABLE + (<usize>(bits & ((1 << LITERAL_BITS) - 1)) << 2));
        if (entry & ENTRY_LITERAL) {
          bits >>= <u64>entry;
          have -= <u64>(entry & 0xff);
          store<u8>(to++, <u8>(entry >> 16));
          entry = load<u32>(LITERAL_TABLE + (<usize>(bits & ((1 << LITERAL_BITS) - 1)) << 2));
          if (!(entry & ENTRY_LITERAL)) continue;
          bits >>= <u64>entry;
          have -= <u64>(entry & 0xff);
          store<u8>(to++, <u8>(entry >> 16));
          entry = load<u32>(LITERAL_TABLE + (<usize>(bits & ((1 << LITERAL_BITS) - 1)) << 2));
          if (!(entry & ENTRY_LITERAL)) continue;
          bits >>= <u64>entry;
          have -= <u64>(entry & 0xff);
          store<u8>(to++, <u8>(entry >> 16));
          continue;
        }
      }
    }

    let before = bits;
    bits >>= <u64>entry;
    have -= <u64>(entry & 0xff);
    if (entry & ENTRY_SPECIAL) {
      if (entry & ENTRY_LINK) {
        const index = <u32>bits & ((1 << ((entry >> 8) & 15)) - 1);
        entry = load<u32>(LITERAL_TABLE + (<usize>((entry >> 16) + index) << 2));
        before = bits;
        bits >>= <u64>entry;
        have -= <u64>(entry & 0xff);
        if (entry & ENTRY_LITERAL) {
          if (to == end) {
            status = OUTPUT_FULL;
            break;
          }
          store<u8>(to++, <u8>(entry >> 16));
          continue;
        }
      }
      if (entry & ENTRY_SPECIAL) {
        status = entry & ENTRY_END ? BLOCK_ENDED : CORRUPT;
        break;
      }
    }
    const length = (entry >> 16) + (<u32>(before & ~(<u64>-1 << <u64>(entry & 0xff))) >> ((entry >> 8) & 15));

    // 28 bits may follow.
    bits |= load<u64>(input) << have;
    input += <usize>((63 - have) >> 3);
    have |= 56;
    entry = load<u32>(DISTANCE_TABLE + (<usize>(bits & ((1 << DISTANCE_BITS) - 1)) << 2));
    before = bits;
    bits >>= <u64>entry;
    have -= <u64>(entry & 0xff);
    if (entry & ENTRY_LINK) {
      const index = <u32>bits & ((1 << ((entry >> 8) & 15)) - 1);
      entry = load<u32>(DISTANCE_TABLE + (<usize>((entry >> 16) + index) << 2));
      before = bits;
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
    }
    if (entry & ENTRY_SPECIAL) {
      status = CORRUPT;
      break;
    }
    const distance = (entry >> 16) + (<u32>(before & ~(<u64>-1 << <u64>(entry & 0xff))) >> ((entry >> 8) & 15));

    if (<usize>distance > to - first) {
      status = CORRUPT;
      break;
    }
    if (<usize>length > end - to) {
      status = OUTPUT_FULL;
      break;
    }
    if (distance >= 16) {
      const matchEnd = to + <usize>length;
      let at = to - <usize>distance;
      do {
        v128.store(to, v128.load(at));
        at += 16;
        to += 16;
      } while (to < matchEnd);
      to = matchEnd;
    } else {
      copyMatch(to, <usize>distance, <usize>length);
      to += <usize>length;
    }
  } while (to < stop);
  out = to;
  position = (<u64>(input - base) << 3) - have;
  return status;
}
