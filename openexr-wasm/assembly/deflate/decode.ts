// Decodes the tokens of a block. Most of the time spent on reading is spent here.

import { copyMatch } from './matches';
import {
  DISTANCE_BITS,
  DISTANCE_TABLE,
  ENTRY_END,
  ENTRY_LINK,
  ENTRY_LITERAL,
  ENTRY_SPECIAL,
  LITERAL_BITS,
  LITERAL_OF_LENGTH,
  LITERAL_TABLE,
  NO_USUAL,
  usualLiteral,
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
  // Before this there is room for five literals and another token.
  const roomy = stop - 5;
  const usual = usualLiteral;
  const guesses = usual != NO_USUAL;
  const usualBits = <u64>(usual & 0xff);
  let result = STOPPED;

  while (true) {
    let entry: u32 = 0;
    // Literals have loops of their own so that the compiler keeps all they need in registers.
    //
    // Where a code begins is known only once the one before it has been looked up, which takes seven cycles. Where nearly all
    // literals are equally long, as in noise, their length is assumed and then checked: the processor continues while
    // it waits for the check. Four of at most 8 bits leave enough for any other token.
    while (guesses) {
      if (input > lastInput) return TRUNCATED;
      bits |= load<u64>(input) << have;
      input += <usize>((63 - have) >> 3);
      have |= 56;
      entry = literalEntry(bits);
      if (to < roomy && (entry & LITERAL_OF_LENGTH) == usual) {
        bits >>= usualBits;
        have -= usualBits;
        store<u8>(to++, <u8>(entry >> 16));
        entry = literalEntry(bits);
        if ((entry & LITERAL_OF_LENGTH) == usual) {
          bits >>= usualBits;
          have -= usualBits;
          store<u8>(to++, <u8>(entry >> 16));
          entry = literalEntry(bits);
          if ((entry & LITERAL_OF_LENGTH) == usual) {
            bits >>= usualBits;
            have -= usualBits;
            store<u8>(to++, <u8>(entry >> 16));
            entry = literalEntry(bits);
            if ((entry & LITERAL_OF_LENGTH) == usual) {
              bits >>= usualBits;
              have -= usualBits;
              store<u8>(to++, <u8>(entry >> 16));
              entry = literalEntry(bits);
            }
          }
        }
      }
      if (!(entry & ENTRY_LITERAL)) break;
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to++, <u8>(entry >> 16));
      if (to >= stop) break;
    }
    while (!guesses) {
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
        continue;
      }
      bits >>= <u64>entry;
      have -= <u64>(entry & 0xff);
      store<u8>(to, <u8>(entry >> 16), 3);
      entry = literalEntry(bits);
      if (!(entry & ENTRY_LITERAL)) {
        to += 4;
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
