import type { Job, JobResult, Payload, SpliceJob } from './job.js';

/** Runs jobs, on this thread or others. The resulting payloads belong to the caller, alone in their buffers. */
export interface JobRunner {
  /** How many jobs are worth running at once. */
  readonly parallel: number;
  /** Takes over the payloads' buffers, each of which must hold only one payload. */
  run(job: Job, payloads: readonly Payload[], signal?: AbortSignal): Promise<JobResult>;
  /**
   * The chunks of a splice in pieces that are views of the payloads, which stay the caller's; undefined if it takes more than
   * copying. Absent if another thread does the work, which cannot share them.
   */
  move?(job: SpliceJob, payloads: readonly Payload[]): Promise<readonly (readonly Uint8Array[])[] | undefined>;
  /** Told how many jobs will soon come: threads take a while to start. Absent where nothing has to be started. */
  prepare?(jobs: number): void;
  close(): Promise<void>;
}
