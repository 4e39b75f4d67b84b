// The byte transform in front of RLE and zlib (ZIPS, ZIP): the bytes at even positions, then those at odd positions,
// and of that sequence the differences of neighbours, biased by 128. The first byte stays as it is.
//
// Both directions run over the two halves of the transformed sequence side by side, because byte i of either half
// belongs to the same pair of raw bytes; each pair is touched once.

/** What stands before the first byte: t[0] = BIAS + d[0] + 128 = d[0] (mod 256). */
const BIAS: i32 = 0x80;

/** Undoes the transform: `length` bytes at `src` to `length` bytes at `dst`, which do not overlap. */
export function unpredict(src: usize, length: usize, dst: usize): void {
  const half = (length + 1) >> 1;
  const pairs = length >> 1;
  const odd = src + half;
  // The second half continues the running sum of the first.
  let carryEven = i8x16.splat(<i8>BIAS);
  let carryOdd = i8x16.splat(<i8>lastOfFirstHalf(src, half));
  // d[i] + 128 summed up adds 128 at every other position.
  const alternate = i16x8.splat(0x0080);

  let i: usize = 0;
  for (; i + 16 <= pairs; i += 16) {
    const a = i8x16.add(i8x16.add(prefixSum(v128.load(src + i)), alternate), carryEven);
    const b = i8x16.add(i8x16.add(prefixSum(v128.load(odd + i)), alternate), carryOdd);
    carryEven = i8x16.swizzle(a, i8x16.splat(15));
    carryOdd = i8x16.swizzle(b, i8x16.splat(15));
    v128.store(dst + 2 * i, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(dst + 2 * i, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
  }
  let even = i8x16.extract_lane_u(carryEven, 0);
  let last = i8x16.extract_lane_u(carryOdd, 0);
  for (; i < pairs; ++i) {
    even = <u8>(<i32>even + <i32>load<u8>(src + i) + BIAS);
    last = <u8>(<i32>last + <i32>load<u8>(odd + i) + BIAS);
    store<u8>(dst + 2 * i, even);
    store<u8>(dst + 2 * i, last, 1);
  }
  if (length & 1) store<u8>(dst + length - 1, <u8>(<i32>even + <i32>load<u8>(src + half - 1) + BIAS));
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
function lastOfFirstHalf(src: usize, half: usize): i32 {
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
  return (sum + <i32>half * BIAS + BIAS) & 0xff;
}

/** Applies the transform: `length` bytes at `src` to `length` bytes at `dst`, which do not overlap. */
export function predict(src: usize, length: usize, dst: usize): void {
  if (length == 0) return;
  const half = (length + 1) >> 1;
  const pairs = length >> 1;
  const odd = dst + half;
  const bias = i8x16.splat(<i8>BIAS);
  let beforeEven = bias;
  // In front of the second half stands the last byte of the first.
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
