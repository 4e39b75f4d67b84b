/** The functions of a codec that the kernels of openexr-wasm have under its own name. */
import type { Compression as KernelName, SpliceOptions } from 'openexr-wasm/core';
import type { Codec, DeepCodec } from './codec.js';

/** Decoding, encoding and splicing by the kernels. */
export function byKernels(name: KernelName): Required<Pick<Codec, 'decode' | 'encode' | 'splice'>> {
  return {
    decode: (kernels, layout, packed, channels) => kernels.decode(name, layout, packed, channels),
    encode: (kernels, layout, samples, settings) => kernels.encode(name, layout, samples, settings),
    splice: {
      // Where channels change places too often, encoding again is faster and smaller.
      obstacle: (sources, target, pays) =>
        pays(name, sources, target) ? undefined : 'too little of it stays side by side for splicing to pay',
      run: (kernels, sources, targets, options: SpliceOptions) => kernels.splice(name, sources, targets, options),
    },
  };
}

/** The byte-level step of a codec, for deep parts. */
export function deepByKernels(name: 'rle' | 'zips'): Required<DeepCodec> {
  return {
    pack: (kernels, raw, { level }) => kernels.packBytes(name, raw, level === undefined ? {} : { level }),
    unpack: (kernels, packed, size) => kernels.unpackBytes(name, packed, size),
  };
}
