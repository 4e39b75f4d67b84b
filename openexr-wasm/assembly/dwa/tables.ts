// Look-up tables of DWA, computed once per instance when first needed (facts from OpenEXR's dwaLookups.cpp).
//
// Lossy channels are coded in a perceptual space: gamma 2.2 up to 1, a logarithm above. The float32 steps below round
// as the reference's generator does; a last-bit difference here would affect every pixel.

import { floatToHalf, halfToFloat } from '../half';

/** u16[65536]: half in perceptual space -> half in linear light. NaN and infinities become 0. */
export const TO_LINEAR: usize = memory.data(131072, 16);
/** u16[65536]: half in linear light -> half in perceptual space. */
export const TO_NONLINEAR: usize = memory.data(131072, 16);

/** Bits of the greatest finite half. */
const MAX_FINITE: i32 = 0x7bff;
/** Room for 16 candidates a magnitude: half a cache line each. */
export const CANDIDATE_BYTES: usize = 32;
/** The last of them; no magnitude has more than 14. */
const LAST_CANDIDATE: usize = 30;
/** u16[MAX_FINITE + 1][16], see `candidates`. */
const CANDIDATES: usize = memory.data(1015808, 16);

let haveLinear = false;
let haveEncoder = false;

/** The slope of the logarithm: e^2.2 with the constants of the reference. */
function logBase(): f32 {
  return <f32>Math.pow(2.7182818, 2.2);
}

/** Prepares what a decoder needs. */
export function prepareToLinear(): void {
  if (haveLinear) return;
  const base = logBase();
  for (let bits: u32 = 1; bits < 65536; ++bits) {
    store<u16>(TO_LINEAR + (bits << 1), isFinite(bits) ? toLinear(bits, base) : 0);
  }
  haveLinear = true;
}

/** Prepares what an encoder needs. */
export function prepareEncoder(): void {
  if (haveEncoder) return;
  const base = logBase();
  for (let bits: u32 = 1; bits < 65536; ++bits) {
    store<u16>(TO_NONLINEAR + (bits << 1), isFinite(bits) ? toNonlinear(bits, base) : 0);
  }
  haveEncoder = true;
}

function isFinite(bits: u32): bool {
  return (bits & 0x7c00) != 0x7c00;
}

function toLinear(bits: u32, base: f32): u16 {
  const value = halfToFloat(bits);
  const magnitude = Mathf.abs(value);
  const linear: f32 = magnitude <= 1 ? Mathf.pow(magnitude, 2.2) : Mathf.pow(base, magnitude - 1);
  return <u16>floatToHalf(value < 0 ? -linear : linear);
}

function toNonlinear(bits: u32, base: f32): u16 {
  const value = halfToFloat(bits);
  const magnitude = Mathf.abs(value);
  const sign: f32 = value < 0 ? -1 : 1;
  if (magnitude <= 1) return <u16>floatToHalf(sign * Mathf.pow(magnitude, <f32>1 / <f32>2.2));
  // The quotient is a float, the sum a double.
  const log = <f64>(Mathf.log(magnitude) / Mathf.log(base)) + 1.0;
  return <u16>floatToHalf(<f32>(<f64>sign * log));
}

/**
 * The candidates of a positive finite half other than 0 when it is quantised: for k = 1, 2, .. one less than its own
 * number of set bits, the half with exactly k set bits that is closest to it; then itself; then zeros; at the very end
 * itself again. (Fewer set bits compress better, which is all the quantiser looks for.) Negative values have the same
 * candidates with the sign bit set. An image uses few of them, so they are made on first use.
 */
export function candidates(magnitude: u32): usize {
  const list = CANDIDATES + <usize>magnitude * CANDIDATE_BYTES;
  if (load<u16>(list, LAST_CANDIDATE) == 0) fillCandidates(magnitude, list);
  return list;
}

function fillCandidates(magnitude: i32, list: usize): void {
  const value = halfToFloat(magnitude);
  const count = popcnt(magnitude);
  let below = 0;
  let rest = magnitude;
  for (let k = 1; k < count; ++k) {
    // The greatest value below with k bits keeps the k topmost ones.
    const top = 1 << (31 - clz(rest));
    below |= top;
    rest ^= top;
    const above = leastAbove(magnitude, k);
    let closest = below;
    if (above <= MAX_FINITE) {
      const distance = halfToFloat(above) - value;
      if (distance < value - halfToFloat(below)) closest = above;
    }
    store<u16>(list + ((k - 1) << 1), <u16>closest);
  }
  store<u16>(list + ((count - 1) << 1), <u16>magnitude);
  store<u16>(list, <u16>magnitude, LAST_CANDIDATE);
}

/** The least integer above `value` with exactly `bits` set bits, fewer than `value` has. */
function leastAbove(value: i32, bits: i32): i32 {
  for (let position = 0; position < 15; ++position) {
    if ((value >> position) & 1) continue;
    // Set this bit, keep those above it, and fill up from the bottom.
    const kept = value >> (position + 1);
    const missing = bits - popcnt(kept) - 1;
    if (missing >= 0 && missing <= position) return (((kept << 1) | 1) << position) | ((1 << missing) - 1);
  }
  return i32.MAX_VALUE;
}
