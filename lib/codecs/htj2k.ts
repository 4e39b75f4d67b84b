/**
 * HTJ2K of OpenEXR 3.4 in blocks of 256 and 32 lines: lossless. A chunk itself maps its channels, so any names will do, and
 * channels are moved between chunks without being decoded.
 */
import { type Codec, losesNothing, type ReducedCodec } from './codec.js';
import { byKernels, moveByKernels } from './kernels.js';

/** "HT", u32 big-endian length, as much, and the first markers of a codestream, SOC and SIZ (internal_ht.cpp, T.800 annex A). */
function beginsWithCodestream(chunk: Uint8Array): boolean {
  if (chunk.length < 6 || chunk[0] !== 0x48 || chunk[1] !== 0x54) return false;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const at = 6 + view.getUint32(2);
  return at + 4 <= chunk.length && view.getUint32(at) === 0xff4fff51;
}

function htj2k(id: number, name: 'htj2k256' | 'htj2k32', lines: number): Codec {
  const since = { openExr: '3.4', released: 'September 2025' } as const;
  const { decode, encode, splice } = byKernels(name);
  const reduce: ReducedCodec = {
    // Each channel has an entry in the map, its size, an NLT and a QCC, together less than 50 bytes.
    head: (channels) => 512 + 50 * channels,
    length: (kernels, layout, head, reduction) => kernels.reducedLength(layout, head, reduction),
    decode: (kernels, layout, packed, reduction, channels) =>
      kernels.decodeReduced(name, layout, packed, reduction, channels),
  };
  return {
    id,
    name,
    lines,
    since,
    loses: losesNothing,
    isPackedAfterAll: beginsWithCodestream,
    decode,
    encode,
    reduce,
    splice: { ...splice, move: moveByKernels(name) },
  };
}

export const htj2k256: Codec = htj2k(10, 'htj2k256', 256);

export const htj2k32: Codec = htj2k(11, 'htj2k32', 32);
