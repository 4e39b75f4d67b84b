// Decodes the tokens of a block. Most of the time spent on reading is spent here.

import { copyMatch } from './matches';
import {
  BY_LITERAL_TABLE,
  DISTANCE_BITS,
  DISTANCE_TABLE,
  ENTRY_END,
  ENTRY_LINK,
  ENTRY_LITERAL,
  ENTRY_SPECIAL,
  LITERAL_BITS,
  LITERAL_TABLE,
  mostTakeOctet,
  OCTET_TABLE,
} from './tables';
import { CORRUPT, OK, TRUNCATED } from '../status';

// What decodeTokens ends with, besides errors.
/** The output reached `stop`. */
export const STOPPED: i32 = 1;
/** The block ended. */
export const BLOCK_ENDED: i32 = 2;

/** Where decodeTokens left off: the next bit, and where the next byte goes. */
export let decodedPosition: u64 = 0;
export let decodedTo: usize = 0;
/** The first bit of the token that `other` is called for, or that ended decoding: the end of the block, or a bad token. */
export let tokenPosition: u64 = 0;

/** Called by `other` of decodeTokens: where output continues. */
export function goOnAt(to: usize): void {
  decodedTo = to;
}

/**
 * Decodes tokens of the current block from bit `position` of the stream at `base` on, at least one, until the output
 * is at `stop` or the block ends. The stream's bits end at `endBit`. The 16 bytes after the output are scratch.
 *
 * Matches that reach back below `lowest` or past `edge` are left to `other`, which reports through goOnAt where output
 * continues. A status other than OK from it ends decoding. Returns STOPPED, BLOCK_ENDED, CORRUPT, TRUNCATED or that status.
 *
 * The next bits are in `bits`, of which `have` are known to be good; a wide load fills them up to at least 56.
 *
 * One long function with its state in local variables, and literals unrolled, because of what that is worth: with one plain
 * loop that refills before every literal, decoding whole ZIP chunks of a rendered frame took 9 % (half) to 15 % (float) longer.
 */
export function decodeTokens(
  base: usize,
  endBit: u64,
  position: u64,
  out: usize,
  stop: usize,
  lowest: usize,
  edge: usize,
  other: (length: u32, distance: u32) => i32,
): i32 {
  // A good token starts before the checksum, and its loads reach no more than 8 bytes further.
  const lastInput = base + <usize>(endBit >> 3) + 8;
  let input = base + <usize>(position >> 3);
  let bits = load<u64>(input) >> (position & 7);
  let have: u64 = 56 - (position & 7);
  input += 7;
  let to = out;
  // Before this there is room for six literals and another token.
  const roomy = stop - 6;
  const guesses = mostTakeOctet;
  let result = STOPPED;

  while (true) {
    let entry: u32 = ENTRY_LITERAL;
    // Literals have loops of their own so that the compiler keeps all they need in registers.
    //
    // Where a code begins is known only once the one before it has been looked up, which takes seven cycles. Where nearly all
    // literals have 8 bits, as in noise, that is assumed and then checked: the processor continues while it waits for the check.
    // Each has a branch of its own: all of them at once are right too rarely (docs/splice.md).
    if (guesses) {
      while (to < roomy) {
        if (input > lastInput) return TRUNCATED;
        bits |= load<u64>(input) << have;
        input += <usize>((63 - have) >> 3);
        have |= 56;
        let taken: u64 = 0;
        let next = octetAt(bits);
        if (next < BY_LITERAL_TABLE) {
          store<u8>(to, next);
          taken = 1;
          next = octetAt(bits >> 8);
          if (next < BY_LITERAL_TABLE) {
            store<u8>(to, next, 1);
            taken = 2;
            next = octetAt(bits >> 16);
            if (next < BY_LITERAL_TABLE) {
              store<u8>(to, next, 2);
              taken = 3;
              next = octetAt(bits >> 24);
              if (next < BY_LITERAL_TABLE) {
                store<u8>(to, next, 3);
                taken = 4;
                next = octetAt(bits >> 32);
                if (next < BY_LITERAL_TABLE) {
                  store<u8>(to, next, 4);
                  taken = 5;
                  next = octetAt(bits >> 40);
                  if (next < BY_LITERAL_TABLE) {
                    store<u8>(to, next, 5);
                    taken = 6;
                  }
                }
              }
            }
          }
        }
        bits >>= taken << 3;
        have -= taken << 3;
        to += <usize>taken;
        // With more than four taken, what is left may be too little for another token.
        if (taken > 4) continue;
        entry = literalEntry(bits);
        if (!(entry & ENTRY_LITERAL)) break;
        bits >>= <u64>entry;
        have -= <u64>(entry & 0xff);
        store<u8>(to++, <u8>(entry >> 16));
      }
    }
    while (entry & ENTRY_LITERAL) {
      if (input > lastInput) return TRUNCATED;
      bits |= load<u64>(input) << have;
      input += <usize>((63 - have) >> 3);
      have |= 56;
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) break;
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16));
      if (to >= roomy) {
        if (++to >= stop) break;
        continue;
      }
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) {
        ++to;
        break;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16), 1);
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) {
        to += 2;
        break;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16), 2);
      // At least 26 bits are left: enough for two more literals, but after the first not for another token.
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) {
        to += 3;
        entry = ENTRY_LITERAL;
        continue;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16), 3);
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) {
        to += 4;
        entry = ENTRY_LITERAL;
        continue;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16), 4);
      to += 5;
    }
    // The literal at the stop.
    if (entry & ENTRY_LITERAL) break;

    const token = (<u64>(input - base) << 3) - have;
    let before = bits;
    bits >>= <u64>entry;
    have -= <u64>(entry & 0xff);
    if (entry & ENTRY_SPECIAL) {
      if (entry & ENTRY_LINK) {
        entry = linkedEntry(LITERAL_TABLE, entry, bits);
        before = bits;
        bits >>= <u64>entry;
        have -= <u64>(entry & 0xff);
        if (entry & ENTRY_LITERAL) {
          store<u8>(to++, <u8>(entry >> 16));
          if (to >= stop) break;
          continue;
        }
      }
      if (entry & ENTRY_SPECIAL) {
        tokenPosition = token;
        result = entry & ENTRY_END ? BLOCK_ENDED : CORRUPT;
        break;
      }
    }
    const length = valueOf(entry, before);

    // 28 bits may follow.
    bits |= load<u64>(input) << have;
    input += <usize>((63 - have) >> 3);
    have |= 56;
    entry = load<u32>(DISTANCE_TABLE + ((<usize>bits & ((1 << DISTANCE_BITS) - 1)) << 2));
    before = bits;
    bits >>= <u64>entry;
    have -= <u64>(entry & 0xff);
    if (entry & ENTRY_LINK) {
      entry = linkedEntry(DISTANCE_TABLE, entry, bits);
      before = bits;
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
    }
    if (entry & ENTRY_SPECIAL) {
      tokenPosition = token;
      result = CORRUPT;
      break;
    }
    const distance = valueOf(entry, before);

    const from = to - <usize>distance;
    const end = to + <usize>length;
    if (from < lowest || end > edge) {
      tokenPosition = token;
      decodedTo = to;
      decodedPosition = (<u64>(input - base) << 3) - have;
      const status = other(length, distance);
      if (status != OK) return status;
      to = decodedTo;
      continue;
    }
    if (distance >= 16) {
      let at = from;
      do {
        v128.store(to, v128.load(at));
        at += 16;
        to += 16;
      } while (to < end);
    } else {
      copyMatch(to, <usize>distance, <usize>length);
    }
    to = end;
    if (to >= stop) break;
  }
  decodedTo = to;
  decodedPosition = result == CORRUPT ? tokenPosition : (<u64>(input - base) << 3) - have;
  return result;
}

/** The next 8 bits in the table of literals that have such codes. */
function octetAt(bits: u64): u32 {
  return load<u16>(OCTET_TABLE + ((<usize>bits & 0xff) << 1));
}

/** The entry of the next literal or length. */
function literalEntry(bits: u64): u32 {
  return load<u32>(LITERAL_TABLE + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
}

/** The entry in the second table that a link leads to; `bits` are those after the link's. */
function linkedEntry(table: usize, link: u32, bits: u64): u32 {
  const index = <u32>bits & ((1 << ((link >> 8) & 15)) - 1);
  return load<u32>(table + (<usize>((link >> 16) + index) << 2));
}

/** A length or distance: the entry's base value plus the extra bits, which follow the code in `bits`. */
function valueOf(entry: u32, bits: u64): u32 {
  const extra = <u32>(bits & ~(<u64>-1 << <u64>(entry & 0xff))) >> ((entry >> 8) & 15);
  return (entry >> 16) + extra;
}
