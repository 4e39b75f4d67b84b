// The reversible 5/3 wavelet (T.800, annex F), both ways, on i32 or i64 (T). One level turns w x h samples, whose origin is
// even, into four bands: LL of ceil(w/2) x ceil(h/2), HL right of it, LH below and HH.
//
//   high[n] -= (low[n] + low[n + 1]) >> 1        low[n] += (high[n - 1] + high[n] + 2) >> 2
//
// with low and high the even and the odd samples of a line, mirrored at both ends. A line of one sample is left as is.
//
// Lines begin at multiples of 16 bytes, with PAD bytes before and after each for mirrored samples and whole vectors.

/** Bytes before and after each line. */
const PAD: usize = 16;

/** Bytes from one line of `width` samples to the next. */
export function lineStride<T>(width: i32): usize {
  return ((<usize>width * sizeof<T>() + 15) & ~15) + 2 * PAD;
}

/** Bytes that `height` lines take, including the padding before the first one, and where that is. */
export function planeBytes<T>(width: i32, height: i32): usize {
  return <usize>height * lineStride<T>(width) + PAD;
}

export function firstLine(plane: usize): usize {
  return plane + PAD;
}

/**
 * Combines one level's bands into `width` x `height` samples at `to`. The lines of HL and HH get their mirrored samples.
 * `scratch` is three lines of `width`.
 */
export function inverseLevel<T>(
  ll: usize,
  hl: usize,
  lh: usize,
  hh: usize,
  to: usize,
  width: i32,
  height: i32,
  scratch: usize,
): void {
  const stride = lineStride<T>(width);
  const lowStride = lineStride<T>((width + 1) >> 1);
  const highStride = lineStride<T>(width >> 1);
  if (height == 1) {
    joinLine<T>(ll, hl, to, width);
    return;
  }
  const lows = (height + 1) >> 1;
  const highs = height >> 1;
  let low = scratch;
  // The line of high samples above and the one below; at the top both are the first.
  let above = scratch + stride;
  let below = scratch + 2 * stride;
  const bytes = <usize>width * sizeof<T>();
  for (let n = 0; n < lows; ++n) {
    joinLine<T>(ll, hl, low, width);
    ll += lowStride;
    hl += highStride;
    if (n < highs) {
      joinLine<T>(lh, hh, below, width);
      lh += lowStride;
      hh += highStride;
    }
    const high = n < highs ? below : above;
    if (n == 0) {
      for (let x: usize = 0; x < bytes; x += 16) v128.store(to + x, smoothed<T>(low + x, high + x, high + x));
    } else {
      // This even line, and the odd one before it.
      const before = to - 2 * stride;
      for (let x: usize = 0; x < bytes; x += 16) {
        const even = smoothed<T>(low + x, above + x, high + x);
        v128.store(to + x, even);
        const mean = v128.shr<T>(v128.add<T>(v128.load(before + x), even), 1);
        v128.store(before + stride + x, v128.add<T>(v128.load(above + x), mean));
      }
    }
    if (n < highs) {
      const other = above;
      above = below;
      below = other;
    }
    to += 2 * stride;
  }
  if (highs < lows) return;
  // The last line is odd, and the even one below it mirrors the one above.
  const before = to - 2 * stride;
  for (let x: usize = 0; x < bytes; x += 16)
    v128.store(before + stride + x, v128.add<T>(v128.load(above + x), v128.load(before + x)));
}

// @ts-ignore: decorator
@inline
function smoothed<T>(low: usize, above: usize, below: usize): v128 {
  const sum = v128.add<T>(v128.add<T>(v128.load(above), v128.load(below)), v128.splat<T>(<T>2));
  return v128.sub<T>(v128.load(low), v128.shr<T>(sum, 2));
}

/** Combines low and high samples into one line. Writes the mirrored samples beside the high ones. */
function joinLine<T>(low: usize, high: usize, to: usize, width: i32): void {
  const size = sizeof<T>();
  const lanes = <i32>(16 / sizeof<T>());
  const lows = (width + 1) >> 1;
  const highs = width >> 1;
  if (highs == 0) {
    store<T>(to, load<T>(low));
    return;
  }
  store<T>(high - size, load<T>(high));
  if (highs < lows) store<T>(high + <usize>highs * size, load<T>(high + <usize>(highs - 1) * size));
  let n = 0;
  let even = evens<T>(low, high);
  for (; n + 2 * lanes < lows; n += lanes, low += 16, high += 16, to += 32) {
    const next = evens<T>(low + 16, high + 16);
    const shifted =
      sizeof<T>() == 4 ? v128.shuffle<i32>(even, next, 1, 2, 3, 4) : v128.shuffle<i64>(even, next, 1, 2);
    const odd = v128.add<T>(v128.load(high), v128.shr<T>(v128.add<T>(even, shifted), 1));
    if (sizeof<T>() == 4) {
      v128.store(to, v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
      v128.store(to, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
    } else {
      v128.store(to, v128.shuffle<i64>(even, odd, 0, 2));
      v128.store(to, v128.shuffle<i64>(even, odd, 1, 3), 16);
    }
    even = next;
  }
  let now = oneEven<T>(low, high);
  for (; n < highs; ++n, low += size, high += size, to += 2 * size) {
    const next = n + 1 < lows ? oneEven<T>(low + size, high + size) : now;
    store<T>(to, now);
    store<T>(to + size, load<T>(high) + ((now + next) >> <T>1));
    now = next;
  }
  if (highs < lows) store<T>(to, now);
}

// @ts-ignore: decorator
@inline
function evens<T>(low: usize, high: usize): v128 {
  return smoothed<T>(low, high - sizeof<T>(), high);
}

// @ts-ignore: decorator
@inline
function oneEven<T>(low: usize, high: usize): T {
  return load<T>(low) - ((load<T>(high - sizeof<T>()) + load<T>(high) + <T>2) >> <T>2);
}

/**
 * Splits `width` x `height` samples at `from` into one level's bands; the lines of HL and HH get mirrored samples.
 * The samples are overwritten.
 */
export function forwardLevel<T>(
  from: usize,
  ll: usize,
  hl: usize,
  lh: usize,
  hh: usize,
  width: i32,
  height: i32,
): void {
  const stride = lineStride<T>(width);
  const lowStride = lineStride<T>((width + 1) >> 1);
  const highStride = lineStride<T>(width >> 1);
  if (height == 1) {
    partLine<T>(from, ll, hl, width);
    return;
  }
  const lows = (height + 1) >> 1;
  const highs = height >> 1;
  const bytes = <usize>width * sizeof<T>();
  for (let n = 0; n < lows; ++n) {
    // The odd line below needs the even ones around it, and the even line the odd ones.
    const low = from;
    const high = from + stride;
    const above = n > 0 ? from - stride : high;
    const next = n + 1 < lows ? from + 2 * stride : low;
    if (n < highs) {
      for (let x: usize = 0; x < bytes; x += 16) {
        const even = v128.load(low + x);
        const odd = v128.sub<T>(v128.load(high + x), v128.shr<T>(v128.add<T>(even, v128.load(next + x)), 1));
        v128.store(high + x, odd);
        const up = n > 0 ? v128.load(above + x) : odd;
        v128.store(low + x, raised<T>(even, up, odd));
      }
      partLine<T>(high, lh, hh, width);
      lh += lowStride;
      hh += highStride;
    } else {
      for (let x: usize = 0; x < bytes; x += 16) {
        const odd = v128.load(above + x);
        v128.store(low + x, raised<T>(v128.load(low + x), odd, odd));
      }
    }
    partLine<T>(low, ll, hl, width);
    ll += lowStride;
    hl += highStride;
    from += 2 * stride;
  }
}

// @ts-ignore: decorator
@inline
function raised<T>(even: v128, above: v128, below: v128): v128 {
  return v128.add<T>(even, v128.shr<T>(v128.add<T>(v128.add<T>(above, below), v128.splat<T>(<T>2)), 2));
}

/** Splits one line into low and high samples. Writes the mirrored samples beside the high ones. */
function partLine<T>(from: usize, low: usize, high: usize, width: i32): void {
  const size = sizeof<T>();
  const lanes = <i32>(16 / sizeof<T>());
  const lows = (width + 1) >> 1;
  const highs = width >> 1;
  if (highs == 0) {
    store<T>(low, load<T>(from));
    return;
  }
  const firstLow = low;
  const firstHigh = high;
  let n = 0;
  // Separates even and odd samples, and computes the high ones in the same pass.
  for (; n + lanes < highs; n += lanes, from += 32, low += 16, high += 16) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    let even: v128;
    let odd: v128;
    let next: v128;
    if (sizeof<T>() == 4) {
      even = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
      odd = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
      next = v128.shuffle<i32>(even, c, 1, 2, 3, 4);
    } else {
      even = v128.shuffle<i64>(a, b, 0, 2);
      odd = v128.shuffle<i64>(a, b, 1, 3);
      next = v128.shuffle<i64>(even, c, 1, 2);
    }
    v128.store(low, even);
    v128.store(high, v128.sub<T>(odd, v128.shr<T>(v128.add<T>(even, next), 1)));
  }
  for (; n < highs; ++n, from += 2 * size, low += size, high += size) {
    const even = load<T>(from);
    const next = n + 1 < lows ? load<T>(from + 2 * size) : even;
    store<T>(low, even);
    store<T>(high, load<T>(from + size) - ((even + next) >> <T>1));
  }
  if (highs < lows) store<T>(low, load<T>(from));
  low = firstLow;
  high = firstHigh;
  store<T>(high - size, load<T>(high));
  if (highs < lows) store<T>(high + <usize>highs * size, load<T>(high + <usize>(highs - 1) * size));
  // After the last sample there is room for whole vectors.
  for (n = 0; n < lows; n += lanes, low += 16, high += 16)
    v128.store(low, raised<T>(v128.load(low), v128.load(high - size), v128.load(high)));
}
