import { CodecError, STATUS_OUTPUT_FULL } from './errors.js';
import { instantiate } from './instantiate.js';
import type { Entropy } from './types.js';

/** An exported function of the module: integers (addresses, lengths, options) in, one integer out. */
export type Kernel = (...args: number[]) => number;

/** A view of a part of the instance's memory, with its address. Invalid once the memory grows. */
export interface Region {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** One WebAssembly instance with its memory and the deflater it calls. */
export class Instance {
  readonly #exports: WebAssembly.Exports;
  readonly #memory: WebAssembly.Memory;

  /** @param memoryLimit Bytes the memory may grow to. */
  constructor(module: WebAssembly.Module, entropy: Entropy, memoryLimit: number) {
    const host = {
      deflate: (from: number, length: number, to: number, capacity: number, level: number): number =>
        this.#deflate(entropy, from, length, to, capacity, level),
    };
    this.#exports = instantiate(module, { host }).exports;
    const { memory } = this.#exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new CodecError('internal', 'the module exports no memory');
    this.#memory = memory;
    this.kernel('arenaSetLimit')(memoryLimit);
  }

  /** Bytes of memory the instance holds. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Bytes taken by the allocations since the last reset. */
  get usedBytes(): number {
    return this.kernel('arenaUsed')() >>> 0;
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

  /** A view of memory, valid until the next allocation or kernel call. */
  view(address: number, size: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address >>> 0, size);
  }

  #deflate(entropy: Entropy, from: number, length: number, to: number, capacity: number, level: number): number {
    const packed = entropy.deflate(this.view(from, length), level);
    if (packed.length > capacity) return STATUS_OUTPUT_FULL;
    this.view(to, packed.length).set(packed);
    return packed.length;
  }
}
