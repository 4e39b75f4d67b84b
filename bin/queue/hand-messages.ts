/** Messages between a worker and the process that does the work for it. Plain data. */

import type { EventError, SequenceEvent } from '../../lib/index.js';
import type { Chunk } from './chunk.js';
import type { Machine } from './words.js';

export type ToHand =
  | {
      readonly type: 'chunk';
      readonly folder: string;
      readonly words: readonly string[];
      readonly chunk: Chunk;
      readonly machine: Machine;
    }
  /** Drops the frames in progress. */
  | { readonly type: 'stop' };

export type FromHand =
  | { readonly type: 'event'; readonly event: SequenceEvent }
  /** The chunk is over; `error` is what kept it from running. */
  | { readonly type: 'end'; readonly error: EventError | undefined };
