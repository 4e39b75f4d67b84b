// The 2D Haar-like wavelet of PIZ, in place on 16-bit samples (facts from OpenEXR's ImfWav.cpp).
//
// One level replaces each 2 x 2 block by its low-pass value (top left) and three differences, and continues with the
// low-pass values, until one side is shorter than two. At an odd width (height) the last column (row) is
// transformed in one dimension only and takes no part in further levels.
//
// OpenEXR walks the image with growing strides. We copy the low-pass values of each level next to each other, so that
// every level works on neighbours, eight 16-bit values at a time.
//
// Type parameters of the functions below:
//   T  one sample as stored in memory: u16 for half; u32 for float and uint, whose two 16-bit halves are
//      transformed independently (as OpenEXR's two interleaved planes).
//   M  the arithmetic: i16 for values below 2^14, which give differences without overflow; u16 for others, modulo 2^16.

/** Bytes of scratch that waveletDecode and waveletEncode need for a plane. */
export function waveletScratch(width: i32, height: i32, sampleBytes: i32): usize {
  let bytes: usize = 0;
  while (width >= 2 && height >= 2) {
    width >>= 1;
    height >>= 1;
    bytes += <usize>width * <usize>height * <usize>sampleBytes;
  }
  return bytes;
}

/**
 * Undoes waveletEncode in place on `width` x `height` samples of 2 or 4 bytes. `maxValue` is the greatest value the
 * plane had before encoding (OpenEXR: of the whole chunk); it chooses the arithmetic.
 */
export function waveletDecode(
  plane: usize,
  width: i32,
  height: i32,
  sampleBytes: i32,
  maxValue: u32,
  scratch: usize,
): void {
  if (maxValue < 1 << 14) {
    if (sampleBytes == 2) decodeLevels<u16, i16>(plane, width, height, scratch);
    else decodeLevels<u32, i16>(plane, width, height, scratch);
  } else {
    if (sampleBytes == 2) decodeLevels<u16, u16>(plane, width, height, scratch);
    else decodeLevels<u32, u16>(plane, width, height, scratch);
  }
}

/** Transforms a plane in place. Parameters as for waveletDecode. */
export function waveletEncode(
  plane: usize,
  width: i32,
  height: i32,
  sampleBytes: i32,
  maxValue: u32,
  scratch: usize,
): void {
  if (maxValue < 1 << 14) {
    if (sampleBytes == 2) encodeLevels<u16, i16>(plane, width, height, scratch);
    else encodeLevels<u32, i16>(plane, width, height, scratch);
  } else {
    if (sampleBytes == 2) encodeLevels<u16, u16>(plane, width, height, scratch);
    else encodeLevels<u32, u16>(plane, width, height, scratch);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// One pair of values: a and b <-> low-pass l and difference h

function lowOf<M>(a: v128, b: v128): v128 {
  if (isSigned<M>()) return i16x8.shr_s(i16x8.add(a, b), 1);
  // floor((a' + b) / 2) with a' = a + 2^15, and 2^15 more if a' < b.
  const shifted = v128.xor(a, i16x8.splat(-32768));
  const mean = i16x8.add(v128.and(shifted, b), i16x8.shr_u(v128.xor(shifted, b), 1));
  return v128.xor(mean, v128.and(i16x8.lt_u(shifted, b), i16x8.splat(-32768)));
}

function differenceOf<M>(a: v128, b: v128): v128 {
  if (isSigned<M>()) return i16x8.sub(a, b);
  return i16x8.sub(v128.xor(a, i16x8.splat(-32768)), b);
}

function firstOf<M>(l: v128, h: v128): v128 {
  if (isSigned<M>()) return i16x8.add(i16x8.add(l, v128.and(h, i16x8.splat(1))), i16x8.shr_s(h, 1));
  return v128.xor(i16x8.add(h, secondOf<M>(l, h)), i16x8.splat(-32768));
}

function secondOf<M>(l: v128, h: v128): v128 {
  if (isSigned<M>()) return i16x8.sub(firstOf<M>(l, h), h);
  return i16x8.sub(l, i16x8.shr_u(h, 1));
}

// ---------------------------------------------------------------------------------------------------------------------
// Samples of even and of odd columns

function evens<T>(left: v128, right: v128): v128 {
  if (sizeof<T>() == 2) return v128.shuffle<i16>(left, right, 0, 2, 4, 6, 8, 10, 12, 14);
  return v128.shuffle<i32>(left, right, 0, 2, 4, 6);
}

function odds<T>(left: v128, right: v128): v128 {
  if (sizeof<T>() == 2) return v128.shuffle<i16>(left, right, 1, 3, 5, 7, 9, 11, 13, 15);
  return v128.shuffle<i32>(left, right, 1, 3, 5, 7);
}

function interleaveLeft<T>(even: v128, odd: v128): v128 {
  if (sizeof<T>() == 2) return v128.shuffle<i16>(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
  return v128.shuffle<i32>(even, odd, 0, 4, 1, 5);
}

function interleaveRight<T>(even: v128, odd: v128): v128 {
  if (sizeof<T>() == 2) return v128.shuffle<i16>(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
  return v128.shuffle<i32>(even, odd, 2, 6, 3, 7);
}

/** Two neighbouring samples, in the lowest lanes. */
function loadPair<T>(at: usize): v128 {
  return sizeof<T>() == 2 ? v128.load32_zero(at) : v128.load64_zero(at);
}

function storePair<T>(at: usize, pair: v128): void {
  if (sizeof<T>() == 2) v128.store32_lane(at, pair, 0);
  else v128.store64_lane(at, pair, 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Levels

function decodeLevels<T, M>(plane: usize, width: i32, height: i32, scratch: usize): void {
  if (width < 2 || height < 2) return;
  const lowWidth = width >> 1;
  const lowHeight = height >> 1;
  gatherLow<T>(plane, width, scratch, lowWidth, lowHeight);
  const next = scratch + <usize>lowWidth * <usize>lowHeight * sizeof<T>();
  decodeLevels<T, M>(scratch, lowWidth, lowHeight, next);
  decodeLevel<T, M>(plane, width, height, scratch);
}

function encodeLevels<T, M>(plane: usize, width: i32, height: i32, scratch: usize): void {
  if (width < 2 || height < 2) return;
  const lowWidth = width >> 1;
  const lowHeight = height >> 1;
  encodeLevel<T, M>(plane, width, height, scratch);
  const next = scratch + <usize>lowWidth * <usize>lowHeight * sizeof<T>();
  encodeLevels<T, M>(scratch, lowWidth, lowHeight, next);
  scatterLow<T>(plane, width, scratch, lowWidth, lowHeight);
}

/** Gathers the samples of even columns and rows. */
function gatherLow<T>(plane: usize, width: i32, low: usize, lowWidth: i32, lowHeight: i32): void {
  const stride = <usize>width * sizeof<T>() * 2;
  const lowStride = <usize>lowWidth * sizeof<T>();
  for (let y = 0; y < lowHeight; ++y) {
    let from = plane;
    let to = low;
    const end = low + lowStride;
    for (; to + 16 <= end; to += 16, from += 32) v128.store(to, evens<T>(v128.load(from), v128.load(from, 16)));
    for (; to < end; to += sizeof<T>(), from += 2 * sizeof<T>()) store<T>(to, load<T>(from));
    plane += stride;
    low = end;
  }
}

/** The inverse of gatherLow. */
function scatterLow<T>(plane: usize, width: i32, low: usize, lowWidth: i32, lowHeight: i32): void {
  const stride = <usize>width * sizeof<T>() * 2;
  const lowStride = <usize>lowWidth * sizeof<T>();
  for (let y = 0; y < lowHeight; ++y) {
    let from = low;
    let to = plane;
    const end = low + lowStride;
    for (; from + 16 <= end; from += 16, to += 32) {
      const even = v128.load(from);
      const odd = odds<T>(v128.load(to), v128.load(to, 16));
      v128.store(to, interleaveLeft<T>(even, odd));
      v128.store(to, interleaveRight<T>(even, odd), 16);
    }
    for (; from < end; from += sizeof<T>(), to += 2 * sizeof<T>()) store<T>(to, load<T>(from));
    plane += stride;
    low = end;
  }
}

/** Decodes one level of `plane`, taking its low-pass values from `low` (width >> 1 by height >> 1 samples). */
function decodeLevel<T, M>(plane: usize, width: i32, height: i32, low: usize): void {
  const stride = <usize>width * sizeof<T>();
  const pairsEnd = <usize>(width & ~1) * sizeof<T>();
  let top = plane;
  for (let y = 1; y < height; y += 2) {
    const bottom = top + stride;
    let x: usize = 0;
    for (; x + 32 <= pairsEnd; x += 32) {
      const topLeft = v128.load(top + x);
      const topRight = v128.load(top + x, 16);
      const bottomLeft = v128.load(bottom + x);
      const bottomRight = v128.load(bottom + x, 16);
      const ll = v128.load(low);
      const hl = odds<T>(topLeft, topRight);
      const lh = evens<T>(bottomLeft, bottomRight);
      const hh = odds<T>(bottomLeft, bottomRight);
      const l0 = firstOf<M>(ll, lh);
      const l1 = secondOf<M>(ll, lh);
      const h0 = firstOf<M>(hl, hh);
      const h1 = secondOf<M>(hl, hh);
      const a = firstOf<M>(l0, h0);
      const b = secondOf<M>(l0, h0);
      const c = firstOf<M>(l1, h1);
      const d = secondOf<M>(l1, h1);
      v128.store(top + x, interleaveLeft<T>(a, b));
      v128.store(top + x, interleaveRight<T>(a, b), 16);
      v128.store(bottom + x, interleaveLeft<T>(c, d));
      v128.store(bottom + x, interleaveRight<T>(c, d), 16);
      low += 16;
    }
    for (; x < pairsEnd; x += 2 * sizeof<T>()) {
      const upper = loadPair<T>(top + x);
      const lower = loadPair<T>(bottom + x);
      const ll = v128.load_splat<T>(low);
      const hl = odds<T>(upper, upper);
      const lh = evens<T>(lower, lower);
      const hh = odds<T>(lower, lower);
      const l0 = firstOf<M>(ll, lh);
      const l1 = secondOf<M>(ll, lh);
      const h0 = firstOf<M>(hl, hh);
      const h1 = secondOf<M>(hl, hh);
      storePair<T>(top + x, interleaveLeft<T>(firstOf<M>(l0, h0), secondOf<M>(l0, h0)));
      storePair<T>(bottom + x, interleaveLeft<T>(firstOf<M>(l1, h1), secondOf<M>(l1, h1)));
      low += sizeof<T>();
    }
    if (width & 1) {
      const l = v128.load_splat<T>(top + x);
      const h = v128.load_splat<T>(bottom + x);
      v128.store_lane<T>(top + x, firstOf<M>(l, h), 0);
      v128.store_lane<T>(bottom + x, secondOf<M>(l, h), 0);
    }
    top = bottom + stride;
  }
  if (height & 1) {
    let x: usize = 0;
    for (; x + 32 <= pairsEnd; x += 32) {
      const left = v128.load(top + x);
      const right = v128.load(top + x, 16);
      const l = evens<T>(left, right);
      const h = odds<T>(left, right);
      const a = firstOf<M>(l, h);
      const b = secondOf<M>(l, h);
      v128.store(top + x, interleaveLeft<T>(a, b));
      v128.store(top + x, interleaveRight<T>(a, b), 16);
    }
    for (; x < pairsEnd; x += 2 * sizeof<T>()) {
      const pair = loadPair<T>(top + x);
      const l = evens<T>(pair, pair);
      const h = odds<T>(pair, pair);
      storePair<T>(top + x, interleaveLeft<T>(firstOf<M>(l, h), secondOf<M>(l, h)));
    }
  }
}

/** Encodes one level of `plane`. The low-pass values go to `low`; those in the plane are left for scatterLow. */
function encodeLevel<T, M>(plane: usize, width: i32, height: i32, low: usize): void {
  const stride = <usize>width * sizeof<T>();
  const pairsEnd = <usize>(width & ~1) * sizeof<T>();
  let top = plane;
  for (let y = 1; y < height; y += 2) {
    const bottom = top + stride;
    let x: usize = 0;
    for (; x + 32 <= pairsEnd; x += 32) {
      const topLeft = v128.load(top + x);
      const topRight = v128.load(top + x, 16);
      const bottomLeft = v128.load(bottom + x);
      const bottomRight = v128.load(bottom + x, 16);
      const a = evens<T>(topLeft, topRight);
      const b = odds<T>(topLeft, topRight);
      const c = evens<T>(bottomLeft, bottomRight);
      const d = odds<T>(bottomLeft, bottomRight);
      const l0 = lowOf<M>(a, b);
      const h0 = differenceOf<M>(a, b);
      const l1 = lowOf<M>(c, d);
      const h1 = differenceOf<M>(c, d);
      const hl = lowOf<M>(h0, h1);
      const lh = differenceOf<M>(l0, l1);
      const hh = differenceOf<M>(h0, h1);
      v128.store(low, lowOf<M>(l0, l1));
      v128.store(top + x, interleaveLeft<T>(hl, hl));
      v128.store(top + x, interleaveRight<T>(hl, hl), 16);
      v128.store(bottom + x, interleaveLeft<T>(lh, hh));
      v128.store(bottom + x, interleaveRight<T>(lh, hh), 16);
      low += 16;
    }
    for (; x < pairsEnd; x += 2 * sizeof<T>()) {
      const upper = loadPair<T>(top + x);
      const lower = loadPair<T>(bottom + x);
      const a = evens<T>(upper, upper);
      const b = odds<T>(upper, upper);
      const c = evens<T>(lower, lower);
      const d = odds<T>(lower, lower);
      const l0 = lowOf<M>(a, b);
      const h0 = differenceOf<M>(a, b);
      const l1 = lowOf<M>(c, d);
      const h1 = differenceOf<M>(c, d);
      const hl = lowOf<M>(h0, h1);
      v128.store_lane<T>(low, lowOf<M>(l0, l1), 0);
      storePair<T>(top + x, interleaveLeft<T>(hl, hl));
      storePair<T>(bottom + x, interleaveLeft<T>(differenceOf<M>(l0, l1), differenceOf<M>(h0, h1)));
      low += sizeof<T>();
    }
    if (width & 1) {
      const a = v128.load_splat<T>(top + x);
      const b = v128.load_splat<T>(bottom + x);
      v128.store_lane<T>(top + x, lowOf<M>(a, b), 0);
      v128.store_lane<T>(bottom + x, differenceOf<M>(a, b), 0);
    }
    top = bottom + stride;
  }
  if (height & 1) {
    let x: usize = 0;
    for (; x + 32 <= pairsEnd; x += 32) {
      const left = v128.load(top + x);
      const right = v128.load(top + x, 16);
      const a = evens<T>(left, right);
      const b = odds<T>(left, right);
      const l = lowOf<M>(a, b);
      const h = differenceOf<M>(a, b);
      v128.store(top + x, interleaveLeft<T>(l, h));
      v128.store(top + x, interleaveRight<T>(l, h), 16);
    }
    for (; x < pairsEnd; x += 2 * sizeof<T>()) {
      const pair = loadPair<T>(top + x);
      const a = evens<T>(pair, pair);
      const b = odds<T>(pair, pair);
      storePair<T>(top + x, interleaveLeft<T>(lowOf<M>(a, b), differenceOf<M>(a, b)));
    }
  }
}
