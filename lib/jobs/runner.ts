import type { Job, JobResult, Payload } from './job.js';

/** Does jobs, on this thread or others. The resulting payloads are the caller's, alone in their buffers. */
export interface JobRunner {
  /** How many jobs are worth having under way at once. */
  readonly parallel: number;
  /** Takes the payloads' buffers, each of which must belong to one payload alone. */
  run(job: Job, payloads: readonly Payload[], signal?: AbortSignal): Promise<JobResult>;
  close(): Promise<void>;
}
