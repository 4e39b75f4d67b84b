import type { Instance } from './instance.js';
import type { Codecs } from './types.js';

/** What a splice works with. */
export interface SpliceTools {
  readonly codecs: Codecs;
  /** Runs work on a clean arena. Not to be nested, nor to be mixed with calls of `codecs`. */
  run<T>(work: (instance: Instance) => T): T;
  /** zlib level. */
  readonly level: number;
  /** zlib level of DWA's lossless channels. */
  readonly losslessLevel: number;
  /** See EncodeOptions in types.ts. */
  readonly tiled: boolean;
  /** See SpliceOptions in types.ts. */
  readonly release: ((packed: Uint8Array) => void) | undefined;
}
