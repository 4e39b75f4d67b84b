// From the numbers of lossy components, of which 1 is the range of the samples, to samples: the irreversible colour transform
// (T.800, G.3), and either a table (NLT type 4, OpenEXR 3.5.2 and later) or a power function (3.5.0 and 3.5.1). The meaning of the
// tables is taken from OpenJPH 0.32; all of it is in f32, as there, so that the results are those of OpenEXR 3.5.3 on x86-64, bit
// by bit.

import { floatToHalf } from '../half';
import { lineStride } from './wavelet';

/** Kinds of components, after those of pixels.ts. */
export const TABLE_HALF: u32 = 5;
export const TABLE_FLOAT: u32 = 6;
export const POWER_HALF: u32 = 7;
export const POWER_FLOAT: u32 = 8;

/** How the encoders of OpenEXR 3.5.0 and 3.5.1 scaled samples (internal_ht.cpp there). */
const POWER_HALF_SCALE: f64 = 5424.23808866629;
const POWER_FLOAT_SCALE: f64 = 51961246.180338;
const POWER: f64 = <f64><f32>2.2;

/** The colour transform's factors, from the weights of red, green and blue in Y; computed in f32, because the last bit matters. */
const RED: f32 = 0.299;
const GREEN: f32 = 0.587;
const BLUE: f32 = 0.114;
const RED_OF_RED: f32 = <f32>2 * (<f32>1 - RED);
const BLUE_OF_BLUE: f32 = <f32>2 * (<f32>1 - BLUE);
const GREEN_OF_RED: f32 = (<f32>2 * RED * (<f32>1 - RED)) / GREEN;
const GREEN_OF_BLUE: f32 = (<f32>2 * BLUE * (<f32>1 - BLUE)) / GREEN;

/** In place: Y, Cb, Cr become R, G, B. */
export function inverseLossyColour(y: usize, cb: usize, cr: usize, width: i32, height: i32): void {
  const end = <usize>height * lineStride<f32>(width) - 32;
  for (let at: usize = 0; at < end; at += 16) {
    const luma = v128.load(y + at);
    const blue = v128.load(cb + at);
    const red = v128.load(cr + at);
    v128.store(y + at, f32x4.add(luma, f32x4.mul(f32x4.splat(RED_OF_RED), red)));
    const green = f32x4.sub(luma, f32x4.mul(f32x4.splat(GREEN_OF_RED), red));
    v128.store(cb + at, f32x4.sub(green, f32x4.mul(f32x4.splat(GREEN_OF_BLUE), blue)));
    v128.store(cr + at, f32x4.add(luma, f32x4.mul(f32x4.splat(BLUE_OF_BLUE), blue)));
  }
}

/** The first `width` x `height` numbers of a plane of lines of `stride` bytes to packed samples. */
export function toLossySamples(
  plane: usize,
  stride: usize,
  kind: u32,
  table: usize,
  points: i32,
  to: usize,
  width: i32,
  height: i32,
): void {
  for (let y = 0; y < height; ++y, plane += stride)
    for (let x = 0; x < width; ++x) {
      const number = load<f32>(plane + (<usize>x << 2));
      if (kind == TABLE_HALF) {
        store<u16>(to, <u16>looked(number, table, points, 65536, 0x7fff));
        to += 2;
      } else if (kind == TABLE_FLOAT) {
        store<u32>(to, <u32>looked(number, table, points, 4294967296, 0x7fffffff));
        to += 4;
      } else if (kind == POWER_HALF) {
        const whole = min<f32>(32767, max<f32>(-32767, nearest<f32>(number * 65536)));
        store<u16>(to, <u16>floatToHalf(powered(<f64>whole / POWER_HALF_SCALE)));
        to += 2;
      } else {
        store<f32>(to, powered(<f64>nearest<f32>(number * 4294967296) / POWER_FLOAT_SCALE));
        to += 4;
      }
    }
}

/** Looks a number up in a table of samples (f32 fractions of their range) at `points` even steps; gives the bits of a sample. */
function looked(number: f32, table: usize, points: i32, range: f32, mask: i64): i64 {
  const last = <f32>(points - 1);
  const place = min<f32>(1, max<f32>(0, number + 0.5));
  // A NaN, which damaged data might make, is the first entry.
  const k = place == place ? min(points - 1, <i32>(place * last)) : 0;
  const from = load<f32>(table + (<usize>k << 2));
  const to = load<f32>(table + (<usize>min(k + 1, points - 1) << 2));
  const part = place - <f32>k * (<f32>1 / last);
  const value = from + part * last * (to - from);
  const whole = value == value ? <i64>nearest<f32>(value * range - range * 0.5) : 0;
  return whole ^ ((whole >> 63) & mask);
}

/** Symmetric about zero, and exponential above one. */
function powered(value: f64): f32 {
  const size = abs(value);
  const power = size <= 1 ? Math.pow(size, POWER) : Math.exp(POWER * (size - 1));
  return <f32>(value < 0 ? -power : power);
}
