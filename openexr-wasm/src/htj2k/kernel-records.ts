// Records that the kernels take, u32 values each: see assembly/htj2k/decode.ts.
import type { Instance } from '../instance.js';

/**
 * For a component: kind, address of its samples, address of its blocks' records, their number; for a lossy one also the addresses
 * of
 * its bands' steps and of its table, and the table's length; and whether it is vertically causal.
 */
export const COMPONENT_VALUES = 8;

/** Kinds of components (assembly/htj2k/pixels.ts); the first three are also the ids of OpenEXR's types. */
export const UINT = 0;
export const HALF = 1;
export const FLOAT = 2;
/** Signed numbers without a non-linearity. */
export const PLAIN_HALF = 3;
export const PLAIN_FLOAT = 4;
/** Lossy numbers (assembly/htj2k/lossy-pixels.ts). */
export const TABLE_HALF = 5;
export const TABLE_FLOAT = 6;
export const POWER_HALF = 7;
export const POWER_FLOAT = 8;

/** For a block: band, x, y, width, height, address of its bytes, their number, and for the decoder four more. */
export const BLOCK_VALUES = 11;
export const BLOCK_DATA = 5;
export const BLOCK_LENGTH = 6;

/** Copies records into fresh memory and returns their address. */
export function placeRecords(instance: Instance, records: Uint32Array | Float32Array): number {
  return instance.place(new Uint8Array(records.buffer, records.byteOffset, records.byteLength));
}
