import type { Entropy } from './types.js';

/** Node refuses a chunkSize below this. */
const MIN_CHUNK = 64;

/** deflate by node:zlib. The exact chunk size saves it from collecting and joining 16 KiB pieces. */
export const nodeEntropy: Entropy = {
  deflate(raw, level) {
    // Loaded on demand: a thread that splices or decodes does not need it, and it would take a tenth of the thread's start-up.
    return process.getBuiltinModule('node:zlib').deflateSync(raw, {
      level,
      chunkSize: Math.max(MIN_CHUNK, deflateBound(raw.length)),
    });
  },
};

/** No zlib stream with default window and memory level is longer than this (zlib's own deflateBound, rounded up). */
function deflateBound(size: number): number {
  return size + Math.ceil(size / 1000) + 64;
}
