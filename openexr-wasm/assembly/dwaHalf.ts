// Half <-> float, four samples at a time, as the hardware converts: round to nearest even, denormals kept.

/** Greatest finite half. */
export const HALF_MAX: f32 = 65504;

/** 2^112: moves a half's exponent bits, read as a float's, to the float's bias. Exact for denormals too. */
const REBIAS: f32 = 5.192296858534828e33;

/** Half bits in the low 16 bits of four i32 lanes -> floats. */
// @ts-ignore: decorator
@inline
export function halvesToFloats(bits: v128): v128 {
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  const special = v128.and(i32x4.ge_s(magnitude, i32x4.splat(0x0f800000)), i32x4.splat(0x7f800000));
  return v128.or(v128.or(f32x4.mul(magnitude, f32x4.splat(REBIAS)), special), sign);
}

/** Floats -> half bits in the low 16 bits of four i32 lanes. */
// @ts-ignore: decorator
@inline
export function floatsToHalves(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7fffffff));
  const sign = v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000));
  // Normal results: re-bias the exponent, then round to even on the 13 bits that fall away.
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(magnitude, i32x4.splat(0xfff - (112 << 23))), odd);
  const normal = i32x4.min_u(i32x4.shr_u(rounded, 13), i32x4.splat(0x7c00));
  // Denormal results: 0.5 has the unit in the last place of half denormals, so the addition rounds for us.
  const denormal = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  const small = i32x4.lt_s(magnitude, i32x4.splat(0x38800000));
  const quiet = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x7f800000)), i32x4.splat(0x200));
  return v128.or(v128.or(v128.bitselect(denormal, normal, small), quiet), sign);
}

/** One half -> float. */
// @ts-ignore: decorator
@inline
export function halfToFloat(bits: u32): f32 {
  const magnitude = (bits & 0x7fff) << 13;
  const special: u32 = magnitude >= 0x0f800000 ? 0x7f800000 : 0;
  const scaled = reinterpret<u32>(reinterpret<f32>(magnitude) * REBIAS);
  return reinterpret<f32>(scaled | special | ((bits & 0x8000) << 16));
}

/** One float -> half bits. */
export function floatToHalf(x: f32): u32 {
  return <u32>i32x4.extract_lane(floatsToHalves(f32x4.splat(x)), 0);
}
