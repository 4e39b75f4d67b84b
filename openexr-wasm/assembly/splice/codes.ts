// Huffman codes for tokens: from how often symbols occur to code lengths, and the block header that gives them.

import { putBits } from './bits';
import {
  CODE_LENGTHS,
  DISTANCE_LENGTHS,
  DISTANCE_SYMBOLS,
  LENGTH_CODE_LIMIT,
  LENGTH_CODE_ORDER,
  LENGTH_CODE_SYMBOLS,
  LITERAL_SYMBOLS,
  MAX_CODE_LENGTH,
} from '../deflate/format';
import { makeAlphabetCodes } from '../deflate/tables';

/** How often each symbol occurs, u32 each: literals and lengths, distances, code lengths. The caller fills the first two. */
export const LITERAL_COUNTS: usize = memory.data((288 + 32) * 4, 16);
export const DISTANCE_COUNTS: usize = LITERAL_COUNTS + (<usize>LITERAL_SYMBOLS << 2);
const LENGTH_COUNTS: usize = memory.data(32 * 4, 16);

/** Symbols with their frequencies, and the working space of the tree: u32 each. */
const KEYS: usize = memory.data(288 * 4, 16);
const TREE: usize = memory.data(288 * 4, 16);
const PER_LENGTH: usize = memory.data(32 * 4, 16);

/** The header's list of lengths: u8 symbol, u8 extra bits' value. */
const LISTED: usize = memory.data(640, 16);
const LENGTH_LENGTHS: usize = memory.data(32, 16);
const LENGTH_CODES: usize = memory.data(32 * 4, 16);
let listed: usize = 0;
let orderCount: usize = 0;

const KEY_SYMBOL_BITS: u32 = 9;

function at32(base: usize, i: i32): u32 {
  return load<u32>(base + (<usize>i << 2));
}

function set32(base: usize, i: i32, value: u32): void {
  store<u32>(base + (<usize>i << 2), value);
}

/**
 * Makes optimal code lengths of at most `limit` bits (nearly optimal when the limit matters) for the counts, which
 * stay below 2^23 in total. At least two symbols get a code, so that every code is complete.
 */
function makeLengths(counts: usize, symbols: i32, limit: i32, lengths: usize): void {
  let n = 0;
  for (let symbol = 0; symbol < symbols; ++symbol) {
    store<u8>(lengths + <usize>symbol, 0);
    const count = at32(counts, symbol);
    if (count != 0) set32(KEYS, n++, (count << KEY_SYMBOL_BITS) | <u32>symbol);
  }
  for (let symbol = 0; n < 2; ++symbol) {
    if (at32(counts, symbol) == 0) set32(KEYS, n++, (1 << KEY_SYMBOL_BITS) | <u32>symbol);
  }
  sortKeys(n);
  for (let i = 0; i < n; ++i) set32(TREE, i, at32(KEYS, i) >> KEY_SYMBOL_BITS);
  countDepths(n, limit);

  // The rarest symbols come first and get the longest codes.
  let i = 0;
  for (let length = limit; length > 0; --length) {
    for (let count = at32(PER_LENGTH, length); count > 0; --count, ++i) {
      const symbol = at32(KEYS, i) & ((1 << KEY_SYMBOL_BITS) - 1);
      store<u8>(lengths + <usize>symbol, <u8>length);
    }
  }
}

/** For each count where its keys go, u32 each; the last place is that of all greater counts. */
const PLACES: usize = memory.data(257 * 4, 16);
const SMALL_COUNTS: i32 = 256;

/** With fewer keys, going through all small counts takes longer than inserting them. */
const FEW_KEYS: i32 = 32;

/** Sorts the first `n` keys, ascending. Most counts are small, and are sorted by how often each occurs. */
function sortKeys(n: i32): void {
  const sorted = n > FEW_KEYS ? sortSmall(n) : 0;
  for (let i = sorted + 1; i < n; ++i) {
    const key = at32(KEYS, i);
    let j = i;
    for (; j > sorted && at32(KEYS, j - 1) > key; --j) set32(KEYS, j, at32(KEYS, j - 1));
    set32(KEYS, j, key);
  }
}

/** Moves keys of small counts to where they belong, and others after them. Returns the number of the former. */
function sortSmall(n: i32): i32 {
  memory.fill(PLACES, 0, <usize>(SMALL_COUNTS + 1) << 2);
  for (let i = 0; i < n; ++i) {
    const count = smallCount(i);
    set32(PLACES, count, at32(PLACES, count) + 1);
  }
  let place: u32 = 0;
  for (let count = 0; count <= SMALL_COUNTS; ++count) {
    const keys = at32(PLACES, count);
    set32(PLACES, count, place);
    place += keys;
  }
  const small = <i32>at32(PLACES, SMALL_COUNTS);
  for (let i = 0; i < n; ++i) {
    const count = smallCount(i);
    const to = <i32>at32(PLACES, count);
    set32(PLACES, count, to + 1);
    set32(TREE, to, at32(KEYS, i));
  }
  memory.copy(KEYS, TREE, <usize>n << 2);
  return small;
}

function smallCount(i: i32): i32 {
  return <i32>min(at32(KEYS, i) >> KEY_SYMBOL_BITS, SMALL_COUNTS);
}

/**
 * From `n` ascending weights in TREE to the number of codes per length in PER_LENGTH. The tree is built in place (A.
 * Moffat and J. Katajainen, "In-place calculation of minimum-redundancy codes", 1995): weights are replaced by sums,
 * sums by the numbers of their parents, these by depths.
 */
function countDepths(n: i32, limit: i32): void {
  memory.fill(PER_LENGTH, 0, 128);
  let leaf = 0;
  let root = 0;
  for (let next = 0; next < n - 1; ++next) {
    let sum: u32 = 0;
    for (let side = 0; side < 2; ++side) {
      if (leaf >= n || (root < next && at32(TREE, root) < at32(TREE, leaf))) {
        sum += at32(TREE, root);
        set32(TREE, root++, <u32>next);
      } else {
        sum += at32(TREE, leaf++);
      }
    }
    set32(TREE, next, sum);
  }
  // Depths of the inner nodes, from the root down.
  set32(TREE, n - 2, 0);
  for (let i = n - 3; i >= 0; --i) set32(TREE, i, at32(TREE, <i32>at32(TREE, i)) + 1);

  // Places at each depth that no inner node takes are leaves.
  let places = 1;
  let node = n - 2;
  let left = n;
  for (let depth: u32 = 0; left > 0; ++depth) {
    let inner = 0;
    while (node >= 0 && at32(TREE, node) == depth) {
      ++inner;
      --node;
    }
    const leaves = places - inner;
    const length = <i32>min(depth, <u32>limit);
    set32(PER_LENGTH, length, at32(PER_LENGTH, length) + <u32>leaves);
    left -= leaves;
    places = inner << 1;
  }

  // Codes that were shortened to the limit take too much of the code space: lengthen others until all fit.
  let space: u32 = 0;
  for (let length = 1; length <= limit; ++length) space += at32(PER_LENGTH, length) << (limit - length);
  for (; space > <u32>1 << limit; --space) {
    let length = limit - 1;
    while (at32(PER_LENGTH, length) == 0) --length;
    set32(PER_LENGTH, limit, at32(PER_LENGTH, limit) - 1);
    set32(PER_LENGTH, length, at32(PER_LENGTH, length) - 1);
    set32(PER_LENGTH, length + 1, at32(PER_LENGTH, length + 1) + 2);
  }
}

/**
 * Makes codes for the tokens counted in LITERAL_COUNTS and DISTANCE_COUNTS: code lengths in CODE_LENGTHS. Returns the
 * size in bits of a dynamic block of them without extra bits: header, codes and end.
 */
export function makeBlockCodes(): u64 {
  // Symbols that never occur have no code.
  memory.fill(CODE_LENGTHS, 0, <usize>(LITERAL_SYMBOLS + DISTANCE_SYMBOLS));
  set32(LITERAL_COUNTS, 256, 1);
  makeLengths(LITERAL_COUNTS, LITERAL_SYMBOLS - 2, MAX_CODE_LENGTH, CODE_LENGTHS);
  makeLengths(DISTANCE_COUNTS, DISTANCE_SYMBOLS - 2, MAX_CODE_LENGTH, DISTANCE_LENGTHS);
  headerBits = 3 + listLengths();
  let bits = headerBits;
  for (let i = 0; i < LITERAL_SYMBOLS - 2; ++i) {
    bits += <u64>at32(LITERAL_COUNTS, i) * <u64>load<u8>(CODE_LENGTHS + <usize>i);
  }
  for (let i = 0; i < DISTANCE_SYMBOLS - 2; ++i) {
    bits += <u64>at32(DISTANCE_COUNTS, i) * <u64>load<u8>(DISTANCE_LENGTHS + <usize>i);
  }
  return bits;
}

/** Bits of the header that putBlockHeader writes. */
export let headerBits: u64 = 0;

let literalCount: usize = 0;
let distanceCount: usize = 0;

/** Prepares the lengths for the header. Returns the header's bits after the block type. */
function listLengths(): u64 {
  literalCount = 286;
  while (literalCount > 257 && load<u8>(CODE_LENGTHS + literalCount - 1) == 0) --literalCount;
  distanceCount = 30;
  while (distanceCount > 1 && load<u8>(DISTANCE_LENGTHS + distanceCount - 1) == 0) --distanceCount;
  const total = literalCount + distanceCount;
  memory.fill(LENGTH_COUNTS, 0, 128);
  listed = 0;
  let i: usize = 0;
  while (i < total) {
    const length = lengthAt(i);
    let same: usize = 1;
    while (i + same < total && lengthAt(i + same) == length) ++same;
    i += same;
    if (length == 0) {
      while (same >= 11) {
        const repeat = min(same, 138);
        list(18, <u32>repeat - 11);
        same -= repeat;
      }
      if (same >= 3) {
        list(17, <u32>same - 3);
        same = 0;
      }
    } else {
      list(length, 0);
      --same;
      while (same >= 3) {
        const repeat = min(same, 6);
        list(16, <u32>repeat - 3);
        same -= repeat;
      }
    }
    for (; same > 0; --same) list(length, 0);
  }
  makeLengths(LENGTH_COUNTS, LENGTH_CODE_SYMBOLS, LENGTH_CODE_LIMIT, LENGTH_LENGTHS);
  orderCount = <usize>LENGTH_CODE_SYMBOLS;
  while (orderCount > 4 && load<u8>(LENGTH_LENGTHS + <usize>load<u8>(LENGTH_CODE_ORDER + orderCount - 1)) == 0) --orderCount;
  let bits: u64 = 14 + 3 * <u64>orderCount;
  for (let symbol = 0; symbol < LENGTH_CODE_SYMBOLS; ++symbol) {
    bits += <u64>at32(LENGTH_COUNTS, symbol) * (<u64>load<u8>(LENGTH_LENGTHS + <usize>symbol) + listedExtraBits(symbol));
  }
  return bits;
}

function lengthAt(i: usize): u32 {
  return i < literalCount ? load<u8>(CODE_LENGTHS + i) : load<u8>(DISTANCE_LENGTHS + (i - literalCount));
}

function list(symbol: u32, extra: u32): void {
  store<u8>(LISTED + 2 * listed, <u8>symbol);
  store<u8>(LISTED + 2 * listed, <u8>extra, 1);
  ++listed;
  set32(LENGTH_COUNTS, symbol, at32(LENGTH_COUNTS, symbol) + 1);
}

function listedExtraBits(symbol: u32): u64 {
  return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

/** Writes the header of the block whose codes makeBlockCodes made last. */
export function putBlockHeader(): void {
  putBits(4, 3);
  putBits(<u64>(literalCount - 257), 5);
  putBits(<u64>(distanceCount - 1), 5);
  putBits(<u64>(orderCount - 4), 4);
  for (let i: usize = 0; i < orderCount; ++i) {
    putBits(<u64>load<u8>(LENGTH_LENGTHS + <usize>load<u8>(LENGTH_CODE_ORDER + i)), 3);
  }
  makeAlphabetCodes(LENGTH_LENGTHS, LENGTH_CODE_SYMBOLS, LENGTH_CODES);
  for (let i: usize = 0; i < listed; ++i) {
    const symbol = <u32>load<u8>(LISTED + 2 * i);
    const code = at32(LENGTH_CODES, symbol);
    putBits(<u64>(code & 0xffff), <u64>(code >> 16));
    putBits(<u64>load<u8>(LISTED + 2 * i, 1), listedExtraBits(symbol));
  }
}
