// Status codes of every export that can fail. Zero or a positive number (a byte count) is success.
// src/errors.ts names them for JavaScript; the numbers are part of the stable interface.

export const OK: i32 = 0;
/** The arena could not grow: the memory limit is reached or the host refused. */
export const OUT_OF_MEMORY: i32 = -1;
/** The packed data ends before the chunk is complete. */
export const TRUNCATED: i32 = -2;
/** The packed data contradicts its own format. */
export const CORRUPT: i32 = -3;
/** The output does not fit its buffer: a decoder found too much data, or an encoder saved nothing. */
export const OUTPUT_FULL: i32 = -4;
/** The caller passed arguments that do not fit each other (buffer sizes, channel table). */
export const BAD_ARGUMENT: i32 = -5;
/** Valid data of a kind this codec does not implement. */
export const UNSUPPORTED: i32 = -6;
