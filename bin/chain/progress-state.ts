import type { SequenceEvent } from '../../lib/index.js';

/** The progress of a run, from its events. */
export class ProgressState {
  /** Frames planned; while watching it grows with what comes. */
  total = 0;
  done = 0;
  existing = 0;
  failed = 0;
  /** Payload bytes written. */
  bytes = 0;
  /** The file that was started last. */
  current = '';
  readonly #began: number;
  readonly #now: () => number;
  /** Share and bytes of the frames in progress. */
  readonly #open = new Map<number, { readonly done: number; readonly bytes: number }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  take(event: SequenceEvent): void {
    switch (event.type) {
      case 'plan':
        this.total = event.total;
        break;
      case 'survey':
        this.current = `first pass: ${event.done}/${event.total}`;
        break;
      case 'frame-start':
        this.current = event.inputs[0] ?? '';
        this.#open.set(event.index, { done: 0, bytes: 0 });
        this.total = Math.max(this.total, this.finished + this.#open.size);
        break;
      case 'progress':
        this.#open.set(event.index, event);
        break;
      case 'frame-done':
        this.#open.delete(event.index);
        this.done += 1;
        this.bytes += event.bytes;
        break;
      case 'frame-skipped':
        this.#open.delete(event.index);
        if (event.reason === 'existing') this.existing += 1;
        else this.failed += 1;
        break;
      case 'frame-failed':
        this.#open.delete(event.index);
        this.failed += 1;
        break;
      case 'start':
      case 'notice':
      case 'summary':
        break;
    }
  }

  /** Frames that are finished, one way or another. */
  get finished(): number {
    return this.done + this.existing + this.failed;
  }

  /** From 0 to 1, frames in progress counted by their share. */
  get share(): number {
    if (this.total === 0) return 0;
    return Math.min(1, (this.finished + this.#begunShare()) / this.total);
  }

  get elapsed(): number {
    return this.#now() - this.#began;
  }

  /** Bytes written per second. */
  get rate(): number {
    let bytes = this.bytes;
    for (const open of this.#open.values()) bytes += open.bytes;
    return this.elapsed > 0 ? (bytes / this.elapsed) * 1000 : 0;
  }

  /**
   * Milliseconds left; undefined while nothing is known. Frames that are up to date cost nothing, so they are no evidence of
   * how long the others take.
   */
  get left(): number | undefined {
    const worked = this.done + this.failed + this.#begunShare();
    if (worked <= 0 || this.done + this.failed === 0) return undefined;
    return (this.elapsed / worked) * Math.max(0, this.total - this.existing - worked);
  }

  #begunShare(): number {
    let share = 0;
    for (const { done } of this.#open.values()) share += done;
    return share;
  }
}
