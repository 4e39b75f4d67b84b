import { asExrError } from '../model/error.js';
import { toErrorData } from '../model/error-data.js';
import type { EventError, FrameId, SequenceSummary, Unfinished } from './events.js';
import { formatFrames } from './frames.js';
import type { Item } from './items.js';

/** Counts the results of frames. For successful ones it keeps only the numbers. */
export class Tally {
  readonly #done: FrameCount = { count: 0, numbers: [] };
  readonly #existing: FrameCount = { count: 0, numbers: [] };
  readonly #skipped: Unfinished[] = [];
  readonly #failed: Unfinished[] = [];
  /** Begun and then aborted, because the run ended. */
  readonly #aborted: Item[] = [];
  #bytes = 0;

  done({ frame }: FrameId, bytes: number): void {
    add(this.#done, frame);
    this.#bytes += bytes;
  }

  existing({ frame }: FrameId): void {
    add(this.#existing, frame);
  }

  /** Returns the error in the form of events, with the frame's number. */
  failed(id: FrameId, cause: unknown, skip: boolean): EventError {
    const error = toErrorData(id.frame === undefined ? cause : asExrError(cause, { frame: id.frame }));
    (skip ? this.#skipped : this.#failed).push({ ...id, error });
    return error;
  }

  aborted(item: Item): void {
    this.#aborted.push(item);
  }

  summary(
    waiting: readonly Item[],
    stopped: SequenceSummary['stopped'],
    milliseconds: number,
  ): Omit<SequenceSummary, 'dryRun'> {
    const left = [...this.#aborted, ...waiting];
    return {
      done: this.#done.count,
      doneFrames: formatFrames(this.#done.numbers),
      existing: this.#existing.count,
      existingFrames: formatFrames(this.#existing.numbers),
      skipped: this.#skipped,
      failed: this.#failed,
      left: left.length,
      leftFrames: formatFrames(left.flatMap(({ frame }) => frame ?? [])),
      stopped,
      bytes: this.#bytes,
      milliseconds,
    };
  }
}

interface FrameCount {
  count: number;
  readonly numbers: number[];
}

function add(count: FrameCount, frame: number | undefined): void {
  count.count += 1;
  if (frame !== undefined) count.numbers.push(frame);
}
