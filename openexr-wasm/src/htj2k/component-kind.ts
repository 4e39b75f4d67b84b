// How a component's numbers become samples: by its wavelet and its non-linearity (NLT), as far as they are supported.
import { CodecError } from '../errors.js';
import { type Component, SIGN_MAGNITUDE } from './codestream.js';
import {
  FLOAT,
  HALF,
  PLAIN_FLOAT,
  PLAIN_HALF,
  POWER_FLOAT,
  POWER_HALF,
  TABLE_FLOAT,
  TABLE_HALF,
  UINT,
} from './kernel-records.js';

/** NLT with a table, of OpenJPH 0.32: LJ2K's, from OpenEXR 3.5.2 on. */
const TABLE = 4;

export interface ComponentKind {
  /** For the kernel, see kernel-records.ts. */
  readonly kind: number;
  readonly isLossy: boolean;
  /** Samples at even steps, as fractions of their range. */
  readonly table?: Float32Array;
  /** Of each band, as fractions of the samples' range. */
  readonly steps?: Float32Array;
}

/**
 * @param mayBeLossy The chunk is LJ2K, whose first versions do not record their power function.
 * @throws CodecError `unsupported` for a kind that no kernel exists for.
 */
export function kindOf(component: Component, mayBeLossy: boolean): ComponentKind {
  const { depth, nonlinearity, coding } = component;
  const isHalf = (depth & 0x7f) === 15;
  if (!coding.reversible) {
    if (!mayBeLossy || (depth & 0x80) === 0) {
      throw new CodecError('unsupported', 'the codestream is coded with loss (9/7 wavelet), which is not supported');
    }
    const steps = stepsOf(component);
    if (nonlinearity === undefined) return { kind: isHalf ? POWER_HALF : POWER_FLOAT, isLossy: true, steps };
    return { kind: isHalf ? TABLE_HALF : TABLE_FLOAT, isLossy: true, steps, table: tableOf(nonlinearity, depth) };
  }
  const isSigned = (depth & 0x80) !== 0;
  if (nonlinearity === undefined)
    return { kind: isSigned ? (isHalf ? PLAIN_HALF : PLAIN_FLOAT) : UINT, isLossy: false };
  const [ownDepth, type] = nonlinearity;
  if (!isSigned || type !== SIGN_MAGNITUDE || ownDepth !== depth) throw unsupportedType(type);
  return { kind: isHalf ? HALF : FLOAT, isLossy: false };
}

function unsupportedType(type: number | undefined): CodecError {
  return new CodecError('unsupported', `the codestream has a non-linearity (NLT type ${type}) that is not supported`);
}

/** u8 depth, u8 type, u16 points less one, u32 least and u32 greatest position, u8 bits of an entry, the entries; big-endian. */
function tableOf(content: Uint8Array, depth: number): Float32Array {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content[0] !== depth || content[1] !== TABLE) throw unsupportedType(content[1]);
  if (content.length < 13) throw new CodecError('corrupt', "the codestream's table (NLT) is too short");
  const points = view.getUint16(2) + 1;
  const bits = view.getUint8(12);
  if (view.getUint32(4) !== 0 || view.getUint32(8) !== 0xffff_ffff || (bits !== 16 && bits !== 32)) {
    throw new CodecError('unsupported', 'the codestream has a table (NLT) of a kind that is not supported');
  }
  if (points < 2 || content.length !== 13 + (points * bits) / 8) {
    throw new CodecError('corrupt', "the codestream's table (NLT) has an invalid length");
  }
  return Float32Array.from({ length: points }, (_, i) => {
    const entry = bits === 16 ? view.getUint16(13 + 2 * i) : view.getUint32(13 + 4 * i);
    return Math.fround(entry) / 2 ** bits;
  });
}

/** Per band an exponent of 5 bits and a mantissa of 11 (T.800, E.1.1); high bands have twice the range in either direction. */
function stepsOf({ quantization: { bytes }, coding }: Component): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (((bytes[0] as number) & 0x1f) !== 2) {
    throw new CodecError('unsupported', 'the codestream has a quantization that is not supported');
  }
  return Float32Array.from({ length: 3 * coding.levels + 1 }, (_, band) => {
    const value = view.getUint16(1 + 2 * band);
    const range = band === 0 ? 1 : band % 3 === 0 ? 4 : 2;
    return (range * (1 + (value & 0x7ff) / 2048)) / 2 ** (value >> 11);
  });
}
