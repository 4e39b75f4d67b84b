import type { ChunkRef } from '../format/offset-table.js';
import type { Job } from '../jobs/job.js';

/** Chunks that are read, processed and written together. */
export interface Unit {
  /** Arrived chunks to read, in the order the job takes them. */
  readonly sources: readonly ChunkRef[];
  /** Wanted chunks that result, in the order the job returns them. */
  readonly targets: readonly ChunkRef[];
  /** What to do in between; undefined to forward the one source as the one target. */
  readonly job: Job | undefined;
  /** Bytes of the unit's decoded sources and targets; 0 when nothing is decoded. */
  readonly bytes: number;
  /** The job carries functions and must run on the thread that made it. */
  readonly inline: boolean;
}
