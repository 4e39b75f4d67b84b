// The byte transform in front of RLE and zlib (ZIPS, ZIP): the bytes at even positions, then those at odd positions,
// and of that sequence the differences of neighbours, biased by 128. The first byte stays as it is.
//
// Both directions run over the two halves of the transformed sequence side by side, because byte i of either half
// belongs to the same pair of raw bytes; each pair is touched once.

/** What precedes the first byte: t[0] = BIAS + d[0] + 128 = d[0] (mod 256). */
export const BIAS: i32 = 0x80;

/** Undoes the transform: `length` bytes at `src` to `length` bytes at `dst`, which do not overlap. */
export function unpredict(src: usize, length: usize, dst: usize): void {
  const half = (length + 1) >> 1;
  const pairs = length >> 1;
  // The second half continues the running sum of the first.
  unpredictPairs(src, src + half, pairs, <u8>BIAS, lastOfFirstHalf(src, half), dst);
  if (length & 1) {
    const before = pairs > 0 ? <i32>load<u8>(dst + length - 3) : BIAS;
    store<u8>(dst + length - 1, <u8>(before + <i32>load<u8>(src + half - 1) + BIAS));
  }
}

/**
 * The same for a section of both halves, `pairs` bytes at `even` and as many at `odd`: 2 * `pairs` bytes to `dst`. `beforeEven` and
 * `beforeOdd` are the bytes in front of them without the predictor.
 */
export function unpredictPairs(even: usize, odd: usize, pairs: usize, beforeEven: u8, beforeOdd: u8, dst: usize): void {
  let carryEven = i8x16.splat(<i8>beforeEven);
  let carryOdd = i8x16.splat(<i8>beforeOdd);
  // d[i] + 128 summed up adds 128 at every other position.
  const alternate = i16x8.splat(0x0080);

  let i: usize = 0;
  for (; i + 16 <= pairs; i += 16) {
    const a = i8x16.add(i8x16.add(prefixSum(v128.load(even + i)), alternate), carryEven);
    const b = i8x16.add(i8x16.add(prefixSum(v128.load(odd + i)), alternate), carryOdd);
    carryEven = i8x16.swizzle(a, i8x16.splat(15));
    carryOdd = i8x16.swizzle(b, i8x16.splat(15));
    v128.store(dst + 2 * i, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(dst + 2 * i, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
  }
  let a = i8x16.extract_lane_u(carryEven, 0);
  let b = i8x16.extract_lane_u(carryOdd, 0);
  for (; i < pairs; ++i) {
    a = <u8>(<i32>a + <i32>load<u8>(even + i) + BIAS);
    b = <u8>(<i32>b + <i32>load<u8>(odd + i) + BIAS);
    store<u8>(dst + 2 * i, a);
    store<u8>(dst + 2 * i, b, 1);
  }
}

/** Sums of 1 to 16 neighbours: lane i gets the sum of lanes 0 to i, modulo 256. */
function prefixSum(x: v128): v128 {
  x = i8x16.add(x, i64x2.shl(x, 8));
  x = i8x16.add(x, i64x2.shl(x, 16));
  x = i8x16.add(x, i64x2.shl(x, 32));
  // The total of the low 8 lanes goes to all the high ones (index 128 selects zero).
  return i8x16.add(x, i8x16.swizzle(x, i8x16(-128, -128, -128, -128, -128, -128, -128, -128, 7, 7, 7, 7, 7, 7, 7, 7)));
}

/** The last byte of the first half once its running sum is undone. */
function lastOfFirstHalf(src: usize, half: usize): u8 {
  // Pairwise widening adds; the lanes may wrap, since only the sum modulo 256 matters.
  let sums = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= half; i += 16) {
    const words = i16x8.extadd_pairwise_i8x16_u(v128.load(src + i));
    const longs = i32x4.extadd_pairwise_i16x8_u(words);
    sums = i32x4.add(sums, longs);
  }
  let sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
  sum += i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  for (; i < half; ++i) sum += <i32>load<u8>(src + i);
  return <u8>(sum + <i32>half * BIAS + BIAS);
}

/** Applies the transform: `length` bytes at `src` to `length` bytes at `dst`, which do not overlap. */
export function predict(src: usize, length: usize, dst: usize): void {
  if (length == 0) return;
  const half = (length + 1) >> 1;
  const pairs = length >> 1;
  const odd = dst + half;
  const bias = i8x16.splat(<i8>BIAS);
  let beforeEven = bias;
  // The second half is preceded by the last byte of the first.
  let beforeOdd = i8x16.splat(load<i8>(src + 2 * (half - 1)));

  let i: usize = 0;
  for (; i + 16 <= pairs; i += 16) {
    const low = v128.load(src + 2 * i);
    const high = v128.load(src + 2 * i, 16);
    const a = i8x16.shuffle(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const b = i8x16.shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    v128.store(dst + i, i8x16.add(i8x16.sub(a, previous(beforeEven, a)), bias));
    v128.store(odd + i, i8x16.add(i8x16.sub(b, previous(beforeOdd, b)), bias));
    beforeEven = a;
    beforeOdd = b;
  }
  let even = <i32>i8x16.extract_lane_u(beforeEven, 15);
  let last = <i32>i8x16.extract_lane_u(beforeOdd, 15);
  for (; i < pairs; ++i) {
    const a = <i32>load<u8>(src + 2 * i);
    const b = <i32>load<u8>(src + 2 * i, 1);
    store<u8>(dst + i, <u8>(a - even + BIAS));
    store<u8>(odd + i, <u8>(b - last + BIAS));
    even = a;
    last = b;
  }
  if (length & 1) store<u8>(dst + half - 1, <u8>(<i32>load<u8>(src + length - 1) - even + BIAS));
}

/** Each lane's left neighbour, the first one's from the vector before. */
function previous(before: v128, x: v128): v128 {
  return i8x16.shuffle(before, x, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
