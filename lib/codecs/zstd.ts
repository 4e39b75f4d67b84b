/** ZSTD of OpenEXR 3.5: lossless, for flat and deep parts. */
import { type Codec, losesNothing } from './codec.js';

export const zstd: Codec = {
  id: 13,
  name: 'zstd',
  lines: undefined,
  since: { openExr: '3.5', released: 'September 2026' },
  loses: losesNothing,
};
