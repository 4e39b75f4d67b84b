/**
 * IEEE half and single precision. Widening is exact; narrowing rounds to the nearest, ties to even,
 * and turns numbers that are too large into infinity, like Imath's half.
 */
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

let widened: Uint32Array | undefined;

/** All 65,536 halves as the bits of floats, made on first use. */
function table(): Uint32Array {
  widened ??= Uint32Array.from({ length: 65536 }, (_, half) => widen(half));
  return widened;
}

function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  single[0] = mantissa * 2 ** -24;
  return (sign | (bits[0] as number)) >>> 0;
}

/** Finite floats that `narrow` has made infinite. Counting them where that happens costs the others nothing. */
let overflows = 0;

/** The half for the bits of a float. */
function narrow(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude >= 0x7f800000) {
    // A NaN keeps the top of its payload, but must not become an infinity by losing all of it.
    const mantissa = (magnitude >>> 13) & 0x3ff;
    return magnitude === 0x7f800000 ? sign | 0x7c00 : sign | 0x7c00 | mantissa | (mantissa === 0 ? 1 : 0);
  }
  if (magnitude >= 0x477ff000) {
    overflows += 1;
    return sign | 0x7c00;
  }
  if (magnitude >= 0x38800000) {
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  if (magnitude < 0x33000001) return sign;
  // Denormal halves: the mantissa with its hidden bit, shifted to units of 2^-24.
  const exponent = magnitude >>> 23;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half);
}

export function widenHalves(halves: Uint16Array, out: Float32Array): void {
  const all = table();
  const words = wordsOf(out);
  for (let i = 0; i < halves.length; i++) words[i] = all[halves[i] as number] as number;
}

/** Returns the number of finite floats that became infinite: those of at least 65,520. */
export function narrowFloats(floats: Float32Array, out: Uint16Array): number {
  const words = wordsOf(floats);
  overflows = 0;
  for (let i = 0; i < words.length; i++) out[i] = narrow(words[i] as number);
  return overflows;
}

/**
 * How many of some whole numbers half cannot hold (odd ones beyond 2,048, for example), apart from those that become infinite.
 * Undefined if not all are whole numbers, which is quickly found out. Infinity and NaN are ignored.
 */
export function inexactWholes(floats: Float32Array): number | undefined {
  const words = wordsOf(floats);
  let inexact = 0;
  for (let i = 0; i < words.length; i++) {
    const magnitude = (words[i] as number) & 0x7fffffff;
    // From 2^23 on, all floats are whole numbers.
    if (magnitude === 0 || magnitude >= 0x4b000000) continue;
    if (magnitude < 0x3f800000) return undefined;
    const fraction = 150 - (magnitude >>> 23);
    if ((magnitude & ((1 << fraction) - 1)) !== 0) return undefined;
    // A half's mantissa has thirteen bits fewer.
    if ((magnitude & 0x1fff) !== 0 && magnitude < 0x477ff000) inexact += 1;
  }
  return inexact;
}

/** How many floats or halves are not finite numbers within the range of half, which ends at 65,504. */
export function beyondHalf(samples: Float32Array | Uint16Array): number {
  let count = 0;
  if (samples instanceof Uint16Array) {
    for (let i = 0; i < samples.length; i++) if (((samples[i] as number) & 0x7c00) === 0x7c00) count += 1;
    return count;
  }
  const words = wordsOf(samples);
  for (let i = 0; i < words.length; i++) if (((words[i] as number) & 0x7fffffff) > 0x477fe000) count += 1;
  return count;
}

/**
 * Floats as their bits. As JavaScript numbers, signalling NaNs might become quiet ones, depending on how far V8 has
 * optimised the loop.
 */
function wordsOf(floats: Float32Array): Uint32Array {
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}
