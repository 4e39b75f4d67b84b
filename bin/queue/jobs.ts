/** Chunks as jobs of BullMQ, which hands them to workers, again when one is lost. */

import type { Job, JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Chunk } from './chunk.js';
import type { Engine } from './engine.js';
import { prefix, type Shot } from './shot.js';

/** What a worker is given: all it needs, so that it looks up nothing. Plain data. */
export interface ChunkJob extends Pick<Shot, 'version' | 'folder' | 'words' | 'stopsAtFailure'> {
  readonly shot: string;
  readonly number: number;
  readonly chunk: Chunk;
}

/** Where a job is in the engine. */
export interface JobState {
  readonly failed: boolean;
  readonly reason: string;
  readonly started: number;
  readonly stalled: number;
}

/** The jobs of all shots. */
export interface Jobs {
  /** Adds chunks of a shot by their numbers; those that are there already are left as they are. */
  add(shot: Shot, chunks: ReadonlyMap<number, Chunk>): Promise<void>;
  /** Removes the jobs of chunks that no worker has at the moment. */
  remove(shot: string, numbers: Iterable<number>): Promise<void>;
  /** Where jobs are; undefined for one that the engine does not know (any more). */
  states(shot: string, numbers: readonly number[]): Promise<(JobState | undefined)[]>;
  /** Jobs of all shots that wait or are worked on. */
  pending(): Promise<number>;
  workers(): Promise<number>;
  close(): Promise<void>;
}

/** The engine's name for the one list of all chunks. */
export const queueName = 'chunks';

/** Failed jobs are kept this many seconds, to be looked at with the engine's own tools. */
const failedFor = 7 * 24 * 3600;
/** Milliseconds until the first new try; doubled for each further one, and spread so that not all come at once. */
const backoff = { type: 'exponential', delay: 2000, jitter: 0.5 } as const;
/** Requests to Redis at once. */
const atOnce = 200;

export function openJobs({ bullmq }: Engine, redis: Redis): Jobs {
  const queue = new bullmq.Queue<ChunkJob>(queueName, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: 1000 } },
  });
  // The connection comes back by itself, and what was asked waits for it.
  queue.on('error', () => {});
  return new BullJobs(queue);
}

class BullJobs implements Jobs {
  readonly #queue: Queue<ChunkJob>;

  constructor(queue: Queue<ChunkJob>) {
    this.#queue = queue;
  }

  async add(shot: Shot, chunks: ReadonlyMap<number, Chunk>): Promise<void> {
    const { name, version, folder, words, attempts, stopsAtFailure } = shot;
    const jobs = [...chunks].map(([number, chunk]) => ({
      name,
      data: { shot: name, number, version, folder, words, stopsAtFailure, chunk },
      opts: {
        jobId: jobId(name, number),
        attempts,
        backoff,
        removeOnComplete: true,
        removeOnFail: { age: failedFor },
      } satisfies JobsOptions,
    }));
    for (let at = 0; at < jobs.length; at += atOnce) await this.#queue.addBulk(jobs.slice(at, at + atOnce));
  }

  async remove(shot: string, numbers: Iterable<number>): Promise<void> {
    await inBatches([...numbers], (number) => this.#queue.remove(jobId(shot, number)));
  }

  async states(shot: string, numbers: readonly number[]): Promise<(JobState | undefined)[]> {
    return inBatches(numbers, async (number) => {
      const job = await this.#queue.getJob(jobId(shot, number));
      return job && { ...counts(job), failed: job.finishedOn !== undefined, reason: job.failedReason ?? '' };
    });
  }

  async pending(): Promise<number> {
    return this.#queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
  }

  async workers(): Promise<number> {
    return this.#queue.getWorkersCount();
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

/** The engine's own counts of a job. */
export function counts({ attemptsStarted, attemptsMade, stalledCounter }: Job): {
  readonly started: number;
  readonly retried: number;
  readonly stalled: number;
} {
  return { started: attemptsStarted, retried: attemptsMade, stalled: stalledCounter };
}

/** The engine allows no colon in these. */
function jobId(shot: string, number: number): string {
  return `${shot}/${number}`;
}

async function inBatches<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    results.push(...(await Promise.all(all.slice(at, at + atOnce).map(run))));
  return results;
}
