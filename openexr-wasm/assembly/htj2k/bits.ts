// The bit streams of a code-block without their stuffing (T.814, 7.1): plain bits, the first lowest, which can be read from any
// position with one load.

/** Whether any byte of `word` is 0xff. */
function hasFF(word: u64): bool {
  return ((~word - 0x0101010101010101) & word & 0x8080808080808080) != 0;
}

/**
 * MagSgn: forward; the byte after 0xff has 7 bits. Past its end the decoder reads ones. Writes `capacity` + 32 bytes at most,
 * all of the first `capacity` + 16.
 */
export function unstuffMagSgn(from: usize, length: usize, to: usize, capacity: usize): void {
  const end = from + length;
  const limit = to + capacity;
  let bits: u64 = 0;
  let count: u64 = 0;
  let afterFF = false;
  while (from < end && to < limit) {
    if (!afterFF && from + 8 <= end) {
      const word = load<u64>(from);
      if (!hasFF(word)) {
        store<u64>(to, bits | (word << count));
        bits = (word >> 1) >> (63 - count);
        from += 8;
        to += 8;
        continue;
      }
    }
    const stop = min(end, from + 8);
    for (; from < stop; ++from) {
      const byte = <u64>load<u8>(from);
      bits |= (afterFF ? byte & 0x7f : byte) << count;
      count += afterFF ? 7 : 8;
      afterFF = byte == 0xff;
      if (count >= 8) {
        store<u8>(to++, <u8>bits);
        bits >>= 8;
        count -= 8;
      }
    }
  }
  store<u8>(to++, <u8>(bits | (<u64>0xff << count)));
  if (to < limit + 16) memory.fill(to, 0xff, limit + 16 - to);
}

/**
 * VLC: backward from the last byte but one, whose upper half comes first; a byte whose lower 7 bits are ones has only these
 * after a byte above 0x8f. `first` is the last byte to read. Returns the number of bits; 16 zero bytes follow.
 */
export function unstuffVlc(first: usize, last: usize, to: usize): u32 {
  const start = to;
  const half = <u64>load<u8>(last) >> 4;
  let count: u64 = (half & 7) == 7 ? 3 : 4;
  let bits: u64 = half & ((1 << count) - 1);
  // The lower half belongs to Scup and counts as ones.
  let beyond = (half << 4 | 15) > 0x8f;
  for (let at = last; at > first; ) {
    const byte = <u64>load<u8>(--at);
    const short = beyond && (byte & 0x7f) == 0x7f;
    bits |= (short ? 0x7f : byte) << count;
    count += short ? 7 : 8;
    beyond = byte > 0x8f;
    store<u8>(to, <u8>bits);
    if (count >= 8) {
      ++to;
      bits >>= 8;
      count -= 8;
    }
  }
  store<u64>(to, bits);
  store<u64>(to, 0, 8);
  store<u64>(to, 0, 16);
  return (<u32>(to - start) << 3) + <u32>count;
}

/** Writes MagSgn bits with their stuffing. Returns the bytes written, at most `count` / 7 + 1. */
export function stuffMagSgn(from: usize, count: u32, to: usize): u32 {
  const start = to;
  let at: u32 = 0;
  let afterFF = false;
  while (at < count) {
    const word = load<u64>(from + (at >> 3)) >> (at & 7);
    if (!afterFF && at + 56 <= count) {
      // Seven whole bytes are in the word, whatever the position.
      if (!hasFF(word & 0x00ffffffffffffff)) {
        store<u64>(to, word);
        to += 7;
        at += 56;
        continue;
      }
    }
    const bits: u32 = afterFF ? 7 : 8;
    // The last byte is filled with ones, since the decoder reads ones past the end.
    const left = count - at;
    let byte = <u32>word & ((1 << bits) - 1);
    if (left < bits) byte |= ((1 << bits) - 1) & ~((1 << left) - 1);
    store<u8>(to++, <u8>byte);
    afterFF = byte == 0xff;
    at += bits;
  }
  // A decoder supplies a last byte of ones itself.
  if (to > start && load<u8>(to - 1) == 0xff) --to;
  return <u32>(to - start);
}
