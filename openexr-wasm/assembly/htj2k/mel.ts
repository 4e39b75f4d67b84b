// The MEL decoder: runs of events of which most are 0 (T.814, 7.3.3).

/** Exponents of the run lengths by state. */
export const MEL_EXPONENTS: usize = memory.data<u8>([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5]);
export const MEL_LAST_STATE: i32 = 12;

let at: usize = 0;
let end: usize = 0;
let bits: u64 = 0;
let count: i32 = 0;
let afterFF: bool = false;
let state: i32 = 0;

/** Begins at `from`; `last` is the segment's last byte but one, whose lower half counts as ones. */
export function melStart(from: usize, last: usize): void {
  at = from;
  end = last;
  bits = 0;
  count = 0;
  afterFF = false;
  state = 0;
}

/**
 * The next run of events: twice the number of zeros, plus 1 when a one follows them. Minus two for each event; below zero it is
 * over.
 */
export function melRun(): i32 {
  while (count <= 48) {
    let byte: u32 = at < end ? load<u8>(at) : at == end ? <u32>load<u8>(at) | 15 : 0xff;
    ++at;
    const width = afterFF ? 7 : 8;
    byte &= (1 << width) - 1;
    bits |= <u64>byte << (64 - width - count);
    count += width;
    afterFF = byte == 0xff;
  }
  const exponent = <i32>load<u8>(MEL_EXPONENTS + <usize>state);
  if (<i64>bits < 0) {
    bits <<= 1;
    --count;
    if (state < MEL_LAST_STATE) ++state;
    return ((1 << exponent) - 1) << 1;
  }
  // One shift more, as a shift by 64 would be none.
  const zeros = <i32>(((bits << 1) >> 1) >> (63 - exponent));
  bits <<= 1 + exponent;
  count -= 1 + exponent;
  if (state > 0) --state;
  return (zeros << 1) | 1;
}
