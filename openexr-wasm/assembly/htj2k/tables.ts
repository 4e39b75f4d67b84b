// Look-up tables made from the codes of the standard on first use.

import { FIRST_ROW_CODE_COUNT, FIRST_ROW_CODES, LATER_ROW_CODE_COUNT, LATER_ROW_CODES } from './codes';

// An entry of the decoding tables (u32), which block-decode.ts also keeps per quad:
//   bits 0-2    bits of the codeword    bit 3  u_off
//   bits 4-7    rho     bits 8-11  e_k     bits 12-15  e_1
export const RHO: u32 = 4;
export const E_K: u32 = 8;
export const E_1: u32 = 12;

/** Entries by context << 7 | the next 7 bits. Each context's code is complete, so that there are no gaps. */
export const FIRST_ROW_DECODING: usize = memory.data(1024 * 4, 64);
export const LATER_ROW_DECODING: usize = memory.data(1024 * 4, 64);

// An entry of the encoding tables (u16): bits 0-6 codeword, 7-9 its length, 10-13 e_k; by context << 8 | rho << 4 | eps.
export const FIRST_ROW_ENCODING: usize = memory.data(2048 * 2, 64);
export const LATER_ROW_ENCODING: usize = memory.data(2048 * 2, 64);

// An entry for the exponents of two quads (u32), by mode << 6 | the next 6 bits; the mode is u_off of the first quad, u_off
// of the second << 1, and 4 where a MEL event signals that both exceed 2 (first row only):
//   bits 0-2    bits of both prefixes   bits 4-6  suffix bits of the first   bits 8-10  of the second
//   bits 12-15  least exponent of the first          bits 16-19  of the second
// Mode 3 differs in the first row: where the first prefix has 3 bits, one bit gives the second exponent.
const U_ENTRIES: usize = 5 << 6;
export const FIRST_ROW_U: usize = memory.data(320 * 4, 64);
export const LATER_ROW_U: usize = memory.data(320 * 4, 64);

// How an exponent is encoded (u32): bits 0-2 prefix, 3-4 its length; 5-9 suffix, 10-12 its length; 13-16 extension, 17-19 its length.
export const U_ENCODING: usize = memory.data(80 * 4, 16);

/** Lanes of the samples of a quad that are significant, upper and then lower ones, by rho: 16 bytes each. */
export const LANES: usize = memory.data(16 * 16, 16);

let ready: bool = false;

export function prepareTables(): void {
  if (ready) return;
  ready = true;
  fillDecoding(FIRST_ROW_CODES, FIRST_ROW_CODE_COUNT, FIRST_ROW_DECODING);
  fillDecoding(LATER_ROW_CODES, LATER_ROW_CODE_COUNT, LATER_ROW_DECODING);
  fillEncoding(FIRST_ROW_CODES, FIRST_ROW_CODE_COUNT, FIRST_ROW_ENCODING);
  fillEncoding(LATER_ROW_CODES, LATER_ROW_CODE_COUNT, LATER_ROW_ENCODING);
  for (let i: usize = 0; i < U_ENTRIES; ++i) {
    store<u32>(FIRST_ROW_U + (i << 2), exponentEntry(<u32>i, true));
    store<u32>(LATER_ROW_U + (i << 2), exponentEntry(<u32>i, false));
  }
  for (let u: usize = 1; u < 80; ++u) store<u32>(U_ENCODING + (u << 2), exponentCode(<u32>u));
  // Sample n of a quad is in column n >> 1 and line n & 1.
  for (let rho: usize = 0; rho < 16; ++rho)
    for (let n: usize = 0; n < 4; ++n) {
      const lane = ((n & 1) << 1) | (n >> 1);
      store<i32>(LANES + (rho << 4) + (lane << 2), -(<i32>((rho >> n) & 1)));
    }
}

function fillDecoding(codes: usize, count: i32, table: usize): void {
  for (let i = 0; i < count; ++i) {
    const code = load<u32>(codes + (<usize>i << 2));
    const length = (code >> 7) & 7;
    const entry =
      length |
      (((code >> 17) & 1) << 3) |
      (((code >> 13) & 15) << RHO) |
      (((code >> 18) & 15) << E_K) |
      (((code >> 22) & 15) << E_1);
    const context = (code >> 10) & 7;
    for (let bits = code & 127; bits < 128; bits += 1 << length) store<u32>(table + (((context << 7) | bits) << 2), entry);
  }
}

/** For samples `eps` whose exponent is the quad's, the most specific code (any is right; this one makes the smallest block). */
function fillEncoding(codes: usize, count: i32, table: usize): void {
  for (let at: u32 = 0; at < 2048; ++at) {
    const context = at >> 8;
    const rho = (at >> 4) & 15;
    const eps = at & 15;
    let best: u32 = 0;
    let known = -1;
    for (let i = 0; i < count; ++i) {
      const code = load<u32>(codes + (<usize>i << 2));
      if (((code >> 10) & 7) != context || ((code >> 13) & 15) != rho) continue;
      const e_k = (code >> 18) & 15;
      const e_1 = (code >> 22) & 15;
      if (((code >> 17) & 1) != <u32>(eps != 0) || (eps & e_k) != e_1) continue;
      if (<i32>popcnt(e_k) <= known) continue;
      known = <i32>popcnt(e_k);
      best = (code & 0x3ff) | (e_k << 10);
    }
    store<u16>(table + (<usize>at << 1), <u16>best);
  }
}

/** Prefix codes of an exponent: 1 -> 1; 01 -> 2; 001 -> 3 and a bit; 000 -> 5 and 5 bits, which 4 more may follow. */
function prefixBits(bits: u32): u32 {
  return bits & 1 ? 1 : bits & 2 ? 2 : 3;
}

function suffixBits(bits: u32): u32 {
  return bits & 3 ? 0 : bits & 4 ? 1 : 5;
}

function leastExponent(bits: u32): u32 {
  return bits & 1 ? 1 : bits & 2 ? 2 : bits & 4 ? 3 : 5;
}

function exponentEntry(index: u32, firstRow: bool): u32 {
  const mode = index >> 6;
  const bits = index & 63;
  if (mode == 0) return 0;
  if (mode == 1) return prefixBits(bits) | (suffixBits(bits) << 4) | (leastExponent(bits) << 12);
  if (mode == 2) return prefixBits(bits) | (suffixBits(bits) << 8) | (leastExponent(bits) << 16);
  const first = prefixBits(bits);
  const rest = bits >> first;
  const own = (suffixBits(bits) << 4) | (leastExponent(bits) << 12);
  if (firstRow && mode == 3 && first == 3) return 4 | own | ((1 + (rest & 1)) << 16);
  const both = (first + prefixBits(rest)) | own | (suffixBits(rest) << 8) | (leastExponent(rest) << 16);
  return mode > 3 ? both + (2 << 12) + (2 << 16) : both;
}

function exponentCode(u: u32): u32 {
  if (u == 1) return 1 | (1 << 3);
  if (u == 2) return 2 | (2 << 3);
  if (u < 5) return 4 | (3 << 3) | ((u - 3) << 5) | (1 << 10);
  const plain = (3 << 3) | (5 << 10);
  if (u < 33) return plain | ((u - 5) << 5);
  return plain | ((28 + ((u - 33) & 3)) << 5) | (((u - 33) >> 2) << 13) | (4 << 17);
}
