/** From linear light to bytes: the curve of sRGB (IEC 61966-2-1), values beyond 0 and 1 cut off. */
const steps = 65_535;

const table = Uint8Array.from({ length: steps + 1 }, (_, at) => Math.round(255 * srgbCurve(at / steps)));

/** The curve itself, for values from 0 to 1. */
export function srgbCurve(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** A linear value as a byte. What is no number is black. */
export function srgbByte(linear: number): number {
  if (!(linear > 0)) return 0;
  return linear >= 1 ? 255 : (table[(linear * steps + 0.5) | 0] as number);
}

/** A value without a curve. */
export function linearByte(value: number): number {
  if (!(value > 0)) return 0;
  return value >= 1 ? 255 : (value * 255 + 0.5) | 0;
}
