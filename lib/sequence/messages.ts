/** What the run and its frame threads say to each other. */
import type { Notice } from '../engine/filter.js';
import type { EventError } from './events.js';
import type { FrameResult, FrameSettings } from './frame.js';
import type { Item } from './items.js';

/** A step by its filter's name, which both sides look up in the same module. */
export interface StepData {
  readonly filter: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What a first pass has found. */
  readonly found?: unknown;
}

/** What a frame thread starts with. */
export interface ThreadSetup {
  /** Address of the module with the filters. */
  readonly filters: string;
  readonly steps: readonly StepData[];
  readonly settings: FrameSettings;
  /** Bytes of memory that every frame may use without asking. */
  readonly share: number;
}

export type ToThread =
  | { readonly type: 'frame'; readonly id: number; readonly item: Item }
  /** The answer to `claim` or `admit`. */
  | { readonly type: 'granted'; readonly id: number; readonly budget: number }
  | { readonly type: 'refused'; readonly id: number; readonly error: EventError }
  | { readonly type: 'abort'; readonly id: number };

export type FromThread =
  | { readonly type: 'claim'; readonly id: number; readonly paths: readonly string[]; readonly shared: boolean }
  | { readonly type: 'admit'; readonly id: number; readonly largest: number }
  | { readonly type: 'notice'; readonly id: number; readonly notice: Notice }
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly bytes: number }
  | { readonly type: 'result'; readonly id: number; readonly result: FrameResult }
  | { readonly type: 'error'; readonly id: number; readonly error: EventError };
