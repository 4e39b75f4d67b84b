// Entry point 'openexr-wasm/core': nothing of Node, for browsers and other hosts. The caller compiles openexr.wasm
// (exported as 'openexr-wasm/openexr.wasm') and brings a deflater.
export { createCodecs } from './codecs.js';
export { CodecError, type CodecErrorCode } from './errors.js';
export { planarSize } from './layout.js';
export type { CoreOptions } from './runtime.js';
export { spliceWorthwhile } from './splice.js';
export type {
  ChannelLayout,
  ChannelPick,
  ChunkLayout,
  ChunkSource,
  Codecs,
  Compression,
  DeepRows,
  EncodeOptions,
  Entropy,
  PixelType,
  ReducedSamples,
  SpliceOptions,
  SpliceTarget,
} from './types.js';
export { MOST_BLOCK_BYTES, MOST_HEADER_BYTES, readBlockHeader, readFrameHeader, ZSTD_MAGIC } from './zstd/frame.js';
export { ZSTD_LEVELS, Zstd } from './zstd/library.js';
