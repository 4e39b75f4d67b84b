// QCD and QCC: the number of magnitude bits of each band (T.800, A.6.4 and E.1).
import { CodecError } from '../errors.js';
import type { Quantization } from './codestream.js';
import type { SegmentReader } from './markers.js';

/** The bands of the greatest number of decompositions. */
const MAX_BANDS = 97;

/** Reads the rest of a segment. */
export function readQuantization(segment: SegmentReader): Quantization {
  const bytes = new Uint8Array(segment.rest());
  const [style] = bytes;
  if (style === undefined) throw new CodecError('corrupt', "the codestream's quantization is too short");
  const guard = style >> 5;
  return { bytes, magnitudeBits: exponents(style & 0x1f, bytes.subarray(1)).map((e) => Math.max(0, guard + e - 1)) };
}

function exponents(style: number, values: Uint8Array): Uint8Array {
  const { length } = values;
  const wide = (i: number): number => (values[i] as number) >> 3;
  switch (style) {
    case 0:
      // No quantization: five bits each.
      check(length >= 1 && length <= MAX_BANDS);
      return values.map((value) => value >> 3);
    case 1:
      // Only LL's, from which the others follow: one less for each resolution from the second on.
      check(length === 2);
      return Uint8Array.from({ length: MAX_BANDS }, (_, band) =>
        Math.max(0, wide(0) - Math.max(0, Math.ceil(band / 3) - 1)),
      );
    case 2:
      check(length >= 2 && length % 2 === 0 && length <= 2 * MAX_BANDS);
      return Uint8Array.from({ length: length / 2 }, (_, band) => wide(2 * band));
    default:
      throw new CodecError('corrupt', 'the codestream has an unknown quantization');
  }
}

function check(fits: boolean): void {
  if (!fits) throw new CodecError('corrupt', "the codestream's quantization has an invalid length");
}
