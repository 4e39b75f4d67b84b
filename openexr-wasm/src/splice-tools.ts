import type { HtKernels } from './htj2k/recode.js';
import type { Instance } from './instance.js';
import type { Codecs } from './types.js';

/** The tools of a splice. */
export interface SpliceTools {
  readonly codecs: Codecs;
  /** Runs work on a clean arena. Must not be nested, nor mixed with calls of `codecs`. */
  run<T>(work: (instance: Instance) => T): T;
  /** zlib level. */
  readonly level: number;
  /** zlib level of DWA's lossless channels. */
  readonly losslessLevel: number;
  /** Decoding and encoding for what HTJ2K cannot move. */
  readonly htj2k: HtKernels | undefined;
  /** See EncodeOptions in types.ts. */
  readonly tiled: boolean;
  /** See SpliceOptions in types.ts. */
  readonly release: ((packed: Uint8Array) => void) | undefined;
  readonly allocate: (length: number) => Uint8Array;
}
