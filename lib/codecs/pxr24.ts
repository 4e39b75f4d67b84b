import type { Codec } from './codec.js';
import { byKernels, zlibLevels } from './kernels.js';

/** Rounds floats to 24 bits, which do not change when they are rounded again. */
export const pxr24: Codec = {
  id: 5,
  name: 'pxr24',
  lines: 16,
  // OpenEXR 3.1 and earlier leave it to zlib.
  levels: { ...zlibLevels, usual: '6' },
  loses: (channels) => channels.filter(({ type }) => type === 'float'),
  lossText: 'float channels are rounded to 24 bits',
  idempotent: true,
  ...byKernels('pxr24'),
};
