// What RFC 1951 (deflate) fixes: symbols, their base values and extra bits, and how a block's header gives its code
// lengths. Positions in packed data are counted in bits from its start, as u64.

import { CORRUPT, OK, TRUNCATED } from '../status';

/** Symbols of the literal/length alphabet: 256 literals, the end of a block, 29 lengths, and two that never occur. */
export const LITERAL_SYMBOLS: i32 = 288;
export const DISTANCE_SYMBOLS: i32 = 32;
export const END_OF_BLOCK: usize = 256;
export const FIRST_LENGTH: usize = 257;
export const MIN_MATCH: u32 = 3;
export const MAX_MATCH: u32 = 258;
/** How far back a match may reach. */
export const MAX_DISTANCE: usize = 32768;
export const MAX_CODE_LENGTH: i32 = 15;

export const STORED: u32 = 0;
export const FIXED: u32 = 1;
export const DYNAMIC: u32 = 2;

/** Most symbols a dynamic block may name; the rest of the alphabets is reserved. */
const MAX_LITERAL_SYMBOLS: u32 = 286;
const MAX_DISTANCE_SYMBOLS: u32 = 30;

/** Symbols of the code that codes the code lengths: lengths 0 to 15, and three kinds of repeat. */
export const LENGTH_CODE_SYMBOLS: i32 = 19;
export const LENGTH_CODE_LIMIT: i32 = 7;
const REPEAT_LAST: u32 = 16;
const REPEAT_ZERO: u32 = 17;

/** The order in which a header lists the lengths of that code. */
export const LENGTH_CODE_ORDER: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);

/** The code lengths of the block whose header was read last: u8 per literal/length symbol, then per distance symbol. */
export const CODE_LENGTHS: usize = memory.data(320, 16);
export const DISTANCE_LENGTHS: usize = CODE_LENGTHS + <usize>LITERAL_SYMBOLS;

/** Bits of a zlib header (RFC 1950), bytes of the checksum after the blocks, and of the shortest stream. */
export const ZLIB_HEADER_BITS: u64 = 16;
export const ZLIB_CHECKSUM_BYTES: usize = 4;
export const ZLIB_MIN_BYTES: usize = 6;

/** Whether a zlib stream begins in a way we read: deflate with a window of up to 32 KiB, and no preset dictionary. */
export function goodHeader(src: usize): bool {
  const method = <u32>load<u8>(src);
  const flags = <u32>load<u8>(src, 1);
  return (method & 15) == 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 == 0 && (flags & 32) == 0;
}

/** The symbol (less 257) of a match length (less 3). */
export function lengthSymbol(length: u32): u32 {
  if (length < 8) return length;
  // Length 258 has a symbol of its own.
  if (length == MAX_MATCH - MIN_MATCH) return 28;
  const top = 31 - clz(length);
  return ((top - 1) << 2) + ((length >> (top - 2)) & 3);
}

/** How many extra bits follow a length symbol (less 257). */
export function lengthExtraBits(symbol: u32): u32 {
  return symbol < 8 || symbol == 28 ? 0 : (symbol >> 2) - 1;
}

/** The least match length (less 3) of a length symbol (less 257). */
export function lengthBase(symbol: u32): u32 {
  if (symbol < 8) return symbol;
  return symbol == 28 ? MAX_MATCH - MIN_MATCH : (4 | (symbol & 3)) << lengthExtraBits(symbol);
}

/** The symbol of a distance (less 1). */
export function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const top = 31 - clz(distance);
  return (top << 1) + ((distance >> (top - 1)) & 1);
}

export function distanceExtraBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

/** The least distance (less 1) of a distance symbol. */
export function distanceBase(symbol: u32): u32 {
  return symbol < 4 ? symbol : (2 | (symbol & 1)) << distanceExtraBits(symbol);
}

/** At least 57 bits of `src` from bit `at` on. Reads up to 8 bytes from the one that holds the bit. */
export function peekBits(src: usize, at: u64): u64 {
  return load<u64>(src + <usize>(at >> 3)) >> (at & 7);
}

/** Where the header that was read last ended: the position of the block's first token, or of a stored block's bytes. */
export let headerEnd: u64 = 0;
/** Bytes of the stored block whose header was read last. */
export let storedLength: u32 = 0;

/**
 * Reads the header of a block at bit `at` of `src`, up to bit `end`: the code lengths of a block with Huffman codes,
 * the size of a stored one. At least 16 zero bytes follow the data. Returns the block type or a negative status.
 */
export function readBlockHeader(src: usize, at: u64, end: u64): i32 {
  if (at + 3 > end) return TRUNCATED;
  const type = <u32>(peekBits(src, at) >> 1) & 3;
  at += 3;
  if (type == STORED) return readStoredHeader(src, at, end);
  if (type == FIXED) {
    setFixedLengths();
    headerEnd = at;
    return FIXED;
  }
  if (type == DYNAMIC) return readDynamicHeader(src, at, end);
  return CORRUPT;
}

function readStoredHeader(src: usize, at: u64, end: u64): i32 {
  at = (at + 7) & ~7;
  if (at + 32 > end) return TRUNCATED;
  const sizes = load<u32>(src + <usize>(at >> 3));
  if (((sizes ^ ~(sizes >> 16)) & 0xffff) != 0) return CORRUPT;
  headerEnd = at + 32;
  storedLength = sizes & 0xffff;
  return STORED;
}

/** The code lengths of fixed blocks. */
export function setFixedLengths(): void {
  memory.fill(CODE_LENGTHS, 8, 144);
  memory.fill(CODE_LENGTHS + 144, 9, 112);
  memory.fill(CODE_LENGTHS + 256, 7, 24);
  memory.fill(CODE_LENGTHS + 280, 8, 8);
  memory.fill(DISTANCE_LENGTHS, 5, 32);
}

/** Lengths and decoding table (symbol << 4 | length) of the code that codes code lengths. */
const LENGTH_CODE_LENGTHS: usize = memory.data(32, 16);
const LENGTH_CODE_TABLE: usize = memory.data(128, 16);

function readDynamicHeader(src: usize, at: u64, end: u64): i32 {
  const counts = <u32>peekBits(src, at);
  at += 14;
  const literals = (counts & 31) + 257;
  const distances = ((counts >> 5) & 31) + 1;
  const listed = ((counts >> 10) & 15) + 4;
  if (at + listed * 3 > end) return TRUNCATED;
  if (literals > MAX_LITERAL_SYMBOLS || distances > MAX_DISTANCE_SYMBOLS) return CORRUPT;
  memory.fill(LENGTH_CODE_LENGTHS, 0, 32);
  let bits = peekBits(src, at);
  for (let i: u32 = 0; i < listed; ++i) {
    // 57 bits hold all 19 lengths.
    store<u8>(LENGTH_CODE_LENGTHS + <usize>load<u8>(LENGTH_CODE_ORDER + <usize>i), <u8>(bits & 7));
    bits >>= 3;
  }
  at += listed * 3;
  if (!buildLengthCode()) return CORRUPT;

  memory.fill(CODE_LENGTHS, 0, 320);
  const total = literals + distances;
  let have: u64 = 0;
  let i: u32 = 0;
  let last: u32 = 0;
  while (i < total) {
    if (at >= end) return TRUNCATED;
    // A symbol takes 14 bits at most.
    if (have < 14) {
      bits = peekBits(src, at);
      have = 57;
    }
    const entry = <u32>load<u8>(LENGTH_CODE_TABLE + <usize>(bits & 127));
    const symbol = entry >> 3;
    let used = <u64>(entry & 7);
    bits >>= used;
    if (symbol < REPEAT_LAST) {
      last = symbol;
      setLength(i++, literals, symbol);
    } else {
      if (symbol == REPEAT_LAST && i == 0) return CORRUPT;
      const extra: u64 = symbol == REPEAT_LAST ? 2 : symbol == REPEAT_ZERO ? 3 : 7;
      const least: u32 = symbol == REPEAT_LAST || symbol == REPEAT_ZERO ? 3 : 11;
      let repeat = least + <u32>(bits & ((1 << extra) - 1));
      if (symbol != REPEAT_LAST) last = 0;
      if (repeat > total - i) return CORRUPT;
      for (; repeat > 0; --repeat) setLength(i++, literals, last);
      bits >>= extra;
      used += extra;
    }
    at += used;
    have -= used;
  }
  if (at > end) return TRUNCATED;
  // Without a code for its end a block could not end.
  if (load<u8>(CODE_LENGTHS + END_OF_BLOCK) == 0) return CORRUPT;
  headerEnd = at;
  return DYNAMIC;
}

/** In a header, distances follow the literals without a gap; here they do not. */
function setLength(i: u32, literals: u32, length: u32): void {
  store<u8>((i < literals ? CODE_LENGTHS : DISTANCE_LENGTHS - <usize>literals) + <usize>i, <u8>length);
}

/** Fills LENGTH_CODE_TABLE. Returns false unless the code is complete. */
function buildLengthCode(): bool {
  let code: u32 = 0;
  for (let length: u32 = 1; length <= <u32>LENGTH_CODE_LIMIT; ++length) {
    for (let symbol: u32 = 0; symbol < <u32>LENGTH_CODE_SYMBOLS; ++symbol) {
      if (load<u8>(LENGTH_CODE_LENGTHS + <usize>symbol) != length) continue;
      if (code >= <u32>1 << length) return false;
      const step = <u32>1 << length;
      for (let i = reverseBits(code, length); i < 128; i += step) {
        store<u8>(LENGTH_CODE_TABLE + <usize>i, <u8>((symbol << 3) | length));
      }
      ++code;
    }
    code <<= 1;
  }
  return code == 256;
}

/** The low `count` (1 to 16) bits of `value` in the opposite order: codes are stored from their first bit on. */
export function reverseBits(value: u32, count: u32): u32 {
  value = ((value & 0x5555) << 1) | ((value >> 1) & 0x5555);
  value = ((value & 0x3333) << 2) | ((value >> 2) & 0x3333);
  value = ((value & 0x0f0f) << 4) | ((value >> 4) & 0x0f0f);
  value = ((value & 0x00ff) << 8) | ((value >> 8) & 0x00ff);
  return value >> (16 - count);
}

const ODD_COUNTS: usize = memory.data(64, 16);

/**
 * How often each code length occurs among `symbols` lengths at `lengths` (i32 per length), and whether they make a
 * code: 1 when it is complete, 0 when some bit patterns are unused, negative when it is not a code. As in zlib, an
 * incomplete code is good only when it consists of one code of one bit, or of none at all.
 */
export function countLengths(lengths: usize, symbols: i32, counts: usize): i32 {
  memory.fill(counts, 0, 64);
  memory.fill(ODD_COUNTS, 0, 64);
  // Neighbours often have equal lengths: with a single counter each increment would wait for the one before.
  for (let i = 0; i < symbols; ++i) {
    const at = (i & 1 ? ODD_COUNTS : counts) + (<usize>load<u8>(lengths + <usize>i) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  for (let at: usize = 0; at < 64; at += 16) {
    v128.store(counts + at, i32x4.add(v128.load(counts + at), v128.load(ODD_COUNTS + at)));
  }
  let left = 1;
  let longest = 0;
  for (let length = 1; length <= MAX_CODE_LENGTH; ++length) {
    const count = load<i32>(counts + (<usize>length << 2));
    left = (left << 1) - count;
    if (left < 0) return CORRUPT;
    if (count > 0) longest = length;
  }
  if (left == 0) return 1;
  return longest <= 1 ? OK : CORRUPT;
}
