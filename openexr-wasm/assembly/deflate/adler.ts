// Adler-32 (RFC 1950) in pieces. For bytes d[0] to d[n-1]: a = the sum of all, b = the sum of (n - i) d[i], both modulo
// 65521 and without the checksum's start value, so that the sums of pieces can be joined in any order, and a changed
// byte accounted for, without reading the bytes again.

const MODULUS: u32 = 65521;

/** As many bytes as can be summed up in 32-bit lanes before a reduction. */
const BLOCK: usize = 4096;

/** As many vectors as can be summed up in 16-bit lanes, all sums from the first to each of them included: 255 * 21 * 22 / 2. */
const GROUP: usize = 21;

/** Results of adlerSums: a and b modulo 65521, and a modulo 2^32. */
export let adlerA: u32 = 0;
export let adlerB: u32 = 0;
export let byteSum: u32 = 0;

/** Sums up `length` bytes at `at` into adlerA, adlerB and byteSum. */
export function adlerSums(at: usize, length: usize): void {
  let a: u32 = 0;
  let b: u64 = 0;
  let sum: u32 = 0;
  const end = at + length;
  while (at < end) {
    const block = min(end - at, BLOCK);
    let sums = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (let vectors = block >> 4; vectors > 0; ) {
      const n = min(vectors, GROUP);
      vectors -= n;
      weighted = i32x4.add(weighted, i32x4.mul(sums, i32x4.splat(<i32>n << 4)));
      // Sums of each lane, and sums of these: a byte counts in them as often as vectors follow, its own included.
      let low = i16x8.splat(0);
      let high = i16x8.splat(0);
      let lows = i16x8.splat(0);
      let highs = i16x8.splat(0);
      for (const to = at + (n << 4); at < to; at += 16) {
        const v = v128.load(at);
        low = i16x8.add(low, i16x8.extend_low_i8x16_u(v));
        high = i16x8.add(high, i16x8.extend_high_i8x16_u(v));
        lows = i16x8.add(lows, low);
        highs = i16x8.add(highs, high);
      }
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(low, high)));
      const counted = i32x4.add(i32x4.extadd_pairwise_i16x8_u(lows), i32x4.extadd_pairwise_i16x8_u(highs));
      weighted = i32x4.add(weighted, i32x4.shl(counted, 4));
      weighted = i32x4.sub(weighted, i32x4.dot_i16x8_s(low, i16x8(0, 1, 2, 3, 4, 5, 6, 7)));
      weighted = i32x4.sub(weighted, i32x4.dot_i16x8_s(high, i16x8(8, 9, 10, 11, 12, 13, 14, 15)));
    }
    let blockSum = total(sums);
    let blockWeighted = <u64>total(weighted);
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
