/** The messages between the run and its frame threads. */
import type { Notice } from '../engine/filter.js';
import type { TracedErrorData } from '../model/error-data.js';
import type { OutputKind } from './claims.js';
import type { FrameResult, FrameSettings } from './frame.js';
import type { Item } from './items.js';

/** A step by its filter's name, which both sides look up in the same modules. */
export interface StepData {
  readonly filter: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What a first pass has found. */
  readonly found?: unknown;
}

/** A frame thread's initial data. */
export interface ThreadSetup {
  /** Addresses of the modules with the filters. */
  readonly filters: readonly string[];
  readonly steps: readonly StepData[];
  readonly settings: FrameSettings;
  /** Bytes of memory that every frame may use without a request. */
  readonly share: number;
}

export type ToThread =
  | { readonly type: 'frame'; readonly id: number; readonly item: Item }
  /** The answer to `claim` or `admit`. */
  | { readonly type: 'granted'; readonly id: number; readonly budget: number }
  | { readonly type: 'refused'; readonly id: number; readonly error: TracedErrorData }
  | { readonly type: 'abort'; readonly id: number };

export type FromThread =
  | { readonly type: 'claim'; readonly id: number; readonly paths: readonly string[]; readonly kind: OutputKind }
  | { readonly type: 'admit'; readonly id: number; readonly largest: number }
  | { readonly type: 'notice'; readonly id: number; readonly notice: Notice }
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly bytes: number }
  | { readonly type: 'result'; readonly id: number; readonly result: FrameResult }
  | { readonly type: 'error'; readonly id: number; readonly error: TracedErrorData };
