import type { Zstd } from 'openexr-wasm';
import {
  type BlendNames,
  type BlendOptions,
  type BlendSource,
  readBlend as readAnyBlend,
} from '../cryptomatte/blend/index.js';
import { loadZstd } from './kernels.js';

let library: Zstd | undefined;

/**
 * See cryptomatte/blend; here, files compressed with zstd are read as well.
 *
 * @throws ExrError of kind `invalid`, `unsupported` or `limit`, with the codes of `BlendErrorCode`.
 */
export function readBlend(input: BlendSource | Uint8Array, options: BlendOptions = {}): Promise<BlendNames> {
  return readAnyBlend(input, { unzstd, ...options });
}

function unzstd(frame: Uint8Array, most: number): Uint8Array {
  library ??= loadZstd();
  return library.decompress(frame, most);
}
