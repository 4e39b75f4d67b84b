import type { FilterStep } from '../engine/filter.js';
import { type FrameHost, type FrameResult, type FrameSettings, processFrame } from './frame.js';
import type { Item } from './items.js';

/** Processes frames, on this thread or others. */
export interface FrameRunner {
  /** Threads that take whole frames; 0 for the calling one. */
  readonly threads: number;
  run(item: Item, host: FrameHost): Promise<FrameResult>;
  close(): Promise<void>;
}

/** Frames on the calling thread, which shares the pool of codec threads: for steps that exist only there, and for few frames. */
export function localRunner(steps: readonly FilterStep[], settings: FrameSettings): FrameRunner {
  return {
    threads: 0,
    run: (item, host) => processFrame(item, { steps, settings, runner: undefined }, host),
    async close() {},
  };
}
