import type { Entropy } from './types.js';

/** Node refuses a chunkSize below this. */
const MIN_CHUNK = 64;

/** The version of Node's own zstd, which it has since 22.15. */
const { zstd: ownZstd } = process.versions;

/** Packing by node:zlib. The exact chunk size saves it from collecting and joining 16 KiB pieces. */
export const nodeEntropy: Entropy = {
  deflate(raw, level) {
    // Loaded on demand: a thread that splices or decodes does not need it, and it would take a tenth of the thread's start-up.
    return process.getBuiltinModule('node:zlib').deflateSync(raw, {
      level,
      chunkSize: Math.max(MIN_CHUNK, deflateBound(raw.length)),
    });
  },
  ...(ownZstd === undefined ? {} : { packZstd }),
};

/** What Node's types of version 20 do not know. */
interface ZlibWithZstd {
  zstdCompressSync(raw: Uint8Array, options: object): Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

function packZstd(raw: Uint8Array, level: number): Uint8Array {
  const { zstdCompressSync, constants } = process.getBuiltinModule('node:zlib') as typeof import('node:zlib') &
    ZlibWithZstd;
  return zstdCompressSync(raw, {
    // Written into the frame's header, which a stream that may go on cannot do.
    pledgedSrcSize: raw.length,
    chunkSize: zstdBound(raw.length),
    params: { [constants.ZSTD_c_compressionLevel]: level },
  });
}

/** No zstd frame is longer than this (ZSTD_COMPRESSBOUND, rounded up). */
function zstdBound(size: number): number {
  return size + (size >> 8) + 128;
}

/** No zlib stream with default window and memory level is longer than this (zlib's own deflateBound, rounded up). */
function deflateBound(size: number): number {
  return size + Math.ceil(size / 1000) + 64;
}
