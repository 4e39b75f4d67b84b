// OpenEXR's Huffman coder for 16-bit values, shared by PIZ (wavelet coefficients) and DWA (AC coefficients).
//
// Stream (facts from OpenEXR's ImfHuf.cpp; all integers little-endian u32):
//   im, iM        least and greatest symbol with a code; iM is also the run symbol
//   tableLength   bytes of the packed table; OpenEXR's readers ignore it, and so do we
//   nBits         bits of coded data
//   reserved      0
//   packed table  a 6-bit code length for each symbol im..iM, most significant bit first; 59..62 stand for
//                 2..5 symbols without a code, 63 and 8 more bits n for n + 6 of them
//   data          codes, most significant bit first; the run symbol is followed by an 8-bit count n >= 1 and repeats
//                 the value before it n times
// The code is canonical, with this order: of two codes the longer is numerically smaller when both are padded with
// zeros to the same width, and among codes of one length the value grows with the symbol. Lengths go up to 58 bits.

import { arenaAlloc } from './memory';
import { BAD_ARGUMENT, CORRUPT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED } from './status';

const HEADER_BYTES: i32 = 20;
/** Every 16-bit value, and the run symbol, which is the greatest value in use plus one. */
const SYMBOLS: usize = 65537;
const MAX_LENGTH: i32 = 58;
const SHORT_ZERO_RUN: u32 = 59;
const LONG_ZERO_RUN: u32 = 63;
const SHORTEST_LONG_RUN: u32 = 6;
const LONGEST_LONG_RUN: u32 = 255 + SHORTEST_LONG_RUN;

// ---------------------------------------------------------------------------------------------------------------------
// Decoding

/** Bounds of the number of bits that are looked up in one step; see chooseTableBits. */
const MIN_TABLE_BITS: i32 = 11;
const MAX_TABLE_BITS: i32 = 17;

/**
 * The look-up tables, see buildTables: u8 and u16 [1 << tableBits]. They lie at fixed addresses, and the lengths are
 * bytes, because the way from one length to the next is the critical path of decoding: so it is just a shift, a load
 * (without adding a base or scaling an index) and a shift.
 */
const LENGTHS: usize = memory.data(1 << 17, 16);
const VALUES: usize = memory.data(2 << 17, 16);

// Scratch of the decoder.
const PRESENT: usize = 0; // u32[SYMBOLS]: symbol << 6 | length, symbols in ascending order
const SORTED: usize = PRESENT + SYMBOLS * 4; // u16[SYMBOLS]: symbols in ascending order of their codes
const DECODER_SCRATCH: usize = SORTED + SYMBOLS * 2;

// Per code length 0..63.
const COUNT: usize = memory.data(64 * 4, 16); // u32: number of codes; after assignCodes: index in SORTED after them
const FIRST: usize = memory.data(64 * 8, 16); // u64: the least code
const BASE: usize = memory.data(64 * 8, 16); // u64: the least code, left-justified in 64 bits
const START: usize = memory.data(64 * 4, 16); // u32: index of the least code's symbol in SORTED

/** Number of entries in PRESENT. */
let presentCount: i32 = 0;

/**
 * Decodes a Huffman stream of `srcLen` bytes into exactly `dstCount` 16-bit values.
 * Returns 0, or TRUNCATED, CORRUPT (a bad table, or data that does not give exactly dstCount values),
 * BAD_ARGUMENT or OUT_OF_MEMORY. Takes about 390 KB of arena.
 */
export function hufUncompress(src: usize, srcLen: i32, dst: usize, dstCount: i32): i32 {
  if (srcLen < 0 || dstCount < 0) return BAD_ARGUMENT;
  if (dstCount == 0) return OK;
  if (srcLen < HEADER_BYTES) return TRUNCATED;
  const min = load<u32>(src);
  const max = load<u32>(src, 4);
  const bits = load<u32>(src, 12);
  if (max >= <u32>SYMBOLS || min > max) return CORRUPT;

  const scratch = arenaAlloc(DECODER_SCRATCH);
  if (scratch == 0) return OUT_OF_MEMORY;
  const srcEnd = src + <usize>srcLen;
  const tableBytes = readLengths(src + HEADER_BYTES, srcEnd, min, max, scratch);
  if (tableBytes < 0) return tableBytes;
  const data = src + HEADER_BYTES + <usize>tableBytes;
  if ((<u64>bits + 7) >> 3 > <u64>(srcEnd - data)) return TRUNCATED;
  if (!assignCodes(scratch)) return CORRUPT;
  const tableBits = chooseTableBits(dstCount);
  const runIndex = indexOfRun(scratch, max);
  buildTables(scratch, runIndex, tableBits);
  return decodeData(data, srcEnd, bits, scratch, runIndex, tableBits, dst, dst + (<usize>dstCount << 1));
}

/** Reads the packed code lengths into PRESENT and COUNT. Returns the bytes read, or a negative status. */
function readLengths(src: usize, srcEnd: usize, min: u32, max: u32, scratch: usize): i32 {
  memory.fill(COUNT, 0, 64 * 4);
  let at = src;
  let present = scratch + PRESENT;
  let pending: u32 = 0;
  let pendingBits: u32 = 0;
  let symbol = min;
  while (symbol <= max) {
    if (pendingBits < 6) {
      if (at >= srcEnd) return TRUNCATED;
      pending = (pending << 8) | load<u8>(at++);
      pendingBits += 8;
    }
    pendingBits -= 6;
    const length = (pending >> pendingBits) & 63;
    if (length < SHORT_ZERO_RUN) {
      if (length) {
        store<u32>(present, (symbol << 6) | length);
        present += 4;
        const count = COUNT + (<usize>length << 2);
        store<u32>(count, load<u32>(count) + 1);
      }
      ++symbol;
    } else {
      let run = length - SHORT_ZERO_RUN + 2;
      if (length == LONG_ZERO_RUN) {
        if (pendingBits < 8) {
          if (at >= srcEnd) return TRUNCATED;
          pending = (pending << 8) | load<u8>(at++);
          pendingBits += 8;
        }
        pendingBits -= 8;
        run = ((pending >> pendingBits) & 255) + SHORTEST_LONG_RUN;
      }
      symbol += run;
      if (symbol > max + 1) return CORRUPT;
    }
  }
  presentCount = <i32>((present - scratch - PRESENT) >> 2);
  return <i32>(at - src);
}

/**
 * Gives each length its first code and sorts the symbols by code. Returns false unless the code is complete: an
 * encoder always has two symbols or more (a value and the run symbol), and a Huffman tree of two leaves or more has
 * no free branch. So every bit pattern is a code, and the decoder needs no test for unused ones.
 */
function assignCodes(scratch: usize): bool {
  let code: u64 = 0;
  let index: u32 = 0;
  for (let length = MAX_LENGTH; length > 0; --length) {
    const count = load<u32>(COUNT + (<usize>length << 2));
    store<u64>(FIRST + (<usize>length << 3), code);
    store<u64>(BASE + (<usize>length << 3), code << (64 - <u64>length));
    store<u32>(START + (<usize>length << 2), index);
    index += count;
    code += count;
    if (code & 1) return false;
    code >>= 1;
  }
  if (code != 1) return false;

  const sorted = scratch + SORTED;
  // COUNT is no longer needed; it becomes the place of the next symbol of each length.
  memory.copy(COUNT, START, 64 * 4);
  for (let i = 0; i < presentCount; ++i) {
    const entry = load<u32>(scratch + PRESENT + (<usize>i << 2));
    const next = COUNT + (<usize>(entry & 63) << 2);
    const place = load<u32>(next);
    store<u32>(next, place + 1);
    store<u16>(sorted + (<usize>place << 1), <u16>(entry >> 6));
  }
  return true;
}

/**
 * The number of bits to look up in one step: the least for which codes that are longer make up less than 1/32 of the
 * data (a code of n bits makes up about 2^-n), because the search for a long code is slow; but a small table, which
 * stays in the first-level cache and is filled soon, for short data.
 */
function chooseTableBits(dstCount: i32): i32 {
  let bits = MIN_TABLE_BITS;
  // Codes longer than `bits` lie below the first code of `bits` bits.
  while (bits < MAX_TABLE_BITS && 2 << bits < dstCount) {
    if (load<u64>(FIRST + (<usize>bits << 3)) <= (<u64>1 << bits) >> 5) break;
    ++bits;
  }
  return bits;
}

/**
 * Fills the look-up tables, indexed by the next `tableBits` bits:
 *                    LENGTHS   VALUES
 *   a value          1..17     value
 *   the run symbol   0         its length
 *   longer codes     0         0
 * so a length of zero tells the fast path to stop.
 */
function buildTables(scratch: usize, runIndex: u32, tableBits: i32): void {
  const sorted = scratch + SORTED;
  let slot = <usize>load<u64>(FIRST + (<usize>tableBits << 3));
  memory.fill(LENGTHS, 0, slot);
  memory.fill(VALUES, 0, slot << 1);
  for (let length = tableBits; length > 0; --length) {
    const slots: usize = 1 << (tableBits - length);
    const from = load<u32>(START + (<usize>length << 2));
    const to = load<u32>(COUNT + (<usize>length << 2));
    for (let index = from; index < to; ++index) {
      const isRun = index == runIndex;
      const shown = <u8>(isRun ? 0 : length);
      const value = isRun ? <u16>length : load<u16>(sorted + (<usize>index << 1));
      const end = slot + slots;
      if (slots >= 16) {
        const lengths = i8x16.splat(shown);
        const values = i16x8.splat(value);
        for (; slot < end; slot += 16) {
          v128.store(LENGTHS + slot, lengths);
          v128.store(VALUES + (slot << 1), values);
          v128.store(VALUES + (slot << 1), values, 16);
        }
      } else {
        for (; slot < end; ++slot) {
          store<u8>(LENGTHS + slot, shown);
          store<u16>(VALUES + (slot << 1), value);
        }
      }
    }
  }
}

/** The run symbol's place in SORTED, or -1 if it has no code (OpenEXR's encoder always gives it one). */
function indexOfRun(scratch: usize, runSymbol: u32): u32 {
  const last = load<u32>(scratch + PRESENT + (<usize>(presentCount - 1) << 2));
  if (last >> 6 != runSymbol) return u32.MAX_VALUE;
  // The greatest symbol of all is the last of its length.
  return load<u32>(COUNT + (<usize>(last & 63) << 2)) - 1;
}

/** Whether no code has this length. */
function isUnused(length: usize): bool {
  return load<u32>(START + (length << 2)) == load<u32>(COUNT + (length << 2));
}

/** Eight bytes, most significant first. */
function loadBigEndian(at: usize): u64 {
  const bytes = v128.load64_zero(at);
  return i64x2.extract_lane(i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
}

/** Eight bytes, most significant first; zeros from `end` on. */
function loadBigEndianTail(at: usize, end: usize): u64 {
  let value: u64 = 0;
  for (let i: usize = 0; i < 8; ++i) {
    value <<= 8;
    if (at + i < end) value |= load<u8>(at + i);
  }
  return value;
}

/** The 64 bits that start at bit `position` of `data`; zeros from `end` on. */
function windowAt(data: usize, position: u64, end: usize): u64 {
  const at = data + <usize>(position >> 3);
  const shift = position & 7;
  const head = at + 8 <= end ? loadBigEndian(at) : loadBigEndianTail(at, end);
  const next: u64 = at + 8 < end ? load<u8>(at + 8) : 0;
  return (head << shift) | (next >> (8 - shift));
}

/**
 * Decodes `bits` bits of data into dst..dstEnd.
 *
 * Long, with its state in local variables, for what up to four codes between refills are worth: with a refill before every code,
 * decoding whole PIZ chunks of a rendered frame took 13 % (half) or 5 % (float) longer, and DWAA chunks 7 %.
 */
function decodeData(
  data: usize,
  srcEnd: usize,
  bits: u32,
  scratch: usize,
  runIndex: u32,
  tableBits: i32,
  dst: usize,
  dstEnd: usize,
): i32 {
  const sorted = scratch + SORTED;
  // Where the search for a long code starts. A length below all used ones has no usable BASE (it would be 2^64).
  let shortestLong = <usize>(tableBits + 1);
  while (shortestLong < <usize>MAX_LENGTH && isUnused(shortestLong)) ++shortestLong;
  let longest = <usize>MAX_LENGTH;
  while (isUnused(longest)) --longest;
  const indexShift = <u64>(64 - tableBits);
  // A refill gives 56 bits at least: four codes of 14, or three.
  const lookFour = tableBits <= 14;
  const lastWide = srcEnd - 8;
  const total = <u64>bits;
  let out = dst;
  // `window` holds the next `held` bits, left-justified, followed by zeros or by the bits that a refill will put there.
  // `at` is the first byte that is not entirely in `window`.
  let window: u64 = 0;
  let held: u64 = 0;
  let at = data;

  // Each iteration writes a value or fails, so this ends.
  while (out < dstEnd) {
    // Refill to 56..63 bits. The address does not depend on the codes read since the last refill but one.
    let fresh: u64 = 0;
    if (at <= lastWide) {
      fresh = loadBigEndian(at);
    } else {
      if (at > srcEnd + 8) return CORRUPT;
      fresh = loadBigEndianTail(at, srcEnd);
    }
    window |= fresh >> held;
    at += <usize>((63 - held) >> 3);
    held |= 56;

    let index = <usize>(window >> indexShift);
    let length = <u64>load<u8>(index, LENGTHS);
    if (length) {
      let used = length;
      store<u16>(out, load<u16>(index << 1, VALUES));
      out += 2;
      window <<= length;
      if (out + 6 <= dstEnd) {
        index = <usize>(window >> indexShift);
        length = <u64>load<u8>(index, LENGTHS);
        if (length) {
          store<u16>(out, load<u16>(index << 1, VALUES));
          out += 2;
          used += length;
          window <<= length;
          index = <usize>(window >> indexShift);
          length = <u64>load<u8>(index, LENGTHS);
          if (length) {
            store<u16>(out, load<u16>(index << 1, VALUES));
            out += 2;
            used += length;
            window <<= length;
            if (lookFour) {
              index = <usize>(window >> indexShift);
              length = <u64>load<u8>(index, LENGTHS);
              if (length) {
                store<u16>(out, load<u16>(index << 1, VALUES));
                out += 2;
                used += length;
                window <<= length;
              }
            }
          }
        }
      }
      held -= used;
      continue;
    }

    // The run symbol or a long code, at the start of a fresh window.
    length = <u64>load<u16>(index << 1, VALUES);
    let isRun = true;
    let value: u16 = 0;
    if (length == 0) {
      const exact = longest <= 56 ? window : windowAt(data, (<u64>(at - data) << 3) - held, srcEnd);
      let entry = shortestLong;
      while (exact < load<u64>(BASE + (entry << 3))) ++entry;
      length = <u64>entry;
      const offset = <u32>((exact >> (64 - length)) - load<u64>(FIRST + (entry << 3)));
      const place = load<u32>(START + (entry << 2)) + offset;
      isRun = place == runIndex;
      value = load<u16>(sorted + (<usize>place << 1));
    }
    if (length <= 48) {
      window <<= length;
      held -= length;
    } else {
      // The window may not include all of the code and the count after it: begin a new one.
      const position = (<u64>(at - data) << 3) - held + length;
      window = windowAt(data, position, srcEnd);
      held = 56 - (position & 7);
      at = data + <usize>(position >> 3) + 7;
    }
    if (!isRun) {
      store<u16>(out, value);
      out += 2;
      continue;
    }
    const count = <usize>(window >> 56);
    window <<= 8;
    held -= 8;
    if (count == 0 || out == dst || count << 1 > dstEnd - out) return CORRUPT;
    const runEnd = out + (count << 1);
    const eight = i16x8.splat(load<i16>(out - 2));
    for (; out + 16 <= runEnd; out += 16) v128.store(out, eight);
    for (; out < runEnd; out += 2) v128.store16_lane(out, eight, 0);
  }
  return (<u64>(at - data) << 3) - held == total ? OK : CORRUPT;
}

// ---------------------------------------------------------------------------------------------------------------------
// Encoding

// Scratch of the encoder.
const FREQUENCIES: usize = 0; // u32[SYMBOLS]
const LEAVES: usize = (FREQUENCIES + SYMBOLS * 4 + 15) & ~15; // u64[SYMBOLS]: frequency << 32 | symbol
const MERGED: usize = LEAVES + SYMBOLS * 8; // u64[SYMBOLS]: the same of inner nodes; before: buffer of the sort
const CODES: usize = MERGED; // u64[SYMBOLS]: code << 6 | length, by symbol, once the tree is done
const PARENTS: usize = MERGED + SYMBOLS * 8; // u32[2 * SYMBOLS]: parent's number, then depth
const ENCODER_SCRATCH: usize = PARENTS + SYMBOLS * 8;

/**
 * Encodes `srcCount` 16-bit values into at most `dstCap` bytes, byte for byte as OpenEXR does.
 * Returns the number of bytes written, OUTPUT_FULL, BAD_ARGUMENT or OUT_OF_MEMORY. Takes about 1.9 MB of arena.
 */
export function hufCompress(src: usize, srcCount: i32, dst: usize, dstCap: i32): i32 {
  if (srcCount < 0 || dstCap < 0) return BAD_ARGUMENT;
  if (srcCount == 0) return 0;
  if (dstCap < HEADER_BYTES) return OUTPUT_FULL;
  const scratch = arenaAlloc(ENCODER_SCRATCH);
  if (scratch == 0) return OUT_OF_MEMORY;
  const dstEnd = dst + <usize>dstCap;

  countFrequencies(src, srcCount, scratch);
  const leaves = collectLeaves(scratch);
  // The first leaf is still the least symbol, the last one the run symbol.
  const min = <u32>load<u64>(scratch + LEAVES);
  const max = <u32>load<u64>(scratch + LEAVES + (<usize>(leaves - 1) << 3));
  sortLeaves(scratch, leaves);
  measureDepths(scratch, leaves);
  writeCodes(scratch, leaves, min, max);

  const table = dst + HEADER_BYTES;
  const data = packLengths(scratch + CODES, min, max, table, dstEnd);
  if (data == 0) return OUTPUT_FULL;
  const bits = encodeData(src, srcCount, scratch + CODES, max, data, dstEnd);
  // OpenEXR reads the number of bits as a signed integer.
  if (bits < 0 || bits > <i64>i32.MAX_VALUE) return OUTPUT_FULL;
  store<u32>(dst, min);
  store<u32>(dst, max, 4);
  store<u32>(dst, <u32>(data - table), 8);
  store<u32>(dst, <u32>bits, 12);
  store<u32>(dst, 0, 16);
  return <i32>(data - dst) + <i32>((bits + 7) >> 3);
}

function countFrequencies(src: usize, srcCount: i32, scratch: usize): void {
  const frequencies = scratch + FREQUENCIES;
  memory.fill(frequencies, 0, SYMBOLS * 4);
  const end = src + (<usize>srcCount << 1);
  // Four equal values at once: counting them one by one would wait for the same counter each time.
  for (; src + 8 <= end; src += 8) {
    const four = load<u64>(src);
    const counter = frequencies + <usize>((four & 0xffff) << 2);
    if (four == rotl<u64>(four, 16)) {
      store<u32>(counter, load<u32>(counter) + 4);
      continue;
    }
    store<u32>(counter, load<u32>(counter) + 1);
    for (let shift: u64 = 14; shift < 62; shift += 16) {
      const other = frequencies + <usize>((four >> shift) & 0x3fffc);
      store<u32>(other, load<u32>(other) + 1);
    }
  }
  for (; src < end; src += 2) {
    const counter = frequencies + (<usize>load<u16>(src) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** Lists the symbols in use, in ascending order, followed by the run symbol. Returns their number, at least 2. */
function collectLeaves(scratch: usize): i32 {
  const frequencies = scratch + FREQUENCIES;
  let leaf = scratch + LEAVES;
  let greatest: u64 = 0;
  for (let symbol: usize = 0; symbol < 65536; symbol += 4) {
    if (!v128.any_true(v128.load(frequencies + (symbol << 2)))) continue;
    for (let i = symbol; i < symbol + 4; ++i) {
      const frequency = <u64>load<u32>(frequencies + (i << 2));
      if (frequency == 0) continue;
      greatest = <u64>i;
      store<u64>(leaf, (frequency << 32) | greatest);
      leaf += 8;
    }
  }
  store<u64>(leaf, (<u64>1 << 32) | (greatest + 1));
  return <i32>((leaf + 8 - scratch - LEAVES) >> 3);
}

/** Counters of one digit of the sort. */
const DIGITS: usize = memory.data(256 * 4, 16);

/** Sorts LEAVES by frequency, then symbol: a radix sort, which is stable, of a list that is in order of symbols. */
function sortLeaves(scratch: usize, leaves: i32): void {
  let from = scratch + LEAVES;
  let to = scratch + MERGED;
  const bytes = <usize>leaves << 3;
  let all: u64 = 0;
  for (let at = from; at < from + bytes; at += 8) all |= load<u64>(at);
  for (let shift: u64 = 32; shift < 64; shift += 8) {
    if (all >> shift == 0) break;
    memory.fill(DIGITS, 0, 256 * 4);
    for (let at = from; at < from + bytes; at += 8) {
      const digit = DIGITS + <usize>(((load<u64>(at) >> shift) & 255) << 2);
      store<u32>(digit, load<u32>(digit) + 8);
    }
    let next = <u32>to;
    for (let digit = DIGITS; digit < DIGITS + 256 * 4; digit += 4) {
      const size = load<u32>(digit);
      store<u32>(digit, next);
      next += size;
    }
    for (let at = from; at < from + bytes; at += 8) {
      const leaf = load<u64>(at);
      const digit = DIGITS + <usize>(((leaf >> shift) & 255) << 2);
      const place = load<u32>(digit);
      store<u64>(place, leaf);
      store<u32>(digit, place + 8);
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != scratch + LEAVES) memory.copy(scratch + LEAVES, from, bytes);
}

/**
 * Builds the Huffman tree and leaves in PARENTS each leaf's depth, by its place in LEAVES.
 *
 * OpenEXR keeps all nodes in a heap ordered by frequency, then symbol; an inner node takes the symbol of its second
 * child. Which symbols get the longer codes depends on that order among equals, so we keep it, without a heap: inner
 * nodes are created in ascending order, too. (Frequencies of successive pairs cannot fall. Two pairs have equal sums
 * only if all four nodes are of equal frequency; they were then taken in order of symbols, and so are the pairs'.)
 * So the least node is always the first of the leaves or the first of the inner nodes.
 */
function measureDepths(scratch: usize, leaves: i32): void {
  const parents = scratch + PARENTS;
  let leaf = scratch + LEAVES;
  const leavesEnd = leaf + (<usize>leaves << 3);
  let inner = scratch + MERGED;
  let innerEnd = inner;
  // Nodes are numbered: leaves in sorted order, then inner nodes in order of creation.
  let leafParent = parents;
  let innerParent = parents + (<usize>leaves << 2);
  const root = 2 * leaves - 2;
  for (let node = leaves; node <= root; ++node) {
    let sum: u64 = 0;
    let second: u64 = 0;
    for (let child = 0; child < 2; ++child) {
      const useLeaf = leaf < leavesEnd && (inner >= innerEnd || load<u64>(leaf) < load<u64>(inner));
      if (useLeaf) {
        second = load<u64>(leaf);
        leaf += 8;
        store<u32>(leafParent, <u32>node);
        leafParent += 4;
      } else {
        second = load<u64>(inner);
        inner += 8;
        store<u32>(innerParent, <u32>node);
        innerParent += 4;
      }
      sum += second >> 32;
    }
    store<u64>(innerEnd, (sum << 32) | (second & 0xffffffff));
    innerEnd += 8;
  }
  // A parent's number is greater than its children's.
  store<u32>(parents + (<usize>root << 2), 0);
  for (let node = root - 1; node >= 0; --node) {
    const at = parents + (<usize>node << 2);
    store<u32>(at, load<u32>(parents + (<usize>load<u32>(at) << 2)) + 1);
  }
}

/**
 * Writes the canonical code of each symbol in use to CODES, and a zero for the others between min and max.
 * Lengths stay below 46: a tree of depth d holds at least as many values as the d-th Fibonacci number, and there are
 * fewer than 2^31.
 */
function writeCodes(scratch: usize, leaves: i32, min: u32, max: u32): void {
  const codes = scratch + CODES;
  memory.fill(codes + (<usize>min << 3), 0, <usize>(max - min + 1) << 3);
  memory.fill(COUNT, 0, 64 * 4);
  for (let i = 0; i < leaves; ++i) {
    const symbol = <u32>load<u64>(scratch + LEAVES + (<usize>i << 3));
    const length = load<u32>(scratch + PARENTS + (<usize>i << 2));
    store<u64>(codes + (<usize>symbol << 3), <u64>length);
    const count = COUNT + (<usize>length << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let code: u64 = 0;
  for (let length = MAX_LENGTH; length > 0; --length) {
    store<u64>(FIRST + (<usize>length << 3), code);
    code = (code + <u64>load<u32>(COUNT + (<usize>length << 2))) >> 1;
  }
  for (let at = codes + (<usize>min << 3); at <= codes + (<usize>max << 3); at += 8) {
    const length = load<u64>(at);
    if (length == 0) continue;
    const next = FIRST + (<usize>length << 3);
    store<u64>(at, (load<u64>(next) << 6) | length);
    store<u64>(next, load<u64>(next) + 1);
  }
}

/** Packs the code lengths of symbols min..max. Returns the address after them, or 0 if they do not fit. */
function packLengths(codes: usize, min: u32, max: u32, dst: usize, dstEnd: usize): usize {
  let pending: u32 = 0;
  let pendingBits: u32 = 0;
  let symbol = min;
  while (symbol <= max) {
    const length = <u32>load<u64>(codes + (<usize>symbol << 3)) & 63;
    ++symbol;
    pending = (pending << 6) | length;
    pendingBits += 6;
    if (length == 0) {
      // The last symbol always has a code, so a run of zeros ends before it.
      let run: u32 = 1;
      while (run < LONGEST_LONG_RUN && load<u64>(codes + (<usize>symbol << 3)) == 0) {
        ++run;
        ++symbol;
      }
      if (run >= SHORTEST_LONG_RUN) {
        pending = ((pending | LONG_ZERO_RUN) << 8) | (run - SHORTEST_LONG_RUN);
        pendingBits += 8;
      } else if (run >= 2) {
        pending |= SHORT_ZERO_RUN + run - 2;
      }
    }
    while (pendingBits >= 8) {
      if (dst >= dstEnd) return 0;
      pendingBits -= 8;
      store<u8>(dst++, <u8>(pending >> pendingBits));
    }
  }
  if (pendingBits > 0) {
    if (dst >= dstEnd) return 0;
    store<u8>(dst++, <u8>(pending << (8 - pendingBits)));
  }
  return dst;
}

/**
 * Writes the codes of all values. Returns the number of bits, or -1 if they do not fit.
 *
 * Long for what four values at a time are worth: one by one, encoding whole PIZ chunks of a rendered frame took 1.8 times
 * (half) or 1.5 times (float) as long, and DWAA chunks 1.15 times.
 */
function encodeData(src: usize, srcCount: i32, codes: usize, runSymbol: u32, dst: usize, dstEnd: usize): i64 {
  const srcEnd = src + (<usize>srcCount << 1);
  const runEntry = load<u64>(codes + (<usize>runSymbol << 3));
  const runLength = <i32>(runEntry & 63);
  let longest = <usize>MAX_LENGTH;
  while (load<u32>(COUNT + (longest << 2)) == 0) --longest;
  // Two codes and the bits pending before them fit 63 bits.
  const canPair = longest <= 28;
  let pending: u64 = 0; // left-justified
  let pendingBits: u64 = 0; // at most 7 at the start of each iteration
  let out = dst;

  while (src < srcEnd) {
    if (canPair && src + 10 <= srcEnd && out + 16 <= dstEnd) {
      const four = load<u64>(src);
      if (!hasZeroLane(four ^ load<u64>(src, 2))) {
        // Four values, none equal to the next one. Each branch that depends on the data costs more than a store,
        // so store once for all or, seldom, once for each pair.
        src += 8;
        const a = load<u64>(codes + <usize>((four & 0xffff) << 3));
        const b = load<u64>(codes + <usize>((four >> 13) & 0x7fff8));
        const c = load<u64>(codes + <usize>((four >> 29) & 0x7fff8));
        const d = load<u64>(codes + <usize>((four >> 45) & 0x7fff8));
        let pair = ((a >> 6) << (b & 63)) | (b >> 6);
        let pairBits = (a & 63) + (b & 63);
        const pair2 = ((c >> 6) << (d & 63)) | (d >> 6);
        const pair2Bits = (c & 63) + (d & 63);
        if (pairBits + pair2Bits <= 56) {
          pair = (pair << pair2Bits) | pair2;
          pairBits += pair2Bits;
        } else {
          pendingBits += pairBits;
          pending |= pair << (64 - pendingBits);
          storeBigEndian(out, pending);
          out += <usize>(pendingBits >> 3);
          pending <<= pendingBits & ~7;
          pendingBits &= 7;
          pair = pair2;
          pairBits = pair2Bits;
        }
        pendingBits += pairBits;
        pending |= pair << (64 - pendingBits);
        storeBigEndian(out, pending);
        out += <usize>(pendingBits >> 3);
        pending <<= pendingBits & ~7;
        pendingBits &= 7;
        continue;
      }
    }

    const value = load<u16>(src);
    src += 2;
    let repeats: i32 = 0;
    while (src < srcEnd && load<u16>(src) == value && repeats < 255) {
      ++repeats;
      src += 2;
    }
    const entry = load<u64>(codes + (<usize>value << 3));
    const length = entry & 63;
    const useRun = <i32>length + runLength + 8 < <i32>length * repeats;
    for (let times = useRun ? 0 : repeats; times >= 0; --times) {
      if (pendingBits + length > 63) {
        if (!storeBits(pending, pendingBits, out, dstEnd)) return -1;
        out += <usize>(pendingBits >> 3);
        pending <<= pendingBits & ~7;
        pendingBits &= 7;
      }
      pendingBits += length;
      pending |= (entry >> 6) << (64 - pendingBits);
    }
    if (!storeBits(pending, pendingBits, out, dstEnd)) return -1;
    out += <usize>(pendingBits >> 3);
    pending <<= pendingBits & ~7;
    pendingBits &= 7;
    if (useRun) {
      pendingBits += <u64>runLength + 8;
      pending |= (((runEntry >> 6) << 8) | <u64>repeats) << (64 - pendingBits);
      if (!storeBits(pending, pendingBits, out, dstEnd)) return -1;
      out += <usize>(pendingBits >> 3);
      pending <<= pendingBits & ~7;
      pendingBits &= 7;
    }
  }
  const bits = (<i64>(out - dst) << 3) + <i64>pendingBits;
  // Whole bytes only: the zeros after the last code fill up its byte.
  return storeBits(pending, (pendingBits + 7) & ~7, out, dstEnd) ? bits : -1;
}

/** Whether any of the four 16-bit lanes is zero. */
function hasZeroLane(lanes: u64): bool {
  return ((lanes - 0x0001000100010001) & ~lanes & 0x8000800080008000) != 0;
}

/** Writes eight bytes, most significant first. */
function storeBigEndian(at: usize, value: u64): void {
  const bytes = i64x2.splat(value);
  v128.store64_lane(at, i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
}

/** Writes the whole bytes among the first `bits` of `pending` (and perhaps more, up to eight bytes, inside dstEnd). */
function storeBits(pending: u64, bits: u64, out: usize, dstEnd: usize): bool {
  if (out + 8 <= dstEnd) {
    storeBigEndian(out, pending);
    return true;
  }
  const whole = <usize>(bits >> 3);
  if (whole > dstEnd - out) return false;
  for (let i: usize = 0; i < whole; ++i) store<u8>(out + i, <u8>(pending >> (56 - (<u64>i << 3))));
  return true;
}
