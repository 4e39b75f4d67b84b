import type { Instance } from './instance.js';
import type { Codecs } from './types.js';
import type { ZstdTools } from './zstd/flat.js';

/** What a splice works with. */
export interface SpliceTools {
  readonly codecs: Codecs;
  /** Runs work on a clean arena. Not to be nested, nor to be mixed with calls of `codecs`. */
  run<T>(work: (instance: Instance) => T): T;
  /** zlib level, or zstd level. */
  readonly level: number;
  /** zlib level of DWA's lossless channels. */
  readonly losslessLevel: number;
  /** See EncodeOptions in types.ts. */
  readonly tiled: boolean;
  /** For ZSTD; throws where the codecs were made without its library. */
  readonly zstd: () => ZstdTools;
  /** See SpliceOptions in types.ts. */
  readonly release: ((packed: Uint8Array) => void) | undefined;
}
