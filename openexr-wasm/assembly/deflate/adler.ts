// Adler-32 (RFC 1950) in pieces. For bytes d[0] to d[n-1]: a = the sum of all, b = the sum of (n - i) d[i], both modulo
// 65521 and without the checksum's start value, so that the sums of pieces can be joined in any order, and a changed
// byte accounted for, without reading the bytes again.

const MODULUS: u32 = 65521;

/** As many bytes as can be summed up in 32-bit lanes before a reduction. */
const BLOCK: usize = 4096;

/** Results of adlerSums: a and b modulo 65521, and a modulo 2^32. */
export let adlerA: u32 = 0;
export let adlerB: u32 = 0;
export let byteSum: u32 = 0;

/** Sums up `length` bytes at `at` into adlerA, adlerB and byteSum. */
export function adlerSums(at: usize, length: usize): void {
  let a: u32 = 0;
  let b: u64 = 0;
  let sum: u32 = 0;
  const ones = i16x8.splat(1);
  const highWeights = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const lowWeights = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  const end = at + length;
  while (at < end) {
    const block = min(end - at, BLOCK);
    const vectors = block >> 4;
    let sums = i32x4.splat(0);
    let before = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (let i: usize = 0; i < vectors; ++i) {
      const v = v128.load(at);
      const low = i16x8.extend_low_i8x16_u(v);
      const high = i16x8.extend_high_i8x16_u(v);
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(i16x8.add(low, high), ones));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(low, highWeights));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(high, lowWeights));
      at += 16;
    }
    let blockSum = total(sums);
    let blockWeighted = <u64>total(weighted) + (<u64>total(before) << 4);
    for (let i: usize = block & 15; i > 0; --i) {
      blockSum += <u32>load<u8>(at++);
      blockWeighted += <u64>blockSum;
    }
    b = (b + <u64>a * <u64>block + blockWeighted) % <u64>MODULUS;
    a = (a + blockSum) % MODULUS;
    sum += blockSum;
  }
  adlerA = a;
  adlerB = <u32>b;
  byteSum = sum;
}

function total(lanes: v128): u32 {
  return (
    <u32>i32x4.extract_lane(lanes, 0) +
    <u32>i32x4.extract_lane(lanes, 1) +
    <u32>i32x4.extract_lane(lanes, 2) +
    <u32>i32x4.extract_lane(lanes, 3)
  );
}

/** b of two pieces joined: the first's a and b, the second's b and size. Their a is just the sum. */
export function joinB(a: u32, b: u32, nextB: u32, nextBytes: u32): u32 {
  return <u32>((<u64>b + <u64>a * <u64>nextBytes + <u64>nextB) % <u64>MODULUS);
}

/** A sum modulo 65521. */
export function joinA(a: u32, nextA: u32): u32 {
  return (a + nextA) % MODULUS;
}
