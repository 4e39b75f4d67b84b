/**
 * HTJ2K of OpenEXR 3.4 in blocks of 256 and 32 lines: lossless. A chunk says itself which channel is which, so any names will do,
 * and channels are moved between chunks without being decoded.
 */
import { type Codec, losesNothing } from './codec.js';
import { byKernels } from './kernels.js';

function htj2k(id: number, name: 'htj2k256' | 'htj2k32', lines: number): Codec {
  const { splice } = byKernels(name);
  return { id, name, lines, loses: losesNothing, splice };
}

export const htj2k256: Codec = htj2k(10, 'htj2k256', 256);

export const htj2k32: Codec = htj2k(11, 'htj2k32', 32);
