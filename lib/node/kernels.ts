/** The codecs' kernels, or why there are none. */
import { CodecError, createCodecs, createZstd, type Zstd } from 'openexr-wasm';
import type { Kernels } from '../codecs/codec.js';
import { ExrError } from '../model/error.js';
import { embeddedFile } from './program-files.js';

/**
 * Creates kernels for the calling thread.
 *
 * @throws ExrError of kind `limit` where the process may not reserve the addresses they need.
 */
export async function loadKernels(): Promise<Kernels> {
  try {
    return await createCodecs({ readFile: embeddedFile });
  } catch (error) {
    if (!(error instanceof CodecError && error.code === 'out-of-memory')) throw error;
    throw new ExrError('limit', 'NO_WASM_MEMORY', error.message, {
      cause: error,
      hint: 'Where addresses are limited (ulimit -v), start Node with --disable-wasm-trap-handler, or put that in NODE_OPTIONS.',
    });
  }
}

/** The zstd library alone, for the calling thread. */
export function loadZstd(): Zstd {
  return createZstd(embeddedFile);
}
