import { deflateSync, inflateSync } from 'node:zlib';
import type { Entropy } from './types.js';

/** Node refuses a chunkSize below this. */
const MIN_CHUNK = 64;

/** deflate and inflate by node:zlib. Exact chunk sizes save it from collecting and joining 16 KiB pieces. */
export const nodeEntropy: Entropy = {
  inflate(packed, size) {
    return inflateSync(packed, {
      chunkSize: Math.max(MIN_CHUNK, size),
      maxOutputLength: Math.max(1, size),
    });
  },
  deflate(raw, level) {
    return deflateSync(raw, {
      level,
      chunkSize: Math.max(MIN_CHUNK, deflateBound(raw.length)),
    });
  },
};

/** No zlib stream with default window and memory level is longer than this (zlib's own deflateBound, rounded up). */
function deflateBound(size: number): number {
  return size + Math.ceil(size / 1000) + 64;
}
