// The MEL encoder (T.814, 7.3.3).

import { MEL_EXPONENTS, MEL_LAST_STATE } from './mel';

/** A block has at most 1536 events, each of which adds less than 6 bits. */
const BYTES: usize = memory.data(2048, 16);

let at: usize = 0;
let part: u32 = 0;
/** Bits that fit into the part. */
let left: u32 = 8;
let state: i32 = 0;
let run: u32 = 0;

export function melEncodeStart(): void {
  at = BYTES;
  part = 0;
  left = 8;
  state = 0;
  run = 0;
}

function putBit(bit: u32): void {
  part = (part << 1) | bit;
  if (--left > 0) return;
  store<u8>(at++, <u8>part);
  left = part == 0xff ? 7 : 8;
  part = 0;
}

export function melEncodeEvent(event: bool): void {
  const exponent = <u32>load<u8>(MEL_EXPONENTS + <usize>state);
  if (event) {
    putBit(0);
    for (let i = exponent; i > 0; --i) putBit((run >> (i - 1)) & 1);
    run = 0;
    if (state > 0) --state;
  } else if (++run == 1 << exponent) {
    putBit(1);
    run = 0;
    if (state < MEL_LAST_STATE) ++state;
  }
}

/** Copies the full bytes to `to` and returns their number. */
export function melEncodeEnd(to: usize): usize {
  // An incomplete run counts as a complete one.
  if (run > 0) putBit(1);
  memory.copy(to, BYTES, at - BYTES);
  return at - BYTES;
}

/**
 * The last byte, which has some upper bits, with VLC's, which has the lower bits of `mask`: one byte for both if they agree where
 * they overlap and `mayFuse`, or 0x100 and the own byte; -1 if there are no bits at all.
 */
export function melFuse(vlc: u32, mask: u32, mayFuse: bool): i32 {
  const own = part << left;
  const ownMask = (0xff << left) & 0xff;
  if ((ownMask | mask) == 0) return -1;
  const both = own | vlc;
  const agrees = (((both ^ own) & ownMask) | ((both ^ vlc) & mask)) == 0;
  return agrees && both != 0xff && mayFuse ? <i32>both : <i32>(own | 0x100);
}
