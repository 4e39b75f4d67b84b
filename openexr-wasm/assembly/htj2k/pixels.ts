// Between a component's numbers and the samples of a channel: the non-linearity point transform of type 3 (T.801, annex K), which
// makes sign and magnitude of negative halves and floats two's complement and is its own inverse; the level shift of unsigned
// samples; and the reversible colour transform (T.800, annex G).
//
// T is i32 for numbers of halves, i64 otherwise; lines are those of wavelet.ts, samples are packed.

import { TYPE_FLOAT, TYPE_HALF, TYPE_UINT } from '../planes';
import { lineStride } from './wavelet';

/** Kinds of components: TYPE_UINT, TYPE_HALF and TYPE_FLOAT of planes.ts with NLT, and signed ones without. */
export const PLAIN_HALF: u32 = 3;
export const PLAIN_FLOAT: u32 = 4;
export const LAST_KIND: u32 = PLAIN_FLOAT;

export function isHalf(kind: u32): bool {
  return kind == TYPE_HALF || kind == PLAIN_HALF;
}

/** Negative numbers and samples differ in all bits but the sign. */
// @ts-ignore: decorator
@inline
function flip<T>(kind: u32): T {
  return kind == TYPE_HALF ? <T>0x7fff : kind == TYPE_FLOAT ? <T>0x7fffffff : <T>0;
}

/** Inverse colour transform of three planes of `width` x `height` numbers, in place: Y, Cb, Cr become R, G, B. */
export function inverseColour<T>(y: usize, cb: usize, cr: usize, width: i32, height: i32): void {
  const end = <usize>height * lineStride<T>(width) - 32;
  for (let at: usize = 0; at < end; at += 16) {
    const blue = v128.load(cb + at);
    const red = v128.load(cr + at);
    const green = v128.sub<T>(v128.load(y + at), v128.shr<T>(v128.add<T>(blue, red), 2));
    v128.store(y + at, v128.add<T>(red, green));
    v128.store(cb + at, green);
    v128.store(cr + at, v128.add<T>(blue, green));
  }
}

/** The opposite: R, G, B become Y, Cb, Cr. */
export function forwardColour<T>(r: usize, g: usize, b: usize, width: i32, height: i32): void {
  const end = <usize>height * lineStride<T>(width) - 32;
  for (let at: usize = 0; at < end; at += 16) {
    const red = v128.load(r + at);
    const green = v128.load(g + at);
    const blue = v128.load(b + at);
    const sum = v128.add<T>(v128.add<T>(red, blue), v128.add<T>(green, green));
    v128.store(r + at, v128.shr<T>(sum, 2));
    v128.store(g + at, v128.sub<T>(blue, green));
    v128.store(b + at, v128.sub<T>(red, green));
  }
}

/**
 * Clamps numbers of halves and floats at a lower resolution, which overshoot beside edges, to the range of finite samples: at
 * full resolution they are left alone. (Those of unsigned samples have two ranges, see fromWords.)
 */
export function clampNumbers<T>(plane: usize, kind: u32, width: i32, height: i32): void {
  if (kind == TYPE_UINT) return;
  const most: i64 = isHalf(kind) ? 0x7bff : 0x7f7fffff;
  const least = -most;
  const stride = lineStride<T>(width);
  for (let y = 0; y < height; ++y, plane += stride)
    for (let x = 0; x < width; ++x) {
      const at = plane + <usize>x * sizeof<T>();
      const value = <i64>load<T>(at);
      if (value > most || value < least) store<T>(at, <T>(value > most ? most : least));
    }
}

/**
 * The first `width` x `height` numbers of a plane of lines of `stride` bytes to packed samples: their low 16 or 32 bits, whatever
 * the others are (as OpenEXR's decoder does).
 */
export function toSamples<T>(plane: usize, stride: usize, kind: u32, to: usize, width: i32, height: i32): void {
  const half = isHalf(kind);
  for (let y = 0; y < height; ++y, plane += stride) {
    if (half) toHalves<T>(plane, flip<T>(kind), to, width);
    else if (kind == TYPE_UINT) toWords<T>(plane, 0, 0x80000000, to, width);
    else toWords<T>(plane, flip<T>(kind), 0, to, width);
    to += <usize>width << (half ? 1 : 2);
  }
}

function toHalves<T>(from: usize, mask: T, to: usize, width: i32): void {
  let x = 0;
  if (sizeof<T>() == 4) {
    const flips = i32x4.splat(<i32>mask);
    for (; x + 8 <= width; x += 8, from += 32, to += 16) {
      let a = v128.load(from);
      let b = v128.load(from, 16);
      a = v128.xor(a, v128.and(i32x4.shr_s(a, 31), flips));
      b = v128.xor(b, v128.and(i32x4.shr_s(b, 31), flips));
      v128.store(to, v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    }
  }
  for (; x < width; ++x, from += sizeof<T>(), to += 2) {
    const v = load<T>(from);
    store<u16>(to, <u16>(v ^ ((v >> <T>(8 * sizeof<T>() - 1)) & mask)));
  }
}

/** `shift` is added, which for the topmost bit flips it. */
function toWords<T>(from: usize, mask: T, shift: u32, to: usize, width: i32): void {
  let x = 0;
  if (sizeof<T>() == 8) {
    const flips = i32x4.splat(<i32>mask);
    const shifts = i32x4.splat(shift);
    for (; x + 4 <= width; x += 4, from += 32, to += 16) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const low = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
      const sign = i32x4.shr_s(v128.shuffle<i32>(a, b, 1, 3, 5, 7), 31);
      v128.store(to, v128.xor(v128.xor(low, v128.and(sign, flips)), shifts));
    }
  }
  for (; x < width; ++x, from += sizeof<T>(), to += 4) {
    const v = load<T>(from);
    store<u32>(to, <u32>(v ^ ((v >> <T>(8 * sizeof<T>() - 1)) & mask)) ^ shift);
  }
}

/** Packed samples to the numbers of a plane. */
export function fromSamples<T>(from: usize, kind: u32, plane: usize, width: i32, height: i32): void {
  const stride = lineStride<T>(width);
  for (let y = 0; y < height; ++y, plane += stride) {
    if (kind == TYPE_HALF) {
      fromHalves<T>(from, plane, width);
      from += <usize>width << 1;
    } else {
      fromWords<T>(from, kind == TYPE_UINT, plane, width);
      from += <usize>width << 2;
    }
  }
}

function fromHalves<T>(from: usize, to: usize, width: i32): void {
  let x = 0;
  if (sizeof<T>() == 4) {
    const flips = i16x8.splat(0x7fff);
    for (; x + 8 <= width; x += 8, from += 16, to += 32) {
      let v = v128.load(from);
      v = v128.xor(v, v128.and(i16x8.shr_s(v, 15), flips));
      v128.store(to, i32x4.extend_low_i16x8_s(v));
      v128.store(to, i32x4.extend_high_i16x8_s(v), 16);
    }
  }
  for (; x < width; ++x, from += 2, to += sizeof<T>()) {
    const v = <i32>load<i16>(from);
    store<T>(to, <T>(v ^ ((v >> 31) & 0x7fff)));
  }
}

function fromWords<T>(from: usize, unsigned: bool, to: usize, width: i32): void {
  for (let x = 0; x < width; ++x, from += 4, to += sizeof<T>()) {
    const v = load<i32>(from);
    // OpenEXR 3.4 and 3.5 take unsigned samples for signed ones before the level shift, which decodes to the same 32 bits.
    store<T>(to, unsigned ? <T>v - (<T>1 << 31) : <T>(v ^ ((v >> 31) & i32.MAX_VALUE)));
  }
}
