/** HTJ2K of OpenEXR 3.4 in blocks of 256 and 32 lines: lossless. A chunk says itself which channel is which, so any names will do. */
import { type Codec, losesNothing } from './codec.js';

export const htj2k256: Codec = { id: 10, name: 'htj2k256', lines: 256, loses: losesNothing, since: '3.4' };

export const htj2k32: Codec = { id: 11, name: 'htj2k32', lines: 32, loses: losesNothing, since: '3.4' };
