// Encoding of one code-block: one HT cleanup pass at bit-plane 0 (T.814, 7; block-decode.ts describes it). Exponents are the
// least that suffice, and of the codes that fit a quad the most specific one is used, so that sizes match OpenJPH's.

import { stuffMagSgn } from './bits';
import { MAX_SAMPLES, MAX_SIDE, WIDE_BITS } from './block-decode';
import { melEncodeEnd, melEncodeEvent, melEncodeStart, melFuse } from './mel-encode';
import { FIRST_ROW_ENCODING, LATER_ROW_ENCODING, prepareTables, U_ENCODING } from './tables';

/** Bits before stuffing. */
const MAG_SGN: usize = memory.data(<i32>MAX_SAMPLES * <i32>WIDE_BITS / 8 + 64, 16);
const VLC: usize = memory.data(8192 + 64, 16);

/** rho of the quads of a row, from the second byte on, with zeros around. */
const RHOS: usize = memory.data(MAX_SIDE / 2 + 4, 16);

/** For each quad, v_n | 1 of the sample below left and of the one to its left, in the row above. 8 bytes each. */
const ABOVE: usize = memory.data((MAX_SIDE / 2 + 4) * 8, 16);

/** The line below the last one, all zero. */
const NO_LINE: usize = memory.data((MAX_SIDE + 4) * 8, 16);

/** Bytes of the longest possible block, stuffing included. */
export const MOST_BYTES: usize = <usize>MAX_SAMPLES * <usize>WIDE_BITS / 7 + 8192;

/**
 * Encodes `width` x `height` numbers of type T (i32, i64) at `from`, `stride` bytes a line, to at most MOST_BYTES at `to`. Numbers
 * have less than NARROW_BITS (i32) or WIDE_BITS (i64) bits. Returns the bytes written; none when all numbers are zero.
 *
 * One long function with its state in local variables, because of what that is worth: with a function that puts one magnitude
 * and keeps its state in globals, encoding took a quarter longer (half 24 %, float 12 to 27 %).
 */
export function encodeBlock<T>(from: usize, stride: usize, width: i32, height: i32, to: usize): usize {
  if (isZero<T>(from, stride, width, height)) return 0;
  prepareTables();
  const quads = (width + 1) >> 1;
  memory.fill(ABOVE, 0, (<usize>quads + 1) << 3);
  memory.fill(RHOS, 0, <usize>quads + 3);
  melEncodeStart();
  let vlcAt = VLC;
  let vlcBits: u64 = 0;
  let vlcCount: u64 = 0;
  let magAt = MAG_SGN;
  let magBits: u64 = 0;
  let magCount: u64 = 0;
  // Past an odd width there are no samples.
  const lastColumn: u64 = width & 1 ? 0 : -1;
  for (let y = 0; y < height; y += 2, from += stride << 1) {
    const table = y == 0 ? FIRST_ROW_ENCODING : LATER_ROW_ENCODING;
    let upper = from;
    let lower = y + 1 < height ? from + stride : NO_LINE;
    let above = ABOVE;
    let rhos = RHOS + 1;
    let leftRho: u32 = 0;
    // rho of the quad above and to the left, which is overwritten.
    let cornerRho: u32 = 0;
    let left: u64 = 0;
    let over = load<u64>(above);
    let firstU: u32 = 0;
    for (let q = 0; q < quads; ++q, upper += 2 * sizeof<T>(), lower += 2 * sizeof<T>(), above += 8, ++rhos) {
      const column: u64 = q + 1 == quads ? lastColumn : -1;
      const x0 = <i64>load<T>(upper);
      const x1 = <i64>load<T>(lower);
      const x2 = <i64>(<u64>(<i64>load<T>(upper, sizeof<T>())) & column);
      const x3 = <i64>(<u64>(<i64>load<T>(lower, sizeof<T>())) & column);
      const s0 = x0 >> 63;
      const s1 = x1 >> 63;
      const s2 = x2 >> 63;
      const s3 = x3 >> 63;
      // Twice the magnitude less one, and the sign; the exponent is that of the odd number beside it.
      const v0 = <u64>(((x0 ^ s0) - s0) * 2 - 2 - s0);
      const v1 = <u64>(((x1 ^ s1) - s1) * 2 - 2 - s1);
      const v2 = <u64>(((x2 ^ s2) - s2) * 2 - 2 - s2);
      const v3 = <u64>(((x3 ^ s3) - s3) * 2 - 2 - s3);
      const w0 = x0 != 0 ? v0 | 1 : 0;
      const w1 = x1 != 0 ? v1 | 1 : 0;
      const w2 = x2 != 0 ? v2 | 1 : 0;
      const w3 = x3 != 0 ? v3 | 1 : 0;
      const rho = <u32>(x0 != 0) | (<u32>(x1 != 0) << 1) | (<u32>(x2 != 0) << 2) | (<u32>(x3 != 0) << 3);

      const next = load<u64>(above, 8);
      const most = 64 - <i32>clz(w0 | w1 | w2 | w3);
      const kappa = rho & (rho - 1) ? max(1, 63 - <i32>clz(over | next)) : 1;
      over = next;
      const exponent = max(most, kappa);
      const u = <u32>(exponent - kappa);
      store<u64>(above, left | w1);
      left = w3;

      let eps: u32 = 0;
      if (u > 0) {
        const top = <u64>(exponent - 1);
        eps = <u32>((w0 >> top) | ((w1 >> top) << 1) | ((w2 >> top) << 2) | ((w3 >> top) << 3));
      }
      let context: u32;
      if (y == 0) {
        context = (leftRho & 1) | (leftRho >> 1);
      } else {
        const aboveRho = <u32>load<u8>(rhos);
        const rightRho = <u32>load<u8>(rhos, 1);
        context =
          (((cornerRho >> 3) | (aboveRho >> 1)) & 1) |
          ((((leftRho >> 2) | (leftRho >> 3)) & 1) << 1) |
          ((((aboveRho >> 3) | (rightRho >> 1)) & 1) << 2);
        cornerRho = aboveRho;
      }
      store<u8>(rhos, <u8>rho);
      leftRho = rho;

      if (context == 0) melEncodeEvent(rho != 0);
      let known: u32 = 0;
      if (context != 0 || rho != 0) {
        const code = <u32>load<u16>(table + (<usize>((context << 8) | (rho << 4) | eps) << 1));
        vlcBits |= <u64>(code & 127) << vlcCount;
        vlcCount += (code >> 7) & 7;
        known = code >> 10;
      }
      if (q & 1 || q + 1 == quads) {
        // The exponents of two quads follow their codes together.
        let u0 = firstU;
        let u1 = u;
        if ((q & 1) == 0) {
          u0 = u;
          u1 = 0;
        }
        firstU = 0;
        if (u0 | u1) {
          let isFirstWord = false;
          if (y == 0 && u0 > 0 && u1 > 0) {
            const both = u0 > 2 && u1 > 2;
            melEncodeEvent(both);
            if (both) {
              u0 -= 2;
              u1 -= 2;
            } else isFirstWord = u0 > 2;
          }
          const a = load<u32>(U_ENCODING + (<usize>u0 << 2));
          const b = isFirstWord ? (u1 - 1) | (1 << 3) : load<u32>(U_ENCODING + (<usize>u1 << 2));
          // Prefixes, suffixes, extensions.
          vlcBits |= <u64>(a & 7) << vlcCount;
          vlcCount += (a >> 3) & 3;
          vlcBits |= <u64>(b & 7) << vlcCount;
          vlcCount += (b >> 3) & 3;
          vlcBits |= <u64>((a >> 5) & 31) << vlcCount;
          vlcCount += (a >> 10) & 7;
          vlcBits |= <u64>((b >> 5) & 31) << vlcCount;
          vlcCount += (b >> 10) & 7;
          vlcBits |= <u64>((a >> 13) & 15) << vlcCount;
          vlcCount += a >> 17;
          vlcBits |= <u64>((b >> 13) & 15) << vlcCount;
          vlcCount += b >> 17;
        }
        store<u64>(vlcAt, vlcBits);
        vlcAt += <usize>(vlcCount >> 3);
        vlcBits >>= vlcCount & 56;
        vlcCount &= 7;
      } else firstU = u;

      if (rho == 0) continue;
      const bits = <u32>exponent;
      const m0 = <u64>((-(rho & 1) & bits) - (known & 1));
      const m1 = <u64>((-((rho >> 1) & 1) & bits) - ((known >> 1) & 1));
      const m2 = <u64>((-((rho >> 2) & 1) & bits) - ((known >> 2) & 1));
      const m3 = <u64>((-(rho >> 3) & bits) - (known >> 3));
      magBits |= (v0 & ((1 << m0) - 1)) << magCount;
      magCount += m0;
      if (sizeof<T>() == 8) {
        store<u64>(magAt, magBits);
        magAt += <usize>(magCount >> 3);
        magBits >>= magCount & 56;
        magCount &= 7;
      }
      magBits |= (v1 & ((1 << m1) - 1)) << magCount;
      magCount += m1;
      store<u64>(magAt, magBits);
      magAt += <usize>(magCount >> 3);
      magBits >>= magCount & 56;
      magCount &= 7;
      magBits |= (v2 & ((1 << m2) - 1)) << magCount;
      magCount += m2;
      if (sizeof<T>() == 8) {
        store<u64>(magAt, magBits);
        magAt += <usize>(magCount >> 3);
        magBits >>= magCount & 56;
        magCount &= 7;
      }
      magBits |= (v3 & ((1 << m3) - 1)) << magCount;
      magCount += m3;
      store<u64>(magAt, magBits);
      magAt += <usize>(magCount >> 3);
      magBits >>= magCount & 56;
      magCount &= 7;
    }
    store<u64>(above, left);
  }
  store<u64>(magAt, magBits);
  store<u64>(magAt, 0, 8);
  const magBytes = stuffMagSgn(MAG_SGN, (<u32>(magAt - MAG_SGN) << 3) + <u32>magCount, to);
  store<u64>(vlcAt, vlcBits);
  store<u64>(vlcAt, 0, 8);
  const end = writeTail((<u32>(vlcAt - VLC) << 3) + <u32>vlcCount, to + magBytes);
  return end - to;
}

function isZero<T>(from: usize, stride: usize, width: i32, height: i32): bool {
  const bytes = <usize>width * sizeof<T>();
  for (let y = 0; y < height; ++y, from += stride) {
    let x: usize = 0;
    for (; x + 16 <= bytes; x += 16) if (v128.any_true(v128.load(from + x))) return false;
    for (; x < bytes; x += 4) if (load<u32>(from + x)) return false;
  }
  return true;
}

/** The stuffed bytes of VLC in the order of their bits, the last but one of the block first. */
const BACKWARD: usize = memory.data(8192 + 64, 16);

/** Writes MEL and VLC after MagSgn, with Scup in the last 12 bits. Returns where they end. */
function writeTail(vlcCount: u32, to: usize): usize {
  const start = to;
  to += melEncodeEnd(to);
  let out = BACKWARD;
  // The lower half of the last byte but one is Scup's and counts as ones; the byte after it as 0xff.
  let beyond = true;
  let part: u32 = 15;
  let used: u32 = 4;
  let at: u32 = 0;
  while (true) {
    const full: u32 = beyond ? 7 : 8;
    const word = <u32>(load<u64>(VLC + (at >> 3)) >> (at & 7));
    const left = vlcCount - at;
    let take = full - used;
    if (left < take) {
      part |= (word & ((1 << left) - 1)) << used;
      used += left;
      break;
    }
    part |= (word & ((1 << take) - 1)) << used;
    if (beyond && part != 0x7f) {
      // There is room for the eighth bit.
      if (left == take) {
        used = 7;
        break;
      }
      part |= ((word >> take) & 1) << 7;
      ++take;
    }
    at += take;
    store<u8>(out++, <u8>part);
    beyond = part > 0x8f;
    part = 0;
    used = 0;
  }
  // The last bytes of both meet here and may share one byte.
  const vlcMask: u32 = 0xff >> (8 - used);
  const fused = melFuse(part, vlcMask, out > BACKWARD);
  if (fused != -1) {
    if (fused < 0x100) store<u8>(to++, <u8>fused);
    else {
      store<u8>(to++, <u8>(fused & 0xff));
      store<u8>(out++, <u8>part);
    }
  }
  for (let i = out; i > BACKWARD; ) store<u8>(to++, load<u8>(--i));
  const scup = <u32>(to - start) + 1;
  store<u8>(to - 1, <u8>((load<u8>(to - 1) & 0xf0) | (scup & 15)));
  store<u8>(to++, <u8>(scup >> 4));
  return to;
}
