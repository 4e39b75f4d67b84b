// Decoding tables for a block's two codes: the next bits of the stream index a table whose entries give the symbol and
// the bits it takes. Codes longer than the index continue in a second table after the first.
//
// An entry (u32):
//   bits 0-7    bits to consume: the code and, for lengths and distances, their extra bits. Only the low 6 bits are
//               ever set, so that the entry itself can serve as a shift count for 64-bit values
//   bits 8-11   bits of the code alone, where the extra bits begin; in a link, the index bits of the second table
//   bit 12      end of block       bit 14      link to a second table
//   bit 15      anything special: end of block, link, or (with neither) no symbol
//   bits 16-30  literal, least length, least distance, or where the second table starts
//   bit 31      literal

import {
  CODE_LENGTHS,
  countLengths,
  distanceBase,
  distanceExtraBits,
  DISTANCE_LENGTHS,
  DISTANCE_SYMBOLS,
  END_OF_BLOCK,
  FIRST_LENGTH,
  lengthBase,
  lengthExtraBits,
  LITERAL_SYMBOLS,
  MAX_CODE_LENGTH,
  MIN_MATCH,
  reverseBits,
} from './format';
import { OK } from '../status';

export const ENTRY_LITERAL: u32 = 0x80000000;
export const ENTRY_SPECIAL: u32 = 0x8000;
export const ENTRY_LINK: u32 = 0x4000;
export const ENTRY_END: u32 = 0x1000;

/** Index bits of the first tables. With 11 for literals splicing rendered frames took 3 % longer. */
export const LITERAL_BITS: u32 = 10;
export const DISTANCE_BITS: u32 = 8;

/** Room for the most entries any code can need with these index bits (1334 and 402, as zlib's `enough` finds). */
export const LITERAL_TABLE: usize = memory.data(1400 * 4, 64);
export const DISTANCE_TABLE: usize = memory.data(408 * 4, 64);

/** Entries without their code lengths, one per symbol. */
const LITERAL_ENTRIES: usize = memory.data(288 * 4, 16);
const DISTANCE_ENTRIES: usize = memory.data(32 * 4, 16);

/** Symbols by code length, and among equals by number: u16 each. */
const SORTED: usize = memory.data(288 * 2, 16);
const COUNTS: usize = memory.data(16 * 4, 16);
const NEXT: usize = memory.data(17 * 4, 16);

/** What the next 8 bits are (u16): a literal whose code they are, or BY_LITERAL_TABLE. Only where {@link mostTakeOctet}. */
export const OCTET_TABLE: usize = memory.data(256 * 2, 64);
export const BY_LITERAL_TABLE: u32 = 0x100;

/** Whether nearly all literals of the block have codes of 8 bits, as in noise. */
export let mostTakeOctet: bool = false;

let haveEntries: bool = false;

function makeEntries(): void {
  for (let symbol: u32 = 0; symbol < <u32>LITERAL_SYMBOLS; ++symbol) {
    let entry = ENTRY_SPECIAL;
    if (symbol < <u32>END_OF_BLOCK) entry = ENTRY_LITERAL | (symbol << 16);
    else if (symbol == <u32>END_OF_BLOCK) entry = ENTRY_SPECIAL | ENTRY_END;
    else if (symbol < 286) {
      const length = symbol - <u32>FIRST_LENGTH;
      entry = ((lengthBase(length) + MIN_MATCH) << 16) | lengthExtraBits(length);
    }
    store<u32>(LITERAL_ENTRIES + (<usize>symbol << 2), entry);
  }
  for (let symbol: u32 = 0; symbol < <u32>DISTANCE_SYMBOLS; ++symbol) {
    const entry = symbol < 30 ? ((distanceBase(symbol) + 1) << 16) | distanceExtraBits(symbol) : ENTRY_SPECIAL;
    store<u32>(DISTANCE_ENTRIES + (<usize>symbol << 2), entry);
  }
  haveEntries = true;
}

/** Makes both tables from CODE_LENGTHS. Returns OK, or CORRUPT when the lengths make no code. */
export function buildTables(): i32 {
  if (!haveEntries) makeEntries();
  const status = build(CODE_LENGTHS, LITERAL_SYMBOLS, LITERAL_ENTRIES, LITERAL_TABLE, LITERAL_BITS);
  if (status < 0) return status;
  buildOctets();
  return build(DISTANCE_LENGTHS, DISTANCE_SYMBOLS, DISTANCE_ENTRIES, DISTANCE_TABLE, DISTANCE_BITS);
}

/**
 * Makes the table of 8 bits where seven of eight symbols have such a code, their frequencies estimated from their code lengths. Where
 * 96 % had it, a splice took 12 % less time by guessing it; where 55 % had it, a third more. The limit between the two is an estimate.
 */
function buildOctets(): void {
  mostTakeOctet = load<u32>(COUNTS + (8 << 2)) << 3 >= <u32>7 << 8;
  if (!mostTakeOctet) return;
  for (let next: usize = 0; next < 256; ++next) {
    const entry = load<u32>(LITERAL_TABLE + (next << 2));
    const takesOctet = (entry & (ENTRY_LITERAL | 0xff)) == (ENTRY_LITERAL | 8);
    store<u16>(OCTET_TABLE + (next << 1), takesOctet ? <u8>(entry >> 16) : BY_LITERAL_TABLE);
  }
}

function build(lengths: usize, symbols: i32, entries: usize, table: usize, indexBits: u32): i32 {
  const complete = countLengths(lengths, symbols, COUNTS);
  if (complete < 0) return complete;
  if (complete == 0) return buildTiny(lengths, symbols, entries, table, indexBits);
  sortSymbols(lengths, symbols);

  // Codes in ascending order; a code is stored first bit first, so that "the next code" counts from the top.
  // The first table starts with an index of as few bits as the shortest code has, and doubles as codes get longer.
  let length: u32 = 1;
  while (load<i32>(COUNTS + (<usize>length << 2)) == 0) ++length;
  let have: u32 = length;
  let code: u32 = 0;
  let sorted = SORTED;
  // The second table being filled: where it starts, its entries, and the code bits that lead to it.
  let second: u32 = 0;
  let secondSize: u32 = 0;
  let prefix: u32 = <u32>-1;
  let top: u32 = <u32>1 << indexBits;
  let left = load<i32>(COUNTS + (<usize>length << 2));
  while (true) {
    const entry = load<u32>(entries + (<usize>load<u16>(sorted) << 2));
    sorted += 2;
    if (length <= indexBits) {
      store<u32>(table + (<usize>code << 2), entry + length * 0x101);
    } else {
      if ((code & ((<u32>1 << indexBits) - 1)) != prefix) {
        prefix = code & ((<u32>1 << indexBits) - 1);
        second = top;
        const bits = secondBits(length, left, indexBits);
        secondSize = <u32>1 << bits;
        top += secondSize;
        const link = (second << 16) | ENTRY_SPECIAL | ENTRY_LINK | (bits << 8) | indexBits;
        store<u32>(table + (<usize>prefix << 2), link);
      }
      const rest = length - indexBits;
      for (let i = code >> indexBits; i < secondSize; i += <u32>1 << rest) {
        store<u32>(table + (<usize>(second + i) << 2), entry + rest * 0x101);
      }
    }
    const ones = (<u32>1 << length) - 1;
    if (code == ones) break;
    // Add one at the end of the code, which is its highest bit here.
    const carry = <u32>1 << (31 - clz(code ^ ones));
    code = (code & (carry - 1)) | carry;
    if (--left > 0) continue;
    do left = load<i32>(COUNTS + (<usize>++length << 2));
    while (left == 0);
    while (have < length && have < indexBits) {
      copyEntries(table + (<usize>1 << (have + 2)), table, <usize>1 << (have + 2));
      ++have;
    }
  }
  for (; have < indexBits; ++have) copyEntries(table + (<usize>1 << (have + 2)), table, <usize>1 << (have + 2));
  return OK;
}

/** Index bits of a second table whose first code has `length` bits, `left` of them still to come. */
function secondBits(length: u32, left: i32, indexBits: u32): u32 {
  let bits = length - indexBits;
  let used = <u32>left;
  // As long as the codes of these lengths do not fill it, longer ones share it.
  while (used < <u32>1 << bits && indexBits + bits < <u32>MAX_CODE_LENGTH) {
    ++bits;
    used = (used << 1) + load<u32>(COUNTS + (<usize>(indexBits + bits) << 2));
  }
  return bits;
}

/** A code of one symbol with one bit, or of none. */
function buildTiny(lengths: usize, symbols: i32, entries: usize, table: usize, indexBits: u32): i32 {
  const size = <usize>1 << indexBits;
  for (let i: usize = 0; i < size; ++i) store<u32>(table + (i << 2), ENTRY_SPECIAL);
  for (let symbol = 0; symbol < symbols; ++symbol) {
    if (load<u8>(lengths + <usize>symbol) == 0) continue;
    const entry = load<u32>(entries + (<usize>symbol << 2)) + 0x101;
    for (let i: usize = 0; i < size; i += 2) store<u32>(table + (i << 2), entry);
  }
  return OK;
}

function sortSymbols(lengths: usize, symbols: i32): void {
  let at: u32 = 0;
  for (let length: usize = 1; length <= <usize>MAX_CODE_LENGTH; ++length) {
    store<u32>(NEXT + (length << 2), at);
    at += load<u32>(COUNTS + (length << 2));
  }
  for (let symbol = 0; symbol < symbols; ++symbol) {
    const length = <usize>load<u8>(lengths + <usize>symbol);
    if (length == 0) continue;
    const next = NEXT + (length << 2);
    const to = load<u32>(next);
    store<u32>(next, to + 1);
    store<u16>(SORTED + (<usize>to << 1), <u16>symbol);
  }
}

/** memory.copy is a call into the engine, and these copies are short. */
function copyEntries(to: usize, from: usize, bytes: usize): void {
  if (bytes < 16) {
    for (let i: usize = 0; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i));
    return;
  }
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}

/**
 * The codes of CODE_LENGTHS for writing: 288 literal/length and 32 distance symbols, each a u32 with the code's bits
 * and, from bit 16 on, their number (0 where the symbol has no code).
 */
export function makeCodes(codes: usize): void {
  makeAlphabetCodes(CODE_LENGTHS, LITERAL_SYMBOLS, codes);
  makeAlphabetCodes(DISTANCE_LENGTHS, DISTANCE_SYMBOLS, codes + (<usize>LITERAL_SYMBOLS << 2));
}

/** The same for one alphabet, whose lengths make a code. */
export function makeAlphabetCodes(lengths: usize, symbols: i32, codes: usize): void {
  countLengths(lengths, symbols, COUNTS);
  let code: u32 = 0;
  for (let length: usize = 1; length <= <usize>MAX_CODE_LENGTH; ++length) {
    store<u32>(NEXT + (length << 2), code);
    code = (code + load<u32>(COUNTS + (length << 2))) << 1;
  }
  for (let symbol = 0; symbol < symbols; ++symbol) {
    const length = <usize>load<u8>(lengths + <usize>symbol);
    let entry: u32 = 0;
    if (length != 0) {
      const next = NEXT + (length << 2);
      const value = load<u32>(next);
      store<u32>(next, value + 1);
      entry = reverseBits(value, <u32>length) | (<u32>length << 16);
    }
    store<u32>(codes + (<usize>symbol << 2), entry);
  }
}
