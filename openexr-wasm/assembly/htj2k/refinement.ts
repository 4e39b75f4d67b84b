// The passes after the cleanup pass, which other encoders may add for one more bit-plane (T.814, 7.4 and 7.5): significance
// propagation finds samples that become significant beside others, magnitude refinement gives the others one more bit. Both go in
// stripes of four lines, column by column. Their bytes are one segment: the first pass from its front, the second from its back;
// past its own bits each reads zeros.


/** Significance of the samples of a block (4 x 1024 is the longest) before and in the first pass, with a border of zeros. */
const SIGNIFICANT: usize = memory.data(6400, 16);

const WAS: u8 = 1;
const BECAME: u8 = 2;

/** Bits of a pass that is read from the front, or from the back. */
let at: usize = 0;
let end: usize = 0;
let bits: u32 = 0;
let count: u32 = 0;
let mark: bool = false;

function startForward(from: usize, to: usize): void {
  at = from;
  end = to;
  bits = 0;
  count = 0;
  mark = false;
}

/** The byte after 0xff has seven bits. */
function forwardBit(): u32 {
  if (count == 0) {
    const byte: u32 = at < end ? load<u8>(at) : 0;
    count = mark ? 7 : 8;
    bits = mark ? byte & 0x7f : byte;
    mark = byte == 0xff;
    ++at;
  }
  --count;
  const bit = bits & 1;
  bits >>= 1;
  return bit;
}

function startBackward(from: usize, to: usize): void {
  at = to;
  end = from;
  bits = 0;
  count = 0;
  mark = true;
}

/** Seven bits in a byte whose lower seven are ones, after one above 0x8f; the last byte counts as such. */
function backwardBit(): u32 {
  if (count == 0) {
    const byte: u32 = at > end ? load<u8>(at - 1) : 0;
    count = mark && (byte & 0x7f) == 0x7f ? 7 : 8;
    bits = byte;
    mark = byte > 0x8f;
    --at;
  }
  --count;
  const bit = bits & 1;
  bits >>= 1;
  return bit;
}

/**
 * Refines a block's numbers at `to`, which the cleanup pass has left as multiples of 2^`plane` (at least 1): they become whole
 * numbers, in the middle of the interval they stand for. `passes` is 2 or 3. With `causal`, the line below a stripe does not count.
 */
export function refineBlock<T>(
  segment: usize,
  length: usize,
  passes: u32,
  causal: bool,
  to: usize,
  stride: usize,
  width: i32,
  height: i32,
  plane: u32,
): void {
  const pitch = <usize>width + 2;
  const first = SIGNIFICANT + pitch + 1;
  memory.fill(SIGNIFICANT, 0, pitch * (<usize>height + 2) + 2);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const value = load<T>(to + <usize>y * stride + <usize>x * sizeof<T>());
      if (value != 0) store<u8>(first + <usize>y * pitch + <usize>x, WAS);
    }
  startForward(segment, segment + length);
  for (let top = 0; top < height; top += 4)
    for (let x = 0; x < width; x += 4) propagate<T>(first, pitch, to, stride, x, top, width, height, causal, plane);
  const half: T = plane > 1 ? <T>1 << (<T>plane - 2) : <T>0;
  startBackward(segment, segment + length);
  for (let top = 0; top < height; top += 4)
    for (let x = 0; x < width; ++x)
      for (let y = top; y < min(height, top + 4); ++y) {
        if (load<u8>(first + <usize>y * pitch + <usize>x) != WAS) continue;
        const place = to + <usize>y * stride + <usize>x * sizeof<T>();
        const value = load<T>(place);
        const double: T = (value < 0 ? -value : value) << <T>1;
        const magnitude: T =
          passes > 2
            ? ((double | <T>backwardBit()) << (<T>plane - 1)) + half
            : (double | <T>1) << (<T>plane - 1);
        store<T>(place, value < 0 ? -magnitude : magnitude);
      }
}

/** Four columns of a stripe: for all of them which samples become significant, and then their signs. */
function propagate<T>(
  first: usize,
  pitch: usize,
  to: usize,
  stride: usize,
  left: i32,
  top: i32,
  width: i32,
  height: i32,
  causal: bool,
  plane: u32,
): void {
  const right = min(width, left + 4);
  const bottom = min(height, top + 4);
  let found: u32 = 0;
  for (let x = left; x < right; ++x)
    for (let y = top; y < bottom; ++y) {
      const place = first + <usize>y * pitch + <usize>x;
      if (load<u8>(place)) continue;
      const above = place - pitch;
      const below = place + pitch;
      let near: u32 = load<u8>(above - 1) | load<u8>(above) | load<u8>(above, 1) | load<u8>(place - 1) | load<u8>(place, 1);
      if (!causal || y != top + 3) near |= load<u8>(below - 1) | load<u8>(below) | load<u8>(below, 1);
      if (near == 0 || forwardBit() == 0) continue;
      store<u8>(place, BECAME);
      found |= 1 << (((x - left) << 2) | (y - top));
    }
  const magnitude: T = plane > 1 ? <T>3 << (<T>plane - 2) : <T>1;
  for (; found; found &= found - 1) {
    const n = <i32>ctz(found);
    const place = to + <usize>(top + (n & 3)) * stride + <usize>(left + (n >> 2)) * sizeof<T>();
    store<T>(place, forwardBit() ? -magnitude : magnitude);
  }
}
