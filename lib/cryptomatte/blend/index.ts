/** Reads names from .blend files without Blender: sans-IO, runs in a browser. */
export { candidateNames, cyclesInternalMaterials } from './candidates.js';
export type { Compression, Gunzip } from './content.js';
export type { BlendErrorCode } from './error.js';
export { type BlendLimits, defaultBlendLimits } from './limits.js';
export {
  type BlendName,
  type BlendNames,
  type BlendObject,
  type BlendOptions,
  type BlendScene,
  readBlend,
} from './read.js';
export { type BlendSource, bytesSource } from './source.js';
export type { Unzstd } from './zstd.js';
