// Decoding of one code-block: the HT cleanup pass (T.814, 7). Its bytes are MagSgn from the front, and in the last `Scup` bytes
// MEL from their front and VLC from the back. Quads, 2 x 2 samples numbered down first, go row by row: a first pass over them
// decodes
// which samples are significant and how the exponents differ, a second one the exponents and the samples.

import { CORRUPT, OK, TRUNCATED } from '../status';
import { unstuffMagSgn, unstuffVlc } from './bits';
import { melRun, melStart } from './mel';
import { refineBlock } from './refinement';
import {
  E_1,
  E_K,
  FIRST_ROW_DECODING,
  FIRST_ROW_U,
  LANES,
  LATER_ROW_DECODING,
  LATER_ROW_U,
  prepareTables,
  RHO,
} from './tables';

/** A code-block has at most 4096 samples and at most 1024 on a side (T.800, table A.18). */
export const MAX_SAMPLES: i32 = 4096;
export const MAX_SIDE: i32 = 1024;

/** The largest exponents of the narrow and the wide decoder: two samples, or one, fit a 64-bit load. */
export const NARROW_BITS: u32 = 28;
export const WIDE_BITS: u32 = 56;

/** Least and greatest number of bytes of MEL and VLC together. */
const LEAST_SCUP: usize = 2;
const MOST_SCUP: usize = 4079;

const VLC: usize = memory.data(4096 + 64, 16);
const MAG_SGN: usize = memory.data(<i32>MAX_SAMPLES * <i32>WIDE_BITS / 8 + 64, 16);

/** Per quad its decoding entry with u_q above bit 16. Rows have a zero between them, and one before the first. */
const QUADS: usize = memory.data(8192 + 64, 16);

/** For each quad, v_n | 1 of the sample below left and of the one to its left, in the row above. 8 bytes each. */
const ABOVE: usize = memory.data((MAX_SIDE / 2 + 4) * 8, 16);

/** Where the second line of the last quad row goes if the block has none. */
const NOWHERE: usize = memory.data((MAX_SIDE + 4) * 8, 16);

/**
 * Decodes a block of `width` x `height` samples into T (i32, i64) at `to`, `stride` bytes a line. For an odd width one more
 * sample is written on each line. `bits` is the most an exponent may be: two more than the block's zero bit-planes. All values
 * are then multiples of 2^`plane`, in the middle of the interval they stand for. With more than one of `passes`, which requires
 * a plane of at least 1, their `refinement` bytes follow; see refinement.ts.
 */
export function decodeBlock<T>(
  data: usize,
  length: usize,
  to: usize,
  stride: usize,
  width: i32,
  height: i32,
  bits: u32,
  plane: u32,
  refinement: usize,
  passes: u32,
  causal: bool,
): i32 {
  prepareTables();
  if (length < LEAST_SCUP) return TRUNCATED;
  const last = data + length - 2;
  const scup = (<usize>load<u8>(last, 1) << 4) | (<usize>load<u8>(last) & 15);
  if (scup < LEAST_SCUP || scup > MOST_SCUP || scup > length) return CORRUPT;
  const middle = data + length - scup;
  const vlcBits = unstuffVlc(middle, last, VLC);
  melStart(middle, last);
  const status = decodeQuads(width, height, vlcBits);
  if (status < 0) return status;
  const most = ((<usize>width + 1) & ~1) * ((<usize>height + 1) & ~1) * <usize>bits;
  unstuffMagSgn(data, length - scup, MAG_SGN, (most + 7) >> 3);
  const decoded =
    sizeof<T>() == 4
      ? decodeSamples<u32>(to, stride, width, height, bits)
      : decodeSamples<u64>(to, stride, width, height, bits);
  if (decoded != OK || plane == 0) return decoded;
  if (passes > 1) refineBlock<T>(data + length, refinement, passes, causal, to, stride, width, height, plane);
  else raise<T>(to, stride, width, height, plane);
  return OK;
}

function decodeQuads(width: i32, height: i32, vlcBits: u32): i32 {
  const pairs = (width + 3) >> 2;
  const stride = ((<usize>pairs << 1) + 1) << 2;
  let position: u32 = 0;
  let run = melRun();
  store<u32>(QUADS, 0);
  let at = QUADS + 4;
  let context: u32 = 0;
  for (let x = 0; x < width; x += 4, at += 8) {
    let bits = load<u64>(VLC + (position >> 3)) >> (position & 7);
    let first = load<u32>(FIRST_ROW_DECODING + (<usize>((context << 7) | (<u32>bits & 127)) << 2));
    if (context == 0) {
      run -= 2;
      if (run != -1) first = 0;
      if (run < 0) run = melRun();
    }
    bits >>= first & 7;
    position += first & 7;
    let second: u32 = 0;
    if (x + 2 < width) {
      context = firstContext(first);
      second = load<u32>(FIRST_ROW_DECODING + (<usize>((context << 7) | (<u32>bits & 127)) << 2));
      if (context == 0) {
        run -= 2;
        if (run != -1) second = 0;
        if (run < 0) run = melRun();
      }
      bits >>= second & 7;
      position += second & 7;
      context = firstContext(second);
    }
    let mode = ((first >> 3) & 1) | ((second >> 2) & 2);
    if (mode == 3) {
      run -= 2;
      if (run == -1) mode = 4;
      if (run < 0) run = melRun();
    }
    position += storePair(at, first, second, mode, bits, FIRST_ROW_U);
    if (position > vlcBits) return TRUNCATED;
  }
  store<u32>(at, 0);
  at += 4;
  for (let y = 2; y < height; y += 2) {
    let left: u32 = 0;
    for (let x = 0; x < width; x += 4, at += 8) {
      const above = at - stride;
      let bits = load<u64>(VLC + (position >> 3)) >> (position & 7);
      let over = load<u32>(above);
      let next = load<u32>(above, 4);
      context = laterContext(load<u32>(above - 4), over, next, left);
      let first = load<u32>(LATER_ROW_DECODING + (<usize>((context << 7) | (<u32>bits & 127)) << 2));
      if (context == 0) {
        run -= 2;
        if (run != -1) first = 0;
        if (run < 0) run = melRun();
      }
      bits >>= first & 7;
      position += first & 7;
      let second: u32 = 0;
      if (x + 2 < width) {
        context = laterContext(over, next, load<u32>(above, 8), first);
        second = load<u32>(LATER_ROW_DECODING + (<usize>((context << 7) | (<u32>bits & 127)) << 2));
        if (context == 0) {
          run -= 2;
          if (run != -1) second = 0;
          if (run < 0) run = melRun();
        }
        bits >>= second & 7;
        position += second & 7;
        left = second;
      }
      const mode = ((first >> 3) & 1) | ((second >> 2) & 2);
      position += storePair(at, first, second, mode, bits, LATER_ROW_U);
      if (position > vlcBits) return TRUNCATED;
    }
    store<u32>(at, 0);
    at += 4;
  }
  return OK;
}

/** In the first row: whether either left sample of the quad to the left is significant; the upper right; the lower right. */
// @ts-ignore: decorator
@inline
function firstContext(left: u32): u32 {
  return ((left >> RHO) & 1) | ((left >> (RHO + 1)) & 7);
}

/** In later rows: of the samples next to the quad, above and to the left; to the left; above and to the right. */
// @ts-ignore: decorator
@inline
function laterContext(aboveLeft: u32, above: u32, aboveRight: u32, left: u32): u32 {
  return (
    (((aboveLeft >> (RHO + 3)) | (above >> (RHO + 1))) & 1) |
    ((((left >> (RHO + 2)) | (left >> (RHO + 3))) & 1) << 1) |
    ((((above >> (RHO + 3)) | (aboveRight >> (RHO + 1))) & 1) << 2)
  );
}

/** Decodes how far the exponents of two quads exceed their prediction, stores the quads, and returns the bits taken. */
// @ts-ignore: decorator
@inline
function storePair(at: usize, first: u32, second: u32, mode: u32, bits: u64, table: usize): u32 {
  let taken: u32 = 0;
  let u0: u32 = 0;
  let u1: u32 = 0;
  if (mode) {
    const entry = load<u32>(table + (<usize>((mode << 6) | (<u32>bits & 63)) << 2));
    const prefix = entry & 7;
    const suffix0 = (entry >> 4) & 7;
    const suffix1 = (entry >> 8) & 7;
    const rest = <u32>(bits >> prefix);
    const extra0 = rest & ((1 << suffix0) - 1);
    const extra1 = (rest >> suffix0) & ((1 << suffix1) - 1);
    taken = prefix + suffix0 + suffix1;
    u0 = ((entry >> 12) & 15) + extra0;
    u1 = (entry >> 16) + extra1;
    if ((extra0 | extra1) >= 28) {
      // The longest suffixes have four bits more.
      if (extra0 >= 28) {
        u0 += (<u32>(bits >> taken) & 15) << 2;
        taken += 4;
      }
      if (extra1 >= 28) {
        u1 += (<u32>(bits >> taken) & 15) << 2;
        taken += 4;
      }
    }
  }
  store<u32>(at, first | (u0 << 16));
  store<u32>(at, second | (u1 << 16), 4);
  return taken;
}

/**
 * The samples of the decoded quads: with T u32, exponents go up to NARROW_BITS, and a load holds two samples; with T u64, up to
 * WIDE_BITS, and it holds one. `sizeof<T>()` is known to the compiler, so that of each condition on it one branch is left.
 */
function decodeSamples<T>(to: usize, stride: usize, width: i32, height: i32, most: u32): i32 {
  const size = sizeof<T>();
  const quads = (width + 1) >> 1;
  const rowEntries = ((((<usize>width + 3) >> 2) << 1) + 1) << 2;
  memory.fill(ABOVE, 0, (<usize>quads + 1) * size);
  let position: u32 = 0;
  let row = QUADS + 4;
  for (let y = 0; y < height; y += 2, row += rowEntries) {
    let at = row;
    let above = ABOVE;
    let upper = to;
    let lower = y + 1 < height ? to + stride : NOWHERE;
    to += stride << 1;
    let left: T = 0;
    let over = load<T>(above);
    for (let q = 0; q < quads; ++q, at += 4, above += size, upper += 2 * size, lower += 2 * size) {
      const entry = load<u32>(at);
      const rho = (entry >> RHO) & 15;
      const next = load<T>(above, sizeof<T>());
      if (rho == 0) {
        if (sizeof<T>() == 4) {
          store<u64>(upper, 0);
          store<u64>(lower, 0);
        } else {
          v128.store(upper, i64x2.splat(0));
          v128.store(lower, i64x2.splat(0));
        }
        store<T>(above, left);
        left = 0;
        over = next;
        continue;
      }
      let exponent: u32 = 1;
      // One significant sample alone is not predicted from above.
      if (rho & (rho - 1)) exponent = <u32>max(1, <i32>(8 * sizeof<T>()) - 1 - <i32>clz<T>(over | next));
      exponent += entry >> 16;
      over = next;
      if (exponent > most) return CORRUPT;

      const bits0 = sampleBits(entry, 0, exponent);
      const bits1 = sampleBits(entry, 1, exponent);
      const bits2 = sampleBits(entry, 2, exponent);
      const bits3 = sampleBits(entry, 3, exponent);
      let v1: T = 0;
      let v3: T = 0;
      if (sizeof<T>() == 4) {
        const pair = magnitudeBits(position);
        position += bits0 + bits1;
        const other = magnitudeBits(position);
        position += bits2 + bits3;
        const v0 = sample<u32>(entry, 0, <u32>pair, bits0);
        const w1 = sample<u32>(entry, 1, <u32>(pair >> bits0), bits1);
        const v2 = sample<u32>(entry, 2, <u32>other, bits2);
        const w3 = sample<u32>(entry, 3, <u32>(other >> bits2), bits3);
        v1 = <T>w1;
        v3 = <T>w3;
        let v = i32x4.splat(v0);
        v = i32x4.replace_lane(v, 1, v2);
        v = i32x4.replace_lane(v, 2, w1);
        v = i32x4.replace_lane(v, 3, w3);
        // Twice the magnitude less one, and the sign.
        const sign = i32x4.neg(v128.and(v, i32x4.splat(1)));
        const magnitude = i32x4.add(i32x4.shr_u(v, 1), i32x4.splat(1));
        const value = v128.and(i32x4.sub(v128.xor(magnitude, sign), sign), v128.load(LANES + (<usize>rho << 4)));
        v128.store64_lane(upper, value, 0);
        v128.store64_lane(lower, value, 1);
      } else {
        const v0 = sample<T>(entry, 0, <T>magnitudeBits(position), bits0);
        position += bits0;
        v1 = sample<T>(entry, 1, <T>magnitudeBits(position), bits1);
        position += bits1;
        const v2 = sample<T>(entry, 2, <T>magnitudeBits(position), bits2);
        position += bits2;
        v3 = sample<T>(entry, 3, <T>magnitudeBits(position), bits3);
        position += bits3;
        store<i64>(upper, wideValue(v0, rho & 1));
        store<i64>(lower, wideValue(v1, (rho >> 1) & 1));
        store<i64>(upper, wideValue(v2, (rho >> 2) & 1), 8);
        store<i64>(lower, wideValue(v3, rho >> 3), 8);
      }
      store<T>(above, left | ((v1 | 1) & -(<T>((rho >> 1) & 1))));
      left = (v3 | 1) & -(<T>(rho >> 3));
    }
    store<T>(above, left);
  }
  return OK;
}

/** How many magnitude and sign bits sample `n` of a quad has in the MagSgn stream. */
// @ts-ignore: decorator
@inline
function sampleBits(entry: u32, n: u32, exponent: u32): u32 {
  return (-((entry >> (RHO + n)) & 1) & exponent) - ((entry >> (E_K + n)) & 1);
}

/** At least 57 bits of the MagSgn stream from `position` on. */
// @ts-ignore: decorator
@inline
function magnitudeBits(position: u32): u64 {
  return load<u64>(MAG_SGN + (position >> 3)) >> (position & 7);
}

/** v_n of sample `n`: the low `count` of `bits`, and the bit above them where the quad's code gives it. */
// @ts-ignore: decorator
@inline
function sample<T>(entry: u32, n: u32, bits: T, count: u32): T {
  const top = <T>1 << <T>count;
  return (bits & (top - 1)) | (top & -(<T>((entry >> (E_1 + n)) & 1)));
}

// @ts-ignore: decorator
@inline
function wideValue(v: u64, significant: u32): i64 {
  const sign = -<i64>(v & 1);
  return ((<i64>((v >> 1) + 1) ^ sign) - sign) & -<i64>significant;
}

/** Shifts values to their bit-plane and adds half a step: the best guess for planes that are not coded. */
function raise<T>(to: usize, stride: usize, width: i32, height: i32, plane: u32): void {
  for (let y = 0; y < height; ++y, to += stride)
    for (let x = 0; x < width; ++x) {
      const at = to + <usize>x * sizeof<T>();
      const value = load<T>(at);
      if (value == 0) continue;
      const magnitude = ((value < 0 ? -value : value) * 2 + 1) << (<T>plane - 1);
      store<T>(at, value < 0 ? -magnitude : magnitude);
    }
}
