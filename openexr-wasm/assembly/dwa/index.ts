// DWAA and DWAB: what the module exports. See dwa/chunk.ts for the format.
export { dwaDecode } from './decode';
export { dwaEncode } from './encode';
export { dwaChunkBytes, dwaOpen, dwaOpenedSamples, dwaRepack } from './repack';
