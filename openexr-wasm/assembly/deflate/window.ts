// Where streams that are not kept are inflated: history, new bytes, and room for a match that begins at the last of them and
// for wide stores. There is one stream at a time.

import { MAX_DISTANCE } from './format';

export const WINDOW_BYTES: usize = MAX_DISTANCE + 98304;
export const WINDOW_SLACK: usize = 512;
export const WINDOW: usize = memory.data(131072 + 512, 64);
