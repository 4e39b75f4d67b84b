// The instances that codecs work with: one of the module, and one of the zstd library once a chunk needs it.
import { CodecError } from './errors.js';
import { Instance } from './instance.js';
import type { Entropy } from './types.js';
import type { ZstdTools } from './zstd/flat.js';
import { Zstd } from './zstd/library.js';

/** What createCodecs needs when nothing of Node is assumed. */
export interface CoreOptions {
  /** The compiled `openexr.wasm`: a `WebAssembly.Module`. */
  readonly module: object;
  readonly entropy: Entropy;
  /**
   * The compiled `zstd.wasm`, a `WebAssembly.Module`, or a function that returns it, called with the first chunk that needs it;
   * without it, chunks of ZSTD are `unsupported`.
   */
  readonly zstd?: object | (() => object) | undefined;
  /** Bytes an instance's memory may grow to for one chunk; 2 GiB by default. More is an `out-of-memory` error. */
  readonly memoryLimit?: number;
  /**
   * WebAssembly memory cannot shrink, so an instance that holds more than this many bytes after a chunk, and more than
   * twice what the chunk took, is dropped and replaced; 64 MiB by default.
   */
  readonly retainedMemory?: number;
}

export class Runtime {
  readonly #module: WebAssembly.Module;
  readonly #entropy: Entropy;
  readonly #memoryLimit: number;
  readonly #retainedMemory: number;
  readonly #zstdModule: CoreOptions['zstd'];
  #instance: Instance;
  #zstd: ZstdTools | undefined;

  /** @throws CodecError `bad-argument` when `module` is not a `WebAssembly.Module`. */
  constructor(options: CoreOptions) {
    if (!(options.module instanceof WebAssembly.Module)) {
      throw new CodecError('bad-argument', 'options.module is not a WebAssembly.Module');
    }
    this.#module = options.module;
    this.#entropy = options.entropy;
    this.#zstdModule = options.zstd;
    this.#memoryLimit = options.memoryLimit ?? 2 ** 31;
    this.#retainedMemory = options.retainedMemory ?? 64 * 2 ** 20;
    this.#instance = this.#newInstance();
  }

  /** Runs one chunk's work on a clean arena, and releases memory that has grown too large. Not to be nested. */
  readonly run = <T>(work: (instance: Instance) => T): T => {
    const instance = this.#instance;
    instance.reset();
    try {
      return work(instance);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      // A trap would be a fault of this package; whatever state it left behind must not reach the next chunk.
      this.#instance = this.#newInstance();
      throw new CodecError('internal', 'the codec failed', { cause: error });
    } finally {
      // Where one large chunk follows another, a new instance for each would leave their memory to the collector.
      const { memoryBytes, usedBytes } = instance;
      if (memoryBytes > this.#retainedMemory && memoryBytes > 2 * usedBytes) this.#instance = this.#newInstance();
    }
  };

  /** @throws CodecError `unsupported` without the zstd library. */
  get zstd(): ZstdTools {
    this.#zstd ??= { library: this.#openZstd(), run: this.run };
    return this.#zstd;
  }

  #openZstd(): Zstd {
    const module = typeof this.#zstdModule === 'function' ? this.#zstdModule() : this.#zstdModule;
    if (!module) {
      throw new CodecError('unsupported', 'these codecs were created without the zstd library (pass options.zstd)');
    }
    return new Zstd(module, {
      memoryLimit: this.#memoryLimit,
      retainedMemory: this.#retainedMemory,
      packByHost: this.#entropy.packZstd,
    });
  }

  #newInstance(): Instance {
    return new Instance(this.#module, this.#entropy, this.#memoryLimit);
  }
}
