/** Shots and an engine in memory, for tests of the queue without Redis. */

import type { Chunk } from '../../../bin/queue/chunk.js';
import type { JobState, Jobs } from '../../../bin/queue/jobs.js';
import type { Hashes, Shot } from '../../../bin/queue/shot.js';
import { type FrameReport, version } from '../../../lib/index.js';
import type { Item } from '../../../lib/program.js';

/** The commands of Redis that are used, on maps. */
export class MemoryRedis implements Hashes {
  readonly #hashes = new Map<string, Map<string, string>>();
  readonly #lists = new Map<string, Map<string, number>>();

  /** As a Redis that was started without its files. */
  lose(): void {
    this.#hashes.clear();
    this.#lists.clear();
  }

  async hset(key: string, field: string, value: string): Promise<void> {
    this.#hashes.set(key, (this.#hashes.get(key) ?? new Map()).set(field, value));
  }

  async hget(key: string, field: string): Promise<string | null> {
    return this.#hashes.get(key)?.get(field) ?? null;
  }

  async hmget(key: string, ...fields: string[]): Promise<(string | null)[]> {
    return fields.map((field) => this.#hashes.get(key)?.get(field) ?? null);
  }

  async hgetall(key: string): Promise<Record<string, string>> {
    return Object.fromEntries(this.#hashes.get(key) ?? []);
  }

  async del(...keys: string[]): Promise<void> {
    for (const key of keys) this.#hashes.delete(key);
  }

  async expire(): Promise<void> {}

  async zadd(key: string, score: number, member: string): Promise<void> {
    this.#lists.set(key, (this.#lists.get(key) ?? new Map()).set(member, score));
  }

  async zrem(key: string, member: string): Promise<void> {
    this.#lists.get(key)?.delete(member);
  }

  async zrange(key: string): Promise<string[]> {
    return [...(this.#lists.get(key) ?? [])].sort(([, a], [, b]) => a - b).map(([member]) => member);
  }
}

/** An engine that keeps jobs and does nothing with them. */
export class MemoryJobs implements Jobs {
  /** By `SHOT/NUMBER`. */
  readonly jobs = new Map<string, JobState>();
  /** Every job that was added, in order. */
  readonly added: string[] = [];

  async add({ name }: Shot, chunks: ReadonlyMap<number, Chunk>): Promise<void> {
    for (const number of chunks.keys()) {
      if (this.jobs.has(`${name}/${number}`)) continue;
      this.jobs.set(`${name}/${number}`, { failed: false, reason: '', started: 0, stalled: 0 });
      this.added.push(`${name}/${number}`);
    }
  }

  async remove(shot: string, numbers: Iterable<number>): Promise<void> {
    for (const number of numbers) this.jobs.delete(`${shot}/${number}`);
  }

  async states(shot: string, numbers: readonly number[]): Promise<(JobState | undefined)[]> {
    return numbers.map((number) => this.jobs.get(`${shot}/${number}`));
  }

  async pending(): Promise<number> {
    return [...this.jobs.values()].filter(({ failed }) => !failed).length;
  }

  async workers(): Promise<number> {
    return 1;
  }

  async close(): Promise<void> {}
}

export function makeShot(change: Partial<Shot> = {}): Shot {
  return {
    name: 'sh010',
    version,
    folder: process.cwd(),
    words: ['rename', '--add-prefix', 'a.', 'shot.####.exr', '-o', 'out/'],
    attempts: 4,
    stopsAtFailure: false,
    submitted: '2026-01-01T00:00:00.000Z',
    steps: ['rename'],
    output: 'out/',
    missing: [],
    ...change,
  };
}

export function makeReport(frame: number | undefined, change: Partial<FrameReport> = {}): FrameReport {
  return {
    index: 0,
    frame,
    view: undefined,
    inputs: [`shot.${frame}.exr`],
    status: 'done',
    files: [`out/shot.${frame}.exr`],
    parts: [],
    inputBytes: 20,
    bytes: 10,
    milliseconds: 1,
    notices: [],
    error: undefined,
    ...change,
  };
}

export function makeItem(frame: number | undefined, path = `shot.${frame}.exr`, view?: string): Item {
  return { frame, view, inputs: [{ path, stem: 'shot', view, frame: undefined }], name: path } as Item;
}

export const ioError = {
  kind: 'io',
  code: 'EIO',
  message: 'the disk did not answer',
  where: {},
  hint: undefined,
} as const;
export const invalidError = { ...ioError, kind: 'invalid', code: 'BAD_CHUNK', message: 'a chunk is damaged' } as const;
