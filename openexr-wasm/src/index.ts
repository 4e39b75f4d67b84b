// Entry point 'openexr-wasm' for Node: loads the module from the package and uses node:zlib.
import { readFileSync } from 'node:fs';
import { createCodecs as createCoreCodecs } from './codecs.js';
import { nodeEntropy } from './node-entropy.js';
import type { Codecs, Entropy } from './types.js';
import { Zstd } from './zstd/library.js';

export { CodecError, type CodecErrorCode } from './errors.js';
export { planarSize } from './layout.js';
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

export { ZSTD_LEVELS, Zstd } from './zstd/library.js';

/** The bytes of a file of this package; undefined for the file that was installed. */
export type ReadFile = (name: 'openexr.wasm' | 'zstd.wasm') => Uint8Array<ArrayBuffer> | undefined;

export interface CodecsOptions {
  /** A module from `compileModule`, to share one compilation among threads (it can be posted to workers). */
  readonly module?: object;
  /** Gives the package's own files where they are not beside it, as in an executable. */
  readonly readFile?: ReadFile;
  /** Other packers than those of node:zlib. */
  readonly entropy?: Entropy;
  /** Bytes an instance's memory may grow to for one chunk; 2 GiB by default. */
  readonly memoryLimit?: number;
  /** Bytes of memory an instance may keep between chunks that do not need them; 64 MiB by default. */
  readonly retainedMemory?: number;
}

/** Reads and compiles the package's WebAssembly module. The result is a `WebAssembly.Module`. */
export async function compileModule(readFile?: ReadFile): Promise<object> {
  // Loading node:fs/promises would take longer than reading so small a file at once.
  return WebAssembly.compile(readFile?.('openexr.wasm') ?? readFileSync(new URL('../openexr.wasm', import.meta.url)));
}

/** Creates codecs for the calling thread. The zstd library is loaded with the first chunk that needs it. */
export async function createCodecs(options: CodecsOptions = {}): Promise<Codecs> {
  const { readFile, module = await compileModule(readFile), entropy = nodeEntropy, ...memory } = options;
  return createCoreCodecs({ module, entropy, zstd: () => compileZstd(readFile), ...memory });
}

/** The zstd library by itself, for frames that are no chunks. */
export function createZstd(readFile?: ReadFile): Zstd {
  return new Zstd(compileZstd(readFile));
}

function compileZstd(readFile?: ReadFile): WebAssembly.Module {
  return new WebAssembly.Module(readFile?.('zstd.wasm') ?? readFileSync(new URL('../zstd.wasm', import.meta.url)));
}
