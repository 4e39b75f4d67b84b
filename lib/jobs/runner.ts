import type { Job, Payload } from './job.js';

/** Does jobs, on this thread or others. Results are the caller's, alone in their buffers. */
export interface JobRunner {
  /** How many jobs are worth having under way at once. */
  readonly parallel: number;
  /** Takes the payloads' buffers, each of which must belong to one payload alone. */
  run(job: Job, payloads: readonly Payload[], signal?: AbortSignal): Promise<Payload[]>;
  close(): Promise<void>;
}
