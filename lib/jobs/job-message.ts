/**
 * The messages between the pool and its threads. Data common to all chunks of a part, often a hundred channels, is sent to a
 * thread once and referred to by number from then on: copied with every job, it took 2 % of a split's processor time.
 */
import type { TracedErrorData } from '../model/error-data.js';
import type {
  BatchedJob,
  ChunkJob,
  Job,
  JobResult,
  JobSource,
  JobTarget,
  Payload,
  SourcePart,
  TargetPart,
} from './job.js';

export interface JobRequest extends NumberedJob {
  readonly payloads: readonly Payload[];
}

/** The answer to a request. A thread has one request at a time. */
export type JobReply = { readonly result: JobResult } | { readonly error: TracedErrorData };

type JobPart = SourcePart | TargetPart;

/** A job with numbers in place of parts. */
export interface NumberedJob {
  readonly job: NumberedChunks | { readonly kind: 'batch'; readonly jobs: readonly NumberedBatched[] };
  /** The parts that have the next numbers. */
  readonly parts: readonly JobPart[];
  /** All earlier parts must be forgotten, and numbers start from 0. */
  readonly restart: boolean;
}

type NumberedChunks = Omit<ChunkJob, 'sources' | 'targets'> & {
  readonly sources: readonly Numbered<JobSource>[];
  readonly targets: readonly Numbered<JobTarget>[];
};

type NumberedBatched = Omit<BatchedJob, 'job'> & { readonly job: NumberedChunks };

type Numbered<T extends { part: JobPart }> = Omit<T, 'part'> & { readonly part: number };

/** Parts that are remembered. A frame has a few; a thread that processes many frames must not accumulate all of theirs. */
const mostParts = 32;

/** The pool's memory of the parts that one thread has been sent. */
export class JobSender {
  readonly #numbers = new Map<JobPart, number>();

  pack(job: Job): NumberedJob {
    const chunks = chunkJobs(job);
    const parts = new Set<JobPart>(chunks.flatMap(({ sources, targets }) => [...sources, ...targets].map(partOf)));
    const isNew = (part: JobPart) => !this.#numbers.has(part);
    const restart = this.#numbers.size + [...parts].filter(isNew).length > mostParts;
    if (restart) this.#numbers.clear();
    const sent = [...parts].filter(isNew);
    for (const part of sent) this.#numbers.set(part, this.#numbers.size);
    const numbered = <T extends { part: JobPart }>(chunk: T) => ({
      ...chunk,
      part: this.#numbers.get(chunk.part) as number,
    });
    const number = (own: ChunkJob): NumberedChunks => {
      return { ...own, sources: own.sources.map(numbered), targets: own.targets.map(numbered) };
    };
    return {
      job:
        job.kind === 'batch'
          ? { kind: 'batch', jobs: job.jobs.map((batched) => ({ ...batched, job: number(batched.job) })) }
          : number(job),
      parts: sent,
      restart,
    };
  }
}

function chunkJobs(job: Job): readonly ChunkJob[] {
  return job.kind === 'batch' ? job.jobs.map((batched) => batched.job) : [job];
}

function partOf({ part }: JobSource | JobTarget): JobPart {
  return part;
}

/** The other side: a thread's memory of parts. */
export class JobReceiver {
  #parts: JobPart[] = [];

  unpack({ job, parts, restart }: NumberedJob): Job {
    if (restart) this.#parts = [];
    this.#parts.push(...parts);
    const known = <T extends { part: number }>(chunk: T) => ({ ...chunk, part: this.#parts[chunk.part] as JobPart });
    const restore = (own: NumberedChunks) =>
      ({ ...own, sources: own.sources.map(known), targets: own.targets.map(known) }) as ChunkJob;
    if (!('jobs' in job)) return restore(job);
    return { kind: 'batch', jobs: job.jobs.map((batched) => ({ ...batched, job: restore(batched.job) })) };
  }
}
