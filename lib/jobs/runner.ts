import type { Job, JobResult, Payload, SpliceJob } from './job.js';

/** Runs jobs, on this thread or others. The resulting payloads belong to the caller, alone in their buffers. */
export interface JobRunner {
  /** How many jobs are worth running at once. */
  readonly parallel: number;
  /**
   * Takes the payloads' buffers, each of which must belong to one payload alone, or to several of the same batch.
   *
   * @internal
   */
  run(job: Job, payloads: readonly Payload[], signal?: AbortSignal): Promise<JobResult>;
  /**
   * The chunks of a splice in pieces that are views of the payloads, which stay the caller's; undefined where it takes more than
   * copying. Absent where it is another thread that works, which cannot share them.
   *
   * @internal
   */
  move?(job: SpliceJob, payloads: readonly Payload[]): Promise<readonly (readonly Uint8Array[])[] | undefined>;
  /**
   * Told how many jobs will soon come: threads take a while to start. Absent where nothing has to be started.
   *
   * @internal
   */
  prepare?(jobs: number): void;
  /** Ends its threads, if it has any. Jobs that wait for one fail. */
  close(): Promise<void>;
}
