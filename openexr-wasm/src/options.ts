// Options of encoders: defaults and ranges.
import { CodecError } from './errors.js';
import type { Compression, EncodeOptions } from './types.js';
import { ZSTD_LEVELS } from './zstd/library.js';

/** OpenEXR's default zlib level. */
const DEFAULT_LEVEL = 4;

/** The same for PXR24, where OpenEXR 3.1 and earlier leave it to zlib. */
const DEFAULT_PXR24_LEVEL = 6;

/** zlib level of DWA's lossless channels: OpenEXR always uses the best. */
const DEFAULT_DWA_LOSSLESS_LEVEL = 9;

/** OpenEXR's default for the dwaCompressionLevel attribute. */
const DEFAULT_DWA_LEVEL = 45;

/** Encode options with defaults applied and ranges checked. */
export interface CheckedOptions {
  readonly level: number;
  /** zlib level of DWA's lossless channels. */
  readonly losslessLevel: number;
  readonly dwaLevel: number;
  readonly tiled: boolean;
}

export function checkOptions(options: EncodeOptions, compression?: Compression): CheckedOptions {
  const usual = compression === 'pxr24' ? DEFAULT_PXR24_LEVEL : DEFAULT_LEVEL;
  const { level = usual, dwaLevel = DEFAULT_DWA_LEVEL, tiled = false } = options;
  if (!Number.isInteger(level) || level < 1 || level > 9) {
    throw new CodecError('bad-argument', `zlib level ${level} is not an integer from 1 to 9`);
  }
  if (!Number.isFinite(dwaLevel) || dwaLevel < 0) {
    throw new CodecError('bad-argument', `DWA level ${dwaLevel} is not a number of at least 0`);
  }
  return { level, losslessLevel: options.level ?? DEFAULT_DWA_LOSSLESS_LEVEL, dwaLevel, tiled };
}

/** The level, if there is one. */
export function zstdLevel({ level }: { readonly level?: number }): number | undefined {
  const { least, most } = ZSTD_LEVELS;
  if (level === undefined || (Number.isInteger(level) && level >= least && level <= most)) return level;
  throw new CodecError('bad-argument', `zstd level ${level} is not an integer from ${least} to ${most}`);
}
