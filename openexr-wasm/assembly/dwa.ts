// DWAA and DWAB: what the module exports. See dwaChunk.ts for the format.
export { dwaDecode } from './dwaDecode';
export { dwaEncode } from './dwaEncode';
export { dwaChunkBytes, dwaOpen, dwaOpenedSamples, dwaRepack } from './dwaRepack';
