/** The codecs of OpenEXR 1 and 2 that keep every bit: NONE, RLE, ZIPS, ZIP and PIZ. */
import { type Codec, losesNothing } from './codec.js';
import { byKernels, deepByKernels, zlibLevels } from './kernels.js';

export const none: Codec = { id: 0, name: 'none', lines: 1, loses: losesNothing, ...byKernels('none'), deep: {} };

export const rle: Codec = {
  id: 1,
  name: 'rle',
  lines: 1,
  loses: losesNothing,
  ...byKernels('rle'),
  deep: deepByKernels('rle'),
};

export const zips: Codec = {
  id: 2,
  name: 'zips',
  lines: 1,
  levels: zlibLevels,
  loses: losesNothing,
  ...byKernels('zips'),
  deep: deepByKernels('zips'),
};

export const zip: Codec = {
  id: 3,
  name: 'zip',
  lines: 16,
  levels: zlibLevels,
  loses: losesNothing,
  ...byKernels('zip'),
};

export const piz: Codec = { id: 4, name: 'piz', lines: 32, loses: losesNothing, ...byKernels('piz') };
