// The zstd library as a WebAssembly module, which ../../zstd/build.sh makes and ../../zstd/glue.c describes.
import { CodecError } from '../errors.js';
import type { Kernel } from '../instance.js';
import { instantiate } from '../instantiate.js';
import type { Entropy } from '../types.js';

const FUNCTIONS = ['allocate', 'release', 'packBound', 'pack', 'unpack'] as const;

type Functions = Readonly<Record<(typeof FUNCTIONS)[number], Kernel>>;

const PAGE = 65536;

/** Negative results are the negatives of these codes (`zstd_errors.h`). */
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

/**
 * Streams from this size and level on are packed by the host, where it can. For smaller ones its set-up takes longer than it saves;
 * at lower levels it saves at most 7 % of processor time, and takes twice the memory.
 */
const HOST_FROM = { size: 65536, level: 4 } as const;

export interface ZstdOptions {
  /** The host's zstd. Native code packs 1.5 times as fast as WebAssembly at level 5 (unpacks no faster). */
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
  readonly #allocated = new Map<number, number>();
  /** The most that was allocated at once since everything was last freed. */
  #most = 0;
  #now = 0;

  constructor(module: WebAssembly.Module, { memoryLimit, packByHost }: ZstdOptions) {
    this.#memoryLimit = memoryLimit;
    this.#packByHost = packByHost;
    const { exports } = instantiate(module, { host: { grow: (bytes: number) => this.#grow(bytes >>> 0) } });
    const { memory } = exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new CodecError('internal', 'the zstd library exports no memory');
    this.#memory = memory;
    this.#library = functionsOf(exports);
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
    this.#library.release(address);
    this.#now -= this.#allocated.get(address) ?? 0;
    this.#allocated.delete(address);
  }

  allocate(size: number): number {
    const address = size > MOST_BYTES ? 0 : this.#library.allocate(size) >>> 0;
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
    const source = this.place(frame);
    const address = this.allocate(most);
    const size = this.#library.unpack(address, most, source, frame.length);
    this.free(source);
    return { address, size: checked(size, 'cannot unpack the frame') };
  }

  pack(address: number, size: number, level: number, head: number): Uint8Array {
    if (this.#packByHost && size >= HOST_FROM.size && level >= HOST_FROM.level) {
      const frame = this.#packByHost(this.view(address, size), level);
      const packed = new Uint8Array(head + frame.length);
      packed.set(frame, head);
      return packed;
    }
    const capacity = this.#library.packBound(size) >>> 0;
    const output = this.allocate(head + capacity);
    const length = this.#library.pack(output + head, capacity, address, size, level);
    const packed = this.view(output, head + checked(length, 'cannot pack')).slice();
    this.free(output);
    return packed;
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

function checked(result: number, what: string): number {
  if (result >= 0) return result;
  if (result === -OUT_OF_MEMORY) throw new CodecError('out-of-memory', `zstd: ${what}: not enough memory`);
  if (result === -OUTPUT_FULL) throw new CodecError('too-large', `zstd: ${what}: it holds more than expected`);
  throw new CodecError('corrupt', `zstd: ${what}: it is damaged`);
}

/** Whether a module exports what the library's build does, each of its kind. */
function isLibrary(module: WebAssembly.Module): boolean {
  const kinds = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  return kinds.get('memory') === 'memory' && FUNCTIONS.every((name) => kinds.get(name) === 'function');
}

function functionsOf(exports: WebAssembly.Exports): Functions {
  const find = (name: keyof Functions): Kernel => {
    const found = exports[name];
    if (typeof found !== 'function') throw new CodecError('internal', `the zstd library exports no ${name}`);
    return found as Kernel;
  };
  return {
    allocate: find('allocate'),
    release: find('release'),
    packBound: find('packBound'),
    pack: find('pack'),
    unpack: find('unpack'),
  };
}
