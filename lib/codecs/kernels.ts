/** The functions of a codec that the kernels of openexr-wasm have under its own name. */
import type { Compression as KernelName, SpliceOptions } from 'openexr-wasm/core';
import type { Codec, CodecSettings, DeepCodec, LevelRange, SpliceCodec } from './codec.js';

/** Decoding, encoding and splicing by the kernels. */
export function byKernels(name: KernelName): Required<Pick<Codec, 'decode' | 'encode' | 'splice'>> {
  return {
    decode: (kernels, layout, packed, channels) => kernels.decode(name, layout, packed, channels),
    encode: (kernels, layout, samples, settings) => kernels.encode(name, layout, samples, settings),
    splice: {
      // If channels change places too often, re-encoding is faster and makes smaller chunks.
      obstacle: (sources, target, pays) =>
        pays(name, sources, target) ? undefined : 'lines are short enough that re-encoding makes smaller chunks',
      run: (kernels, sources, targets, options: SpliceOptions) => kernels.splice(name, sources, targets, options),
    },
  };
}

/** Splicing by copying alone, for codecs whose packed channels are independent. */
export function moveByKernels(name: KernelName): NonNullable<SpliceCodec['move']> {
  return (kernels, sources, targets) => kernels.move(name, sources, targets);
}

/** zlib's levels, and OpenEXR's default. */
export const zlibLevels: LevelRange = { least: 1, most: 9, usual: '4' };

/** Only the level, if there is one. */
export function levelOf({ level }: CodecSettings): { readonly level?: number } {
  return level === undefined ? {} : { level };
}

/** The byte-level step of a codec, for deep parts. */
export function deepByKernels(name: 'rle' | 'zips'): DeepCodec {
  const anyLength = true;
  return {
    packing: {
      pack: (kernels, raw, settings) => kernels.packBytes(name, raw, { anyLength, ...levelOf(settings) }),
      unpack: (kernels, packed, size) => kernels.unpackBytes(name, packed, size, { anyLength }),
      lengthen: name === 'rle' ? splitRun : addEmptyBlock,
    },
  };
}

/** The first run of more than one byte becomes two: n >= 0 repeats the next byte n + 1 times, n < 0 is followed by -n bytes. */
function splitRun(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  while (at < packed.length) {
    const n = view.getInt8(at);
    const value = packed[at + 1] as number;
    if (n > 0) return replaced(packed, at, 1, [0, value, n - 1]);
    if (n < -1) return replaced(packed, at, 2, [-1, value, n + 1]);
    at += 2;
  }
  throw new RangeError('no run to split');
}

/** An empty stored block (RFC 1951, 3.2.4) after the first two bytes of a zlib stream. */
function addEmptyBlock(packed: Uint8Array): Uint8Array {
  return replaced(packed, 2, 0, [0, 0, 0, 0xff, 0xff]);
}

function replaced(bytes: Uint8Array, at: number, count: number, by: readonly number[]): Uint8Array {
  const out = new Uint8Array(bytes.length - count + by.length);
  out.set(bytes.subarray(0, at));
  out.set(
    by.map((value) => value & 0xff),
    at,
  );
  out.set(bytes.subarray(at + count), at + by.length);
  return out;
}
