// The irreversible 9/7 wavelet (T.800, F.3.8.2 and F.4.8.2), decoding only, on f32 in the lines of wavelet.ts.
//
// OpenJPH on x86-64 multiplies and subtracts in one operation with one rounding (FMA). WebAssembly has none; in f64 the product is
// exact, and the sum is rounded twice, which has made no difference on any sample of OpenEXR 3.5.3 that was compared.

import { lineStride } from './wavelet';

const ALPHA: f32 = -1.586134342059924;
const BETA: f32 = -0.052980118572961;
const GAMMA: f32 = 0.882911075530934;
const DELTA: f32 = 0.443506852043971;
const K: f32 = 1.230174104914001;

/** Combines one level's bands into `width` x `height` samples at `to`. A line or column of one sample stays as it is. */
export function inverseLossyLevel(
  ll: usize,
  hl: usize,
  lh: usize,
  hh: usize,
  to: usize,
  width: i32,
  height: i32,
): void {
  const stride = lineStride<f32>(width);
  const lowStride = lineStride<f32>((width + 1) >> 1);
  const highStride = lineStride<f32>(width >> 1);
  for (let y = 0; y < height; ++y) {
    const line = to + <usize>y * stride;
    const half = <usize>y >> 1;
    if (y & 1) joinLine(lh + half * lowStride, hh + half * highStride, line, width);
    else joinLine(ll + half * lowStride, hl + half * highStride, line, width);
  }
  if (height == 1) return;
  for (let y = 0; y < height; ++y) {
    const line = to + <usize>y * stride;
    const factor = f32x4.splat(y & 1 ? <f32>1 / K : K);
    for (let x: usize = 0; x < <usize>width << 2; x += 16) v128.store(line + x, f32x4.mul(v128.load(line + x), factor));
  }
  liftLines(to, stride, width, height, 0, DELTA);
  liftLines(to, stride, width, height, 1, GAMMA);
  liftLines(to, stride, width, height, 0, BETA);
  liftLines(to, stride, width, height, 1, ALPHA);
}

/** Subtracts `factor` times the neighbours, which are mirrored at the edges, from every other line. */
function liftLines(to: usize, stride: usize, width: i32, height: i32, first: i32, factor: f32): void {
  const factors = f64x2.splat(factor);
  for (let y = first; y < height; y += 2) {
    const line = to + <usize>y * stride;
    const above = y > 0 ? line - stride : line + stride;
    const below = y + 1 < height ? line + stride : line - stride;
    for (let x: usize = 0; x < <usize>width << 2; x += 8) {
      const sum = f32x4.add(v128.load64_zero(above + x), v128.load64_zero(below + x));
      const product = f64x2.mul(factors, f64x2.promote_low_f32x4(sum));
      const lifted = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(line + x)), product);
      v128.store64_lane(line + x, f32x4.demote_f64x2_zero(lifted), 0);
    }
  }
}

function joinLine(low: usize, high: usize, to: usize, width: i32): void {
  if (width == 1) {
    store<f32>(to, load<f32>(low));
    return;
  }
  for (let x = 0; x < width; ++x) {
    const at = <usize>(x >> 1) << 2;
    store<f32>(to + (<usize>x << 2), x & 1 ? load<f32>(high + at) * (<f32>1 / K) : load<f32>(low + at) * K);
  }
  liftSamples(to, width, 0, DELTA);
  liftSamples(to, width, 1, GAMMA);
  liftSamples(to, width, 0, BETA);
  liftSamples(to, width, 1, ALPHA);
}

function liftSamples(line: usize, width: i32, first: i32, factor: f32): void {
  for (let x = first; x < width; x += 2) {
    const at = line + (<usize>x << 2);
    const left = load<f32>(x > 0 ? at - 4 : at + 4);
    const right = load<f32>(x + 1 < width ? at + 4 : at - 4);
    store<f32>(at, <f32>(<f64>load<f32>(at) - <f64>factor * <f64>(left + right)));
  }
}
