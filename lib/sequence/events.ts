/** What a run reports to its caller. Every event is plain data, so that it can cross threads and be written as one line of JSON. */

import type { Notice } from '../engine/filter.js';
import type { ErrorData } from '../model/error-data.js';
import type { jsonFormat } from '../model/json-format.js';

/** The unit of work: what becomes one frame of output. */
export interface FrameId {
  /** Counts the frames of a run from 0, in the order they are begun. */
  readonly index: number;
  /** Undefined for a file without a number in its name. */
  readonly frame: number | undefined;
  /** What stood for `%V` in the inputs' names; undefined where they have none. */
  readonly view: string | undefined;
  /** Paths of the files it is made from, in the order of the inputs. Donors are not among them. */
  readonly inputs: readonly string[];
}

/** An ExrError as plain data. */
export interface EventError extends ErrorData {}

/** How one part of a frame is written. */
export interface PartReport {
  /** File it goes to. */
  readonly file: string;
  /** The part's name; empty where it has none. */
  readonly part: string;
  /** `forward`, `transcode` or `repack`: see the planner. */
  readonly method: string;
  readonly reason: string;
}

/** First of all. */
export interface StartEvent {
  readonly type: 'start';
  /** The version of the events' JSON form. */
  readonly format: typeof jsonFormat;
  readonly version: string;
  /** Names of the filters in the chain. */
  readonly steps: readonly string[];
  /** Output pattern; undefined in place. */
  readonly output: string | undefined;
  /** Most frames in progress at once. */
  readonly jobs: number;
  /** Threads that take whole frames; 0 when frames run on the calling thread and only codecs have threads. */
  readonly threads: number;
  /** Nothing is written: what is reported as done would be done. */
  readonly dryRun: boolean;
}

/** Before work starts: what there is to do. A watching run does not know that, and gives only what exists already. */
export interface PlanEvent {
  readonly type: 'plan';
  /** Frames to do; more may come while watching. */
  readonly total: number;
  /** The frame numbers, as `1-100,120-200x2`; empty when the inputs have none. */
  readonly frames: string;
  /** What is missing, one entry for each input that lacks frames. */
  readonly missing: readonly MissingFrames[];
}

/** Frames that one input lacks. */
export interface MissingFrames {
  /** The input as given. */
  readonly input: string;
  readonly view: string | undefined;
  /** As `5,8-10`. */
  readonly frames: string;
  /** What is done about it. */
  readonly policy: 'skip' | 'hold';
}

/** While the first pass over the shot goes on, for a step that needs to know all frames before one is written. */
export interface SurveyEvent {
  readonly type: 'survey';
  /** The step's filter. */
  readonly filter: string;
  /** Frames that have been looked at. */
  readonly done: number;
  readonly total: number;
  /** What it reports; empty until it is over. */
  readonly notices: readonly Notice[];
}

/** A frame is begun. */
export interface FrameStartEvent extends FrameId {
  readonly type: 'frame-start';
}

/** Every so often while pixels move. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly index: number;
  /** The share of this frame's chunks that are written, from 0 to 1. */
  readonly done: number;
  /** Payload bytes of this frame written so far. */
  readonly bytes: number;
}

/** A frame is written, its files are in their places. */
export interface FrameDoneEvent extends FrameId {
  readonly type: 'frame-done';
  /** Files written. */
  readonly files: readonly string[];
  readonly parts: readonly PartReport[];
  /** Payload bytes written. */
  readonly bytes: number;
  /** Bytes of the inputs. */
  readonly inputBytes: number;
  readonly milliseconds: number;
}

/** A frame that is not written and counts as no failure. */
export interface FrameSkippedEvent extends FrameId {
  readonly type: 'frame-skipped';
  /** `existing`: its outputs exist already. `failed`: it failed, and failing frames are to be skipped. */
  readonly reason: 'existing' | 'failed';
  readonly files: readonly string[];
  readonly error: EventError | undefined;
}

/** A frame that failed; none of its files has come to be or changed. */
export interface FrameFailedEvent extends FrameId {
  readonly type: 'frame-failed';
  readonly error: EventError;
}

/** A warning or note about one frame, from a filter or about the conversion of its pixels. */
export interface NoticeEvent extends Notice {
  readonly type: 'notice';
  readonly index: number;
  readonly frame: number | undefined;
}

/** Last of all. */
export interface SummaryEvent extends SequenceSummary {
  readonly type: 'summary';
}

/** What `onEvent` receives: distinguish events by `type`. With `--progress json` each is a line (docs/json.md). */
export type SequenceEvent =
  | StartEvent
  | PlanEvent
  | SurveyEvent
  | FrameStartEvent
  | ProgressEvent
  | FrameDoneEvent
  | FrameSkippedEvent
  | FrameFailedEvent
  | NoticeEvent
  | SummaryEvent;

/** A frame that was not done, and why. */
export interface Unfinished extends FrameId {
  readonly error: EventError;
}

/** How a run ended: frame counts, the frames that failed, payload bytes written, and milliseconds it took. */
export interface SequenceSummary {
  /** Nothing was written: frames are counted as done that would be. */
  readonly dryRun: boolean;
  readonly done: number;
  /** Their numbers, as `1-50`; frames without a number are not in it. */
  readonly doneFrames: string;
  /** Skipped because their outputs exist already. */
  readonly existing: number;
  readonly existingFrames: string;
  /** Frames that failed and, by `onError: 'skip'`, do not count as failures. */
  readonly skipped: readonly Unfinished[];
  readonly failed: readonly Unfinished[];
  /** Frames of the plan that were neither done nor tried, because the run ended early. */
  readonly left: number;
  /** Their numbers, as `51-100`; empty when they have none. */
  readonly leftFrames: string;
  /** Why the run ended early: a failure (with `onError: 'stop'`, or one that every further frame would meet), or the signal. */
  readonly stopped: 'error' | 'signal' | undefined;
  /** Payload bytes written. */
  readonly bytes: number;
  readonly milliseconds: number;
}
