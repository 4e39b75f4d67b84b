// Tokens that wait to be written: literals and matches, what they cost with given codes, and writing them.

import { bitOut, pendingBits, pendingCount, putPending, roomFor } from './bits';
import { DISTANCE_COUNTS, LITERAL_COUNTS } from './codes';
import {
  distanceExtraBits,
  distanceSymbol,
  FIRST_LENGTH,
  lengthExtraBits,
  lengthSymbol,
  LITERAL_SYMBOLS,
} from '../deflate/format';
import { LOG_MATCH } from './log';

/** Bytes of a table of codes in the form of makeCodes. */
export const CODES_BYTES: usize = 320 * 4;

/** The cost when some token has no code. */
export const NEVER: u64 = <u64>-1;

/** u32 each: a literal, or MATCH with length - 3 from bit 16 on and distance - 1. */
const MATCH: u32 = 0x80000000;
const MOST_TOKENS: u32 = 16384;
const TOKENS: usize = memory.data(65536, 16);
export const TOKENS_END: usize = TOKENS + 65536;
export let tokenCount: u32 = 0;
export let matchCount: u32 = 0;

/** From this many tokens on, counting symbols is cheaper than going through the tokens for each cost. */
const COUNTING: u32 = 512;
let counted: bool = false;
let countedExtraBits: u64 = 0;

/** For a new target, whatever state the previous one ended in; it may have ended early. */
export function startTokens(): void {
  clearTokens();
  literalsLeft = 0;
}

export function clearTokens(): void {
  tokenCount = 0;
  matchCount = 0;
  counted = false;
}

/** Whether no more tokens can wait. */
export function tokensFull(): bool {
  return tokenCount == MOST_TOKENS;
}

/** Address of a waiting literal. */
export function literalAt(i: u32): usize {
  return TOKENS + (<usize>i << 2);
}

/** Adds a literal; there is room. */
export function addLiteral(value: u32): void {
  store<u32>(TOKENS + (<usize>tokenCount << 2), value);
  ++tokenCount;
  counted = false;
}

/** Adds a match; there is room. */
export function addMatch(length: u32, distance: u32): void {
  store<u32>(nextToken(), matchToken(length, distance));
  ++tokenCount;
  ++matchCount;
  counted = false;
}

export function matchToken(length: u32, distance: u32): u32 {
  return MATCH | ((length - 3) << 16) | (distance - 1);
}

/** Where the next token goes, for a caller that adds several: as many as there is room for up to TOKENS_END. */
export function nextToken(): usize {
  return TOKENS + (<usize>tokenCount << 2);
}

/** Records that tokens were added up to an address, this many of them matches. */
export function tokensUpTo(address: usize, matches: u32): void {
  tokenCount = <u32>(address - TOKENS) >> 2;
  matchCount += matches;
  counted = false;
}

/** Literals of the log's entry that addLogged has begun but not finished. */
let literalsLeft: u32 = 0;

/** Takes tokens out of a log (see splice/log.ts), from `from` on up to `to` or until no more can wait. Returns how far. */
export function addLogged(from: usize, to: usize): usize {
  counted = false;
  let count = tokenCount;
  while (from < to && count < MOST_TOKENS) {
    if (literalsLeft == 0) {
      const head = <u32>load<u16>(from);
      from += 2;
      if (head & LOG_MATCH) {
        store<u32>(TOKENS + (<usize>count << 2), MATCH | (<u32>load<u8>(from++) << 16) | (head ^ LOG_MATCH));
        ++matchCount;
        ++count;
        continue;
      }
      literalsLeft = head;
    }
    const n = min(literalsLeft, MOST_TOKENS - count);
    addBytes(TOKENS + (<usize>count << 2), from, <usize>n);
    from += <usize>n;
    count += n;
    literalsLeft -= n;
  }
  tokenCount = count;
  return from;
}

/** Bytes to u32s. */
function addBytes(to: usize, from: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const words = v128.load_ext<u8>(from + i);
    v128.store(to + (i << 2), i32x4.extend_low_i16x8_u(words));
    v128.store(to + (i << 2), i32x4.extend_high_i16x8_u(words), 16);
  }
  for (; i < count; ++i) store<u32>(to + (i << 2), <u32>load<u8>(from + i));
}

function literalCode(codes: usize, symbol: usize): u32 {
  return load<u32>(codes + (symbol << 2));
}

function distanceCode(codes: usize, symbol: u32): u32 {
  return load<u32>(codes + ((<usize>LITERAL_SYMBOLS + <usize>symbol) << 2));
}

/** Bits of the waiting tokens with these codes; NEVER when one has none. */
export function tokenCost(codes: usize): u64 {
  return tokenCount < COUNTING ? costOfEach(codes) : costOfCounts(codes);
}

function costOfEach(codes: usize): u64 {
  let bits: u64 = 0;
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    if (token & MATCH) {
      const length = lengthSymbol((token >> 16) & 0xff);
      const distance = distanceSymbol(token & 0x7fff);
      const first = literalCode(codes, FIRST_LENGTH + <usize>length) >> 16;
      const second = distanceCode(codes, distance) >> 16;
      if (first == 0 || second == 0) return NEVER;
      bits += <u64>(first + lengthExtraBits(length) + second + distanceExtraBits(distance));
    } else {
      const size = literalCode(codes, token) >> 16;
      if (size == 0) return NEVER;
      bits += <u64>size;
    }
  }
  return bits;
}

function costOfCounts(codes: usize): u64 {
  countTokens();
  let bits = countedExtraBits;
  for (let i: usize = 0; i < CODES_BYTES; i += 4) {
    const count = load<u32>(LITERAL_COUNTS + i);
    const size = load<u32>(codes + i) >> 16;
    if (count != 0 && size == 0) return NEVER;
    bits += <u64>count * <u64>size;
  }
  return bits;
}

/** Counts the waiting tokens' symbols into LITERAL_COUNTS and DISTANCE_COUNTS. Returns their extra bits. */
export function countTokens(): u64 {
  if (counted) return countedExtraBits;
  memory.fill(LITERAL_COUNTS, 0, CODES_BYTES);
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    let symbol = <usize>token;
    if (token & MATCH) {
      symbol = FIRST_LENGTH + <usize>lengthSymbol((token >> 16) & 0xff);
      const distance = DISTANCE_COUNTS + (<usize>distanceSymbol(token & 0x7fff) << 2);
      store<u32>(distance, load<u32>(distance) + 1);
    }
    const literal = LITERAL_COUNTS + (symbol << 2);
    store<u32>(literal, load<u32>(literal) + 1);
  }
  let bits: u64 = 0;
  for (let symbol: u32 = 0; symbol < 29; ++symbol) {
    bits += <u64>load<u32>(LITERAL_COUNTS + ((FIRST_LENGTH + <usize>symbol) << 2)) * <u64>lengthExtraBits(symbol);
  }
  for (let symbol: u32 = 0; symbol < 30; ++symbol) {
    bits += <u64>load<u32>(DISTANCE_COUNTS + (<usize>symbol << 2)) * <u64>distanceExtraBits(symbol);
  }
  counted = true;
  countedExtraBits = bits;
  return bits;
}

/** Writes the waiting tokens, of `cost` bits with these codes, and forgets them. */
export function putTokens(codes: usize, cost: u64): void {
  if (!roomFor(cost)) {
    clearTokens();
    return;
  }
  // The writer's state is in local variables: this is where the time is spent.
  let bits = pendingBits;
  let have = pendingCount;
  let out = bitOut;
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    if (!(token & MATCH)) {
      const code = literalCode(codes, token);
      bits |= <u64>(code & 0xffff) << have;
      have += <u64>(code >> 16);
      // Another literal has at most 15 bits.
      if (have < 48) continue;
      store<u64>(out, bits);
      out += <usize>(have >> 3);
      bits >>= have & 0x38;
      have &= 7;
      continue;
    }
    // A match has at most 48 bits.
    store<u64>(out, bits);
    out += <usize>(have >> 3);
    bits >>= have & 0x38;
    have &= 7;
    const length = (token >> 16) & 0xff;
    const lengthAs = lengthSymbol(length);
    const first = literalCode(codes, FIRST_LENGTH + <usize>lengthAs);
    bits |= <u64>(first & 0xffff) << have;
    have += <u64>(first >> 16);
    let extra = lengthExtraBits(lengthAs);
    // A symbol's least length is a multiple of what its extra bits can count; the same holds for distances.
    bits |= <u64>(length & ((1 << extra) - 1)) << have;
    have += <u64>extra;
    const distance = token & 0x7fff;
    const distanceAs = distanceSymbol(distance);
    const second = distanceCode(codes, distanceAs);
    bits |= <u64>(second & 0xffff) << have;
    have += <u64>(second >> 16);
    extra = distanceExtraBits(distanceAs);
    bits |= <u64>(distance & ((1 << extra) - 1)) << have;
    have += <u64>extra;
    store<u64>(out, bits);
    out += <usize>(have >> 3);
    bits >>= have & 0x38;
    have &= 7;
  }
  store<u64>(out, bits);
  out += <usize>(have >> 3);
  bits >>= have & 0x38;
  have &= 7;
  putPending(out, bits, have);
  clearTokens();
}
