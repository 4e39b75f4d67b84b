/** ZSTD of OpenEXR 3.5: lossless, for flat and deep parts. Each line is a chunk. */
import { type Codec, losesNothing } from './codec.js';
import { byKernels, levelOf } from './kernels.js';

export const zstd: Codec = {
  id: 13,
  name: 'zstd',
  lines: 1,
  levels: { least: 1, most: 22, usual: '3 or 5' },
  loses: losesNothing,
  since: { openExr: '3.5', released: 'September 2026' },
  ...byKernels('zstd'),
  deep: {
    oneTableForm: true,
    packing: {
      pack: (kernels, raw, settings, rows) => kernels.packRows('zstd', raw, rows, levelOf(settings)),
      unpack: (kernels, packed, _size, rows) => kernels.unpackRows('zstd', packed, rows),
      pick: (kernels, packed, rows, channels, settings) =>
        kernels.pickRows('zstd', packed, rows, channels, levelOf(settings)),
    },
  },
};
