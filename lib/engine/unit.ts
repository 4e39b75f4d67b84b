import type { ChunkRef } from '../format/offset-table.js';
import type { Job } from '../jobs/job.js';

/** What is read, worked on and written together. */
export interface Unit {
  /** Arrived chunks to read, in the order the job wants them. */
  readonly sources: readonly ChunkRef[];
  /** Wanted chunks that come out, in the order the job gives them. */
  readonly targets: readonly ChunkRef[];
  /** What to do in between; undefined to pass the one source on as the one target. */
  readonly job: Job | undefined;
  /** Bytes of the unit's decoded sources and targets; 0 when nothing is decoded. */
  readonly bytes: number;
  /** The job carries functions and must run on the thread that made it. */
  readonly inline: boolean;
}
