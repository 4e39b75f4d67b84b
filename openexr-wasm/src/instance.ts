import { CodecError, STATUS_CORRUPT, STATUS_OUTPUT_FULL, STATUS_TRUNCATED } from './errors.js';
import type { Entropy } from './types.js';

/** An exported function of the module: integers (addresses, lengths, options) in, one integer out. */
export type Kernel = (...args: number[]) => number;

/** A view of a part of the instance's memory, with its address. Invalid once the memory grows. */
export interface Region {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** One WebAssembly instance with its memory and entropy functions. */
export class Instance {
  readonly #exports: WebAssembly.Exports;
  readonly #memory: WebAssembly.Memory;

  /** @param memoryLimit Bytes the memory may grow to. */
  constructor(module: WebAssembly.Module, entropy: Entropy, memoryLimit: number) {
    const host = {
      inflate: (from: number, length: number, to: number, capacity: number): number =>
        this.#inflate(entropy, from, length, to, capacity),
      deflate: (from: number, length: number, to: number, capacity: number, level: number): number =>
        this.#deflate(entropy, from, length, to, capacity, level),
    };
    this.#exports = new WebAssembly.Instance(module, { host }).exports;
    const { memory } = this.#exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new CodecError('internal', 'the module exports no memory');
    this.#memory = memory;
    this.kernel('arenaSetLimit')(memoryLimit);
  }

  /** Bytes of memory the instance holds. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** An exported function by name. */
  kernel(name: string): Kernel {
    const kernel = this.#exports[name];
    if (typeof kernel !== 'function') throw new CodecError('internal', `the module exports no ${name}`);
    return kernel as Kernel;
  }

  /** Forgets all allocations. */
  reset(): void {
    this.kernel('arenaReset')();
  }

  /** Allocates uncleared bytes and returns their address. */
  allocate(size: number): number {
    // An address above 2^31 arrives as a negative i32.
    const address = this.kernel('arenaAlloc')(size) >>> 0;
    if (address === 0) throw new CodecError('out-of-memory', `cannot allocate ${size} bytes for the chunk`);
    return address;
  }

  /** Copies bytes into fresh memory and returns their address. */
  place(bytes: Uint8Array): number {
    const address = this.allocate(bytes.length);
    this.view(address, bytes.length).set(bytes);
    return address;
  }

  /** A view on memory, valid until the next allocation or kernel call. */
  view(address: number, size: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address >>> 0, size);
  }

  #inflate(entropy: Entropy, from: number, length: number, to: number, capacity: number): number {
    let content: Uint8Array;
    try {
      content = entropy.inflate(this.view(from, length), capacity);
    } catch (error) {
      return inflateStatus(error);
    }
    if (content.length > capacity) return STATUS_OUTPUT_FULL;
    this.view(to, content.length).set(content);
    return content.length;
  }

  #deflate(entropy: Entropy, from: number, length: number, to: number, capacity: number, level: number): number {
    const packed = entropy.deflate(this.view(from, length), level);
    if (packed.length > capacity) return STATUS_OUTPUT_FULL;
    this.view(to, packed.length).set(packed);
    return packed.length;
  }
}

/** Node's zlib tells by `code` what was wrong; any other failure of an injected inflater counts as damaged data. */
function inflateStatus(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return STATUS_OUTPUT_FULL;
  if (code === 'Z_BUF_ERROR') return STATUS_TRUNCATED;
  return STATUS_CORRUPT;
}
