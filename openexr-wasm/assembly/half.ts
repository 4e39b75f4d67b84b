// Conversions between half (binary16, in the low bits of an i32) and float, as Imath does them: to half with rounding
// to the nearest, ties to even; too large becomes infinity; a NaN keeps its sign and the upper bits of its payload.

/** Bits of the float equal to the half `h`. Exact for every value. */
function halfToFloatBits(h: u32): u32 {
  const sign = (h & 0x8000) << 16;
  const magnitude = h & 0x7fff;
  if (magnitude >= 0x7c00) return sign | 0x7f800000 | ((magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400) return sign | ((magnitude << 13) + 0x38000000);
  // Zero or denormal: magnitude x 2^-24 is exact in float.
  return sign | reinterpret<u32>(<f32>magnitude * reinterpret<f32>(0x33800000));
}

export function halfToFloat(h: u32): f32 {
  return reinterpret<f32>(halfToFloatBits(h));
}

/** The half nearest to the float with these bits. */
function floatBitsToHalf(bits: u32): u32 {
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x38800000) {
    if (magnitude > 0x7f800000) {
      const payload = (magnitude >> 13) & 0x3ff;
      return sign | 0x7c00 | payload | <u32>(payload == 0);
    }
    // 0x477ff000 is the first float that rounds to 65536, beyond the largest half.
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >> 13) & 1)) >> 13);
  }
  // Denormal or zero: adding 0.5 lets the float unit round to a multiple of 2^-24, ties to even.
  const shifted = reinterpret<f32>(magnitude) + <f32>0.5;
  return sign | (reinterpret<u32>(shifted) - 0x3f000000);
}

export function floatToHalf(f: f32): u32 {
  return floatBitsToHalf(reinterpret<u32>(f));
}
