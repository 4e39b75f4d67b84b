// The zstd library, as a WebAssembly module without any JavaScript of its own: the build of libzstd that the package
// @bokuweb/zstd-wasm has (scripts/zstd-wasm.mjs takes it from there). That package's own functions are not used: they allocate as
// much memory as a frame declares, do not check whether they got it, and copy everything twice.
import { CodecError } from '../errors.js';
import type { Kernel } from '../instance.js';
import { instantiate } from '../instantiate.js';
import type { Entropy } from '../types.js';

/** The module's memory and functions, by the letters that its build has for them (see `zstd.js` in that package). */
const MEMORY = 'f';
const FUNCTIONS = {
  start: 'g',
  isError: 'h',
  compressBound: 'i',
  createEncoder: 'j',
  compress: 'l',
  createDecoder: 'n',
  decompress: 'q',
  malloc: 's',
  free: 't',
} as const;

type Functions = Readonly<Record<keyof typeof FUNCTIONS, Kernel>>;

const PAGE = 65536;

/** Results from here down are the negatives of these codes (`zstd_errors.h`). */
const OUT_OF_MEMORY = 64;
const OUTPUT_FULL = 70;

/** The most that is requested of malloc, whose sizes are 32 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/** Levels of the library. (There are negative ones as well, which OpenEXR does not accept.) */
export const ZSTD_LEVELS = { least: 1, most: 22 } as const;

/** The library's memory during one piece of work. Allocations are freed when that ends, at the latest. */
export interface ZstdHeap {
  /** Allocates uncleared bytes and returns their address. */
  allocate(size: number): number;
  /** Copies bytes into fresh memory and returns their address. */
  place(bytes: Uint8Array): number;
  /** Frees what `allocate`, `place` or `unpack` returned before the work ends. */
  free(address: number): void;
  /** A view, valid until something is allocated, packed or unpacked. */
  view(address: number, size: number): Uint8Array;
  /** All of the memory, valid for as long: addresses are indices into it. */
  memory(): Uint8Array;
  /**
   * Unpacks a frame into fresh memory and returns its address.
   * @throws CodecError where it does not unpack to exactly `size` bytes. No more are reserved, whatever it declares.
   */
  unpack(frame: Uint8Array, size: number): number;
  /** The same for a frame of unknown size, up to `most` bytes. */
  unpackUpTo(frame: Uint8Array, most: number): { readonly address: number; readonly size: number };
  /**
   * Packs bytes that are in memory into one frame, with their number in its header and without a checksum. Returns the frame
   * after `head` uncleared bytes, in a buffer of its own.
   */
  pack(address: number, size: number, level: number, head: number): Uint8Array;
}

/** Streams from this size on are packed by the host, where it can: for smaller ones its set-up takes longer than it saves. */
const HOST_FROM = 65536;

export interface ZstdOptions {
  /** The host's zstd. Native code packs 1.1 times as fast as WebAssembly at level 3, 1.5 times at level 5 (unpacks no faster). */
  readonly packByHost: Entropy['packZstd'];
  /** Bytes the memory may grow to. */
  readonly memoryLimit: number;
  /** Memory beyond this, and beyond twice what was allocated, is released when the work is done. */
  readonly retainedMemory: number;
}

export class Zstd {
  readonly #module: WebAssembly.Module;
  readonly #options: ZstdOptions;
  #instance: ZstdInstance | undefined;

  /** @throws CodecError `bad-argument` for a module that is not the library. */
  constructor(module: object, options: Partial<ZstdOptions> = {}) {
    if (!(module instanceof WebAssembly.Module) || !isLibrary(module)) {
      throw new CodecError('bad-argument', 'not the WebAssembly module of the zstd library');
    }
    this.#module = module;
    const { memoryLimit = 2 ** 31, retainedMemory = 64 * 2 ** 20, packByHost } = options;
    this.#options = { memoryLimit, retainedMemory, packByHost };
  }

  /**
   * Unpacks a frame to at most `most` bytes, in a buffer of its own.
   * @throws CodecError for a damaged frame.
   */
  decompress(frame: Uint8Array, most: number): Uint8Array {
    return this.run((heap) => {
      const { address, size } = heap.unpackUpTo(frame, most);
      return heap.view(address, size).slice();
    });
  }

  /** Runs work on the library's memory. Must not be nested. */
  run<T>(work: (heap: ZstdHeap) => T): T {
    this.#instance ??= new ZstdInstance(this.#module, this.#options);
    const instance = this.#instance;
    let allocated = 0;
    try {
      return work(instance);
    } catch (error) {
      // Whatever state a trap left behind must not reach what comes next.
      if (error instanceof WebAssembly.RuntimeError) this.#instance = undefined;
      throw error instanceof WebAssembly.RuntimeError
        ? new CodecError('internal', 'zstd: the library failed', { cause: error })
        : error;
    } finally {
      if (this.#instance) allocated = instance.freeAll();
      // One large piece of work often follows another.
      const { memoryBytes } = instance;
      if (memoryBytes > this.#options.retainedMemory && memoryBytes > 2 * allocated) this.#instance = undefined;
    }
  }
}

class ZstdInstance implements ZstdHeap {
  readonly #memory: WebAssembly.Memory;
  readonly #library: Functions;
  readonly #memoryLimit: number;
  readonly #packByHost: ZstdOptions['packByHost'];
  #encoder = 0;
  #decoder = 0;
  readonly #allocated = new Map<number, number>();
  /** The most that was allocated at once since everything was last freed. */
  #most = 0;
  #now = 0;

  constructor(module: WebAssembly.Module, { memoryLimit, packByHost }: ZstdOptions) {
    this.#memoryLimit = memoryLimit;
    this.#packByHost = packByHost;
    const fail = (): never => {
      throw new WebAssembly.RuntimeError('zstd: the library aborted');
    };
    // As the build requires them: exit, keep-alive, abort, timers, and memory growth. Only the last one is ever called.
    const imports = { a: fail, b: () => {}, c: fail, d: () => 0, e: (bytes: number) => this.#grow(bytes >>> 0) };
    const { exports } = instantiate(module, { a: imports });
    const { [MEMORY]: memory } = exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new CodecError('internal', 'the zstd library exports no memory');
    this.#memory = memory;
    this.#library = functionsOf(exports);
    this.#library.start();
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Frees all allocations, and returns the most bytes that were allocated at once. */
  freeAll(): number {
    const most = this.#most;
    for (const address of this.#allocated.keys()) this.free(address);
    this.#most = 0;
    return most;
  }

  free(address: number): void {
    this.#library.free(address);
    this.#now -= this.#allocated.get(address) ?? 0;
    this.#allocated.delete(address);
  }

  allocate(size: number): number {
    const address = size > MOST_BYTES ? 0 : this.#library.malloc(Math.max(1, size)) >>> 0;
    if (address === 0) throw new CodecError('out-of-memory', `zstd: cannot allocate ${size} bytes`);
    this.#allocated.set(address, size);
    this.#now += size;
    this.#most = Math.max(this.#most, this.#now);
    return address;
  }

  place(bytes: Uint8Array): number {
    const address = this.allocate(bytes.length);
    this.view(address, bytes.length).set(bytes);
    return address;
  }

  view(address: number, size: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, size);
  }

  memory(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  unpack(frame: Uint8Array, size: number): number {
    const unpacked = this.unpackUpTo(frame, size);
    if (unpacked.size === size) return unpacked.address;
    throw new CodecError('truncated', `zstd: the frame holds ${unpacked.size} bytes where ${size} are expected`);
  }

  unpackUpTo(frame: Uint8Array, most: number): { readonly address: number; readonly size: number } {
    this.#decoder ||= this.#context(this.#library.createDecoder());
    const source = this.place(frame);
    const address = this.allocate(most);
    const size = this.#library.decompress(this.#decoder, address, most, source, frame.length, 0, 0);
    this.free(source);
    return { address, size: this.#check(size, 'cannot unpack the frame') };
  }

  pack(address: number, size: number, level: number, head: number): Uint8Array {
    if (this.#packByHost && size >= HOST_FROM) {
      const frame = this.#packByHost(this.view(address, size), level);
      const packed = new Uint8Array(head + frame.length);
      packed.set(frame, head);
      return packed;
    }
    this.#encoder ||= this.#context(this.#library.createEncoder());
    const capacity = size > MOST_BYTES ? 0 : this.#library.compressBound(size) >>> 0;
    const output = this.allocate(head + capacity);
    const length = this.#library.compress(this.#encoder, output + head, capacity, address, size, 0, 0, level);
    const packed = this.view(output, head + this.#check(length, 'cannot pack')).slice();
    this.free(output);
    return packed;
  }

  #context(address: number): number {
    if (address !== 0) return address;
    throw new CodecError('out-of-memory', 'zstd: cannot allocate a context');
  }

  #check(result: number, what: string): number {
    if (this.#library.isError(result) === 0) return result >>> 0;
    const code = -(result | 0);
    if (code === OUT_OF_MEMORY) throw new CodecError('out-of-memory', `zstd: ${what}: not enough memory`);
    if (code === OUTPUT_FULL) throw new CodecError('too-large', `zstd: ${what}: it holds more than expected`);
    throw new CodecError('corrupt', `zstd: ${what}: it is damaged`);
  }

  /** Called by the library for a total of this many bytes of memory; 0 reports failure. */
  #grow(bytes: number): number {
    const memory = this.#memory;
    if (bytes > this.#memoryLimit) return 0;
    const have = memory.buffer.byteLength;
    // It asks for little at a time.
    const wanted = Math.min(this.#memoryLimit, Math.max(bytes, have * 1.25));
    try {
      if (wanted > have) memory.grow(Math.ceil((wanted - have) / PAGE));
      return 1;
    } catch {
      return 0;
    }
  }
}

/** Whether a module exports what the library's build does, each of its kind. */
function isLibrary(module: WebAssembly.Module): boolean {
  const kinds = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  return kinds.get(MEMORY) === 'memory' && Object.values(FUNCTIONS).every((letter) => kinds.get(letter) === 'function');
}

function functionsOf(exports: WebAssembly.Exports): Functions {
  const find = (name: keyof typeof FUNCTIONS): Kernel => {
    const found = exports[FUNCTIONS[name]];
    if (typeof found !== 'function') throw new CodecError('internal', `the zstd library exports no ${name}`);
    return found as Kernel;
  };
  return {
    start: find('start'),
    isError: find('isError'),
    compressBound: find('compressBound'),
    createEncoder: find('createEncoder'),
    compress: find('compress'),
    createDecoder: find('createDecoder'),
    decompress: find('decompress'),
    malloc: find('malloc'),
    free: find('free'),
  };
}
