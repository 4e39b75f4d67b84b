// Half <-> float, four samples at a time, as the hardware converts: round to nearest even, denormals kept.

/** Greatest finite half. */
export const HALF_MAX: f32 = 65504;

/** 2^112: moves a half's exponent bits, read as a float's, to the float's bias. Exact for denormals too. */
const REBIAS: f32 = 5.192296858534828e33;

/** What stays of a sign-extended half shifted to a float's place: sign, exponent, mantissa. */
const FLOAT_PLACE: i32 = 0x8fffe000;
/** Infinity at that place. */
const PLACED_INFINITY: i32 = 0x0f800000;

// The compiler would inline these two anyway, but without the decorator it warns about vectors passed between functions.

/** Halves, sign-extended to four i32 lanes -> floats. */
// @ts-ignore: decorator
@inline
export function halvesToFloats(halves: v128): v128 {
  const placed = v128.and(i32x4.shl(halves, 13), i32x4.splat(FLOAT_PLACE));
  const special = i32x4.eq(v128.and(placed, i32x4.splat(PLACED_INFINITY)), i32x4.splat(PLACED_INFINITY));
  return v128.or(f32x4.mul(placed, f32x4.splat(REBIAS)), v128.and(special, i32x4.splat(0x7f800000)));
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

/** One half -> float, as half.ts does it but without branches for denormals: it is used in inner loops. */
export function halfToFloat(bits: u32): f32 {
  const placed = (<i32>(bits << 16) >> 3) & FLOAT_PLACE;
  const scaled = reinterpret<f32>(placed) * REBIAS;
  if ((bits & 0x7c00) != 0x7c00) return scaled;
  return reinterpret<f32>(reinterpret<u32>(scaled) | 0x7f800000);
}
