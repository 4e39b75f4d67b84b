import { CodecError } from './errors.js';

/** Byte counts and addresses cross into WebAssembly as signed 32-bit integers. */
const MAX_BYTES = 2 ** 31 - 1;

/** Bytes that `size` bytes can take when packed: RLE adds one to every 127, zlib less and a frame of its own. */
export function mostPacked(size: number): number {
  return size + Math.ceil(size / 127) + 64;
}

export function checkByteCount(size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > MAX_BYTES) {
    throw new CodecError('bad-argument', `${size} is not a byte count from 0 to 2^31 - 1`);
  }
}
