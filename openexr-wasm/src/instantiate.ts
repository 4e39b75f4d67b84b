import { CodecError } from './errors.js';

/**
 * Instantiates a module. The memory of an instance reserves 10 GiB of addresses, most of them never used: V8 has the processor
 * find out-of-bounds accesses. Where addresses are limited (ulimit -v), that reservation is refused.
 * @throws CodecError `out-of-memory` when it is refused.
 */
export function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CodecError('out-of-memory', `cannot reserve addresses for WebAssembly memory (${error.message})`, {
      cause: error,
    });
  }
}
