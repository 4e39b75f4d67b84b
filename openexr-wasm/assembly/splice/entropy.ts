// What codes of their own would cost tokens at least, estimated: the codes themselves take longer to make than most tokens to write.

import { DISTANCE_COUNTS, LITERAL_COUNTS } from './codes';
import { DISTANCE_SYMBOLS, LITERAL_SYMBOLS } from '../deflate/format';

/** Bits of a block's header besides those for each of its symbols; few blocks have shorter ones. */
const SHORT_HEADER: u64 = 40;
const HEADER_BITS_OF_SYMBOL: u64 = 2;

/** Bits of a fraction. */
const FRACTION: u32 = 8;

/** Symbols that occur, of those looked at since it was set to 0. */
let distinct: u64 = 0;

/**
 * About the fewest bits that a block of the tokens counted in LITERAL_COUNTS and DISTANCE_COUNTS can take without extra bits:
 * entropy and a short header.
 */
export function leastBlockBits(): u64 {
  distinct = 0;
  const codes = entropyOf(LITERAL_COUNTS, LITERAL_SYMBOLS) + entropyOf(DISTANCE_COUNTS, DISTANCE_SYMBOLS);
  return SHORT_HEADER + HEADER_BITS_OF_SYMBOL * distinct + (codes >> FRACTION);
}

/** Bits of all symbols that occur as often as these counts say, as a fraction. */
function entropyOf(counts: usize, symbols: i32): u64 {
  let total: u32 = 0;
  let known: u64 = 0;
  for (let i: usize = 0; i < <usize>symbols; ++i) {
    const count = load<u32>(counts + (i << 2));
    if (count == 0) continue;
    ++distinct;
    total += count;
    known += <u64>count * <u64>logarithm(count);
  }
  return total == 0 ? 0 : <u64>total * <u64>logarithm(total) - known;
}

/** The base 2 logarithm of a positive number, as a fraction: exact for powers of two, and linear between them. */
function logarithm(value: u32): u32 {
  const whole = <u32>31 - clz(value);
  const rest = value ^ (<u32>1 << whole);
  return (whole << FRACTION) + (whole >= FRACTION ? rest >> (whole - FRACTION) : rest << (FRACTION - whole));
}
