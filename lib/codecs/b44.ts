/**
 * B44 and B44A: blocks of 4 x 4 half samples in 14 bytes, or in 3 if all are equal (B44A). Infinities and NaNs become zero,
 * since they would stretch the range of a block. Other types are stored as they are.
 */
import type { Codec, CodedChannel } from './codec.js';
import { byKernels } from './kernels.js';

function halves<Own extends CodedChannel>(channels: readonly Own[]): readonly Own[] {
  return channels.filter(({ type }) => type === 'half');
}

const blocks = { lines: 32, loses: halves, lossText: 'half channels change', clipsToHalf: true } as const;

export const b44: Codec = { id: 6, name: 'b44', ...blocks, ...byKernels('b44') };

export const b44a: Codec = { id: 7, name: 'b44a', ...blocks, ...byKernels('b44a') };
