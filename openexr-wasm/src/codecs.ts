import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import { Instance } from './instance.js';
import { CHANNEL_RECORD, planarSize, writeChannelTable } from './layout.js';
import type { ChunkLayout, Codecs, Compression, EncodeOptions, Entropy } from './types.js';

/** What createCodecs needs when nothing of Node is assumed. */
export interface CoreOptions {
  /** The compiled `openexr.wasm`: a `WebAssembly.Module`. */
  readonly module: object;
  readonly entropy: Entropy;
  /** Bytes an instance's memory may grow to for one chunk; 2 GiB by default. More is an `out-of-memory` error. */
  readonly memoryLimit?: number;
  /**
   * WebAssembly memory cannot shrink, so an instance that holds more than this many bytes after a chunk is dropped
   * and made anew; 64 MiB by default.
   */
  readonly retainedMemory?: number;
}

const DEFAULT_LEVEL = 4;

/** Names of the module's exports per compression. */
const KERNELS: Readonly<Record<Compression, { readonly decode: string; readonly encode: string } | undefined>> = {
  none: { decode: 'noneDecode', encode: 'noneEncode' },
  rle: undefined,
  zips: undefined,
  zip: undefined,
  piz: undefined,
  pxr24: undefined,
  b44: undefined,
  b44a: undefined,
  dwaa: undefined,
  dwab: undefined,
};

/**
 * Makes codecs over a compiled module, without anything of Node.
 * @throws CodecError when `module` is not a `WebAssembly.Module`.
 */
export async function createCodecs(options: CoreOptions): Promise<Codecs> {
  return new WasmCodecs(options);
}

class WasmCodecs implements Codecs {
  readonly #module: WebAssembly.Module;
  readonly #entropy: Entropy;
  readonly #memoryLimit: number;
  readonly #retainedMemory: number;
  #instance: Instance;

  constructor(options: CoreOptions) {
    if (!(options.module instanceof WebAssembly.Module)) {
      throw new CodecError('bad-argument', 'options.module is not a WebAssembly.Module');
    }
    this.#module = options.module;
    this.#entropy = options.entropy;
    this.#memoryLimit = options.memoryLimit ?? 2 ** 31;
    this.#retainedMemory = options.retainedMemory ?? 64 * 2 ** 20;
    this.#instance = this.#newInstance();
  }

  decode(compression: Compression, layout: ChunkLayout, packed: Uint8Array): Uint8Array {
    const size = planarSize(layout);
    // OpenEXR stores a chunk raw when compression does not make it smaller.
    const raw = packed.length === size;
    if (packed.length > size) {
      throw new CodecError('too-large', `${compression} chunk of ${packed.length} bytes for ${size} bytes of samples`);
    }
    return this.#run((instance) => {
      const source = instance.place(packed);
      const planar = instance.allocate(size);
      const table = this.#placeTable(instance, layout);
      const decode = instance.kernel(kernels(raw ? 'none' : compression).decode);
      const status = decode(
        source,
        packed.length,
        planar,
        size,
        table,
        layout.channels.length,
        layout.y,
        layout.height,
      );
      if (status < 0) throw statusError(status, `cannot decode ${compression} chunk`);
      return instance.view(planar, size).slice();
    });
  }

  encode(compression: Compression, layout: ChunkLayout, planar: Uint8Array, options: EncodeOptions = {}): Uint8Array {
    const size = planarSize(layout);
    if (planar.length !== size) {
      throw new CodecError('bad-argument', `${planar.length} bytes of samples for a chunk of ${size}`);
    }
    const level = zlibLevel(options.level);
    return this.#run((instance) => {
      const source = instance.place(planar);
      const output = instance.allocate(size);
      const table = this.#placeTable(instance, layout);
      const run = (method: Compression, capacity: number, ...more: number[]): number => {
        const encode = instance.kernel(kernels(method).encode);
        return encode(source, size, output, capacity, table, layout.channels.length, layout.y, layout.height, ...more);
      };
      // Only a result smaller than the raw chunk is of use; otherwise the raw chunk is stored.
      let written = compression === 'none' || size === 0 ? STATUS_OUTPUT_FULL : run(compression, size - 1, level);
      if (written === STATUS_OUTPUT_FULL) written = run('none', size);
      if (written < 0) throw statusError(written, `cannot encode ${compression} chunk`);
      return instance.view(output, written).slice();
    });
  }

  unpackBytes(compression: 'rle' | 'zips' | 'zip', _packed: Uint8Array, _size: number): Uint8Array {
    throw new CodecError('unsupported', `${compression} is not available`);
  }

  packBytes(
    compression: 'rle' | 'zips' | 'zip',
    _raw: Uint8Array,
    _options: { readonly level?: number } = {},
  ): Uint8Array {
    throw new CodecError('unsupported', `${compression} is not available`);
  }

  #newInstance(): Instance {
    return new Instance(this.#module, this.#entropy, this.#memoryLimit);
  }

  /** Runs one chunk's work on a clean arena, and gives back memory that grew out of bounds. */
  #run(work: (instance: Instance) => Uint8Array): Uint8Array {
    const instance = this.#instance;
    instance.reset();
    try {
      return work(instance);
    } finally {
      if (instance.memoryBytes > this.#retainedMemory) this.#instance = this.#newInstance();
    }
  }

  #placeTable(instance: Instance, layout: ChunkLayout): number {
    const size = layout.channels.length * CHANNEL_RECORD;
    const address = instance.allocate(size);
    const bytes = instance.view(address, size);
    writeChannelTable(layout, new DataView(bytes.buffer, bytes.byteOffset, size), () => 0);
    return address;
  }
}

function kernels(compression: Compression): {
  readonly decode: string;
  readonly encode: string;
} {
  const entry = KERNELS[compression];
  if (entry === undefined) throw new CodecError('unsupported', `compression ${String(compression)} is not available`);
  return entry;
}

function zlibLevel(level: number = DEFAULT_LEVEL): number {
  if (!Number.isInteger(level) || level < 1 || level > 9) {
    throw new CodecError('bad-argument', `zlib level ${level} is not an integer from 1 to 9`);
  }
  return level;
}
