// Everything the module exports. The codecs share one signature each way, spelled out at each of them because an export's
// parameters are all there is to pass; y and lines are the chunk's first line
// (absolute) and line count, table and channels the channel table of planes.ts:
//
//   decode(src, srcLen, dst, dstLen, table, channels, y, lines) -> OK or a negative status.
//     dst receives planar samples, dstLen is exactly their size. Chunks stored raw never get here.
//   encode(src, srcLen, dst, dstCap, table, channels, y, lines, level?) -> bytes written or a negative status.
//     src holds planar samples, srcLen is exactly their size; OUTPUT_FULL when the result exceeds dstCap.
//
// HTJ2K is different: its chunks are parsed and assembled in TypeScript (src/htj2k), and its kernels get lists
// of components and code-blocks; htj2k/decode.ts describes them.
//
// Buffers do not overlap. The caller has reset the arena and allocated all buffers from it; each is followed by at
// least 16 readable bytes.
export { b44Decode, b44Encode } from './b44';
export { dwaChunkBytes, dwaDecode, dwaEncode, dwaOpen, dwaOpenedSamples, dwaRepack } from './dwa/index';
export { htj2kDecode, htj2kEncode } from './htj2k/index';
export { arenaAlloc, arenaReset, arenaSetLimit, arenaUsed, reserve } from './memory';
export { pizDecode, pizEncode, pizRepack, pizUnpack } from './piz';
export { noneDecode, noneEncode } from './planes';
export { pxr24Decode, pxr24Encode } from './pxr24';
export { rleDecode, rleEncode, rlePack, rleUnpack } from './rle';
export { spliceAddSource, spliceAddTarget, splicePlan, spliceRead, spliceShare, spliceStart, spliceWrite } from './splice/index';
export { b44Offsets } from './splice/b44';
export { zipDecode, zipEncode, zipPack, zipUnpack } from './zip';
export { zipPick } from './zip-pick';
export { zstdDecode, zstdEncode, zstdPackRows, zstdUnpackRows } from './zstd';
