import type { Notice } from '../engine/filter.js';
import { jsonFormat } from '../model/json-format.js';
import type { EventError, FrameId, MissingFrames, PartReport, SequenceEvent, SequenceSummary } from './events.js';

/** What became of one frame. */
export interface FrameReport extends FrameId {
  readonly status: 'done' | 'existing' | 'skipped' | 'failed' | 'unfinished';
  readonly files: readonly string[];
  readonly parts: readonly PartReport[];
  /** Bytes of the inputs. */
  readonly inputBytes: number;
  /** Payload bytes written. */
  readonly bytes: number;
  readonly milliseconds: number;
  readonly notices: readonly Notice[];
  readonly error: EventError | undefined;
}

/** A whole run, frame by frame. Its JSON form is stable: fields may be added, none is renamed or removed. */
export interface SequenceReport {
  /** The version of its JSON form. */
  readonly format: typeof jsonFormat;
  readonly version: string;
  /** When the run began, ISO 8601. */
  readonly began: string;
  readonly steps: readonly string[];
  readonly output: string | undefined;
  readonly jobs: number;
  readonly threads: number;
  /** Nothing was written: frames whose status is `done` would be. */
  readonly dryRun: boolean;
  /** Frame numbers planned, as `1-100`. */
  readonly planned: string;
  readonly missing: readonly MissingFrames[];
  /** What a first pass over the shot has reported; absent where there was none. */
  readonly survey?: readonly Notice[];
  /** In the order they were begun. */
  readonly frames: readonly FrameReport[];
  readonly summary: SequenceSummary | undefined;
}

/** Gathers a report from a run's events. It holds some hundred bytes for every frame. */
export class ReportBuilder {
  readonly #began = new Date();
  readonly #frames: FrameReport[] = [];
  #start: Pick<SequenceReport, 'version' | 'steps' | 'output' | 'jobs' | 'threads' | 'dryRun'> = {
    version: '',
    steps: [],
    output: undefined,
    jobs: 0,
    threads: 0,
    dryRun: false,
  };
  #plan: Pick<SequenceReport, 'planned' | 'missing'> = { planned: '', missing: [] };
  #survey: readonly Notice[] | undefined;
  #summary: SequenceSummary | undefined;

  /** To be given to `runSequence`, or called for each of its events. */
  readonly onEvent = (event: SequenceEvent): void => {
    switch (event.type) {
      case 'start': {
        const { version, steps, output, jobs, threads, dryRun } = event;
        this.#start = { version, steps, output, jobs, threads, dryRun };
        break;
      }
      case 'plan':
        this.#plan = { planned: event.frames, missing: event.missing };
        break;
      case 'survey':
        this.#survey = [...(this.#survey ?? []), ...event.notices];
        break;
      case 'frame-start': {
        const { index, frame, view, inputs } = event;
        this.#frames[index] = { index, frame, view, inputs, ...untouchedFrame };
        break;
      }
      case 'notice': {
        const { index, level, code, message } = event;
        const notices = this.#frames[index]?.notices ?? [];
        this.#change(index, { notices: [...notices, { level, code, message }] });
        break;
      }
      case 'frame-done': {
        const { index, files, parts, bytes, inputBytes, milliseconds } = event;
        this.#change(index, { status: 'done', files, parts, bytes, inputBytes, milliseconds });
        break;
      }
      case 'frame-skipped': {
        const { index, reason, files, error } = event;
        this.#change(index, { status: reason === 'existing' ? 'existing' : 'skipped', files, error });
        break;
      }
      case 'frame-failed':
        this.#change(event.index, { status: 'failed', error: event.error });
        break;
      case 'summary': {
        const { type: _, ...summary } = event;
        this.#summary = summary;
        break;
      }
      case 'progress':
        break;
    }
  };

  /** The report so far; complete after the event `summary`. */
  report(): SequenceReport {
    return {
      format: jsonFormat,
      began: this.#began.toISOString(),
      ...this.#start,
      ...this.#plan,
      ...(this.#survey && { survey: this.#survey }),
      frames: this.#frames,
      summary: this.#summary,
    };
  }

  #change(index: number, change: Partial<FrameReport>): void {
    const frame = this.#frames[index];
    if (frame) this.#frames[index] = { ...frame, ...change };
  }
}

/** A frame of which nothing is known yet. */
export const untouchedFrame = {
  status: 'unfinished',
  files: [],
  parts: [],
  inputBytes: 0,
  bytes: 0,
  milliseconds: 0,
  notices: [],
  error: undefined,
} as const satisfies Omit<FrameReport, keyof FrameId>;
