/** What Redis keeps of a shot besides the jobs: how it was submitted, its chunks, and what became of them. */

import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { FrameReport, MissingFrames } from '../../lib/index.js';
import type { Chunk } from './chunk.js';

/** A shot as it was submitted. Plain data. */
export interface Shot {
  readonly name: string;
  /** Version of exrpipe that submitted it: another one's outputs would not be the same. */
  readonly version: string;
  /** The working folder, from which its paths lead. */
  readonly folder: string;
  /** The command line of the whole shot, without what belongs to the queue. */
  readonly words: readonly string[];
  /** Times that a chunk is tried when trying again may help. */
  readonly attempts: number;
  /** A frame that fails for good cancels the shot. */
  readonly stopsAtFailure: boolean;
  /** ISO 8601. */
  readonly submitted: string;
  /** Names of the filters, and the output, for the report. */
  readonly steps: readonly string[];
  readonly output: string | undefined;
  /** Frames that inputs lacked when it was submitted, and what becomes of them. */
  readonly missing: readonly MissingFrames[];
}

/** Whether a shot takes more frames (`feeding`), is worked on, or has been cancelled. */
export type ShotState = 'feeding' | 'going' | 'cancelled';

/** The result of a chunk, or its progress so far. Short, since waiting runs read it again and again. */
export interface ChunkProgress {
  /** Frames done, up to date before, failed, and skipped by `--on-error skip`. */
  readonly done: number;
  readonly existing: number;
  readonly failed: number;
  /** No worker will come back to it unless it is submitted again. */
  readonly ended: boolean;
  /** Host and process. */
  readonly worker: string;
  /** The engine's counts: how often the job was started, how often it failed before, how often its worker was lost. */
  readonly started: number;
  readonly retried: number;
  readonly stalled: number;
  /** Of all starts so far, in milliseconds. */
  readonly milliseconds: number;
}

/** The commands of Redis that are used here. An `ioredis` has them. */
export interface Hashes {
  hset(key: string, field: string, value: string): Promise<unknown>;
  hget(key: string, field: string): Promise<string | null>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  hgetall(key: string): Promise<Record<string, string>>;
  del(...keys: string[]): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
  zadd(key: string, score: number, member: string): Promise<unknown>;
  zrem(key: string, member: string): Promise<unknown>;
  zrange(key: string, first: number, last: number): Promise<string[]>;
}

/** Everything of the queue in Redis begins with this. */
export const prefix = 'exrpipe';
/** Seconds that a shot is remembered after the last news of it. */
const memory = 14 * 24 * 3600;

/** The shots in one Redis. */
export class Shots {
  readonly #redis: Hashes;

  constructor(redis: Hashes) {
    this.#redis = redis;
  }

  /** Names, in the order of their submission. Those that are forgotten leave the list. */
  async names(): Promise<string[]> {
    const names = await this.#redis.zrange(`${prefix}:shots`, 0, -1);
    const there = await Promise.all(names.map((name) => this.state(name)));
    for (const [at, name] of names.entries()) if (!there[at]) await this.#redis.zrem(`${prefix}:shots`, name);
    return names.filter((_, at) => there[at]);
  }

  async read(name: string): Promise<Shot | undefined> {
    const text = await this.#redis.hget(key(name), 'shot');
    return text === null ? undefined : (JSON.parse(text) as Shot);
  }

  async state(name: string): Promise<ShotState | undefined> {
    return ((await this.#redis.hget(key(name), 'state')) ?? undefined) as ShotState | undefined;
  }

  async setState(name: string, state: ShotState): Promise<void> {
    await this.#redis.hset(key(name), 'state', state);
  }

  /** Writes a new shot; what was known of an older one by this name is gone. */
  async create(shot: Shot, chunks: readonly Chunk[], state: ShotState): Promise<void> {
    await this.forget(shot.name);
    await this.#redis.hset(key(shot.name), 'shot', JSON.stringify(shot));
    await this.addChunks(shot.name, 0, chunks);
    await this.setState(shot.name, state);
    await this.#redis.zadd(`${prefix}:shots`, Date.parse(shot.submitted), shot.name);
    await this.#remember(shot.name);
  }

  async addChunks(name: string, from: number, chunks: readonly Chunk[]): Promise<void> {
    await Promise.all(
      chunks.map((chunk, at) => this.#redis.hset(key(name, 'chunks'), String(from + at), JSON.stringify(chunk))),
    );
  }

  /** By their numbers, from 0. */
  async chunks(name: string): Promise<Chunk[]> {
    const all = await this.#redis.hgetall(key(name, 'chunks'));
    return Object.keys(all)
      .sort((a, b) => Number(a) - Number(b))
      .map((number) => JSON.parse(all[number] as string) as Chunk);
  }

  /** What is known of each chunk that was begun, by number. */
  async progress(name: string): Promise<Map<number, ChunkProgress>> {
    const all = await this.#redis.hgetall(key(name, 'progress'));
    return new Map(Object.entries(all).map(([number, text]) => [Number(number), JSON.parse(text) as ChunkProgress]));
  }

  async chunkProgress(name: string, chunk: number): Promise<ChunkProgress | undefined> {
    const text = await this.#redis.hget(key(name, 'progress'), String(chunk));
    return text === null ? undefined : (JSON.parse(text) as ChunkProgress);
  }

  /** Results first: who sees that a chunk has ended finds them. */
  async record(name: string, chunk: number, progress: ChunkProgress, frames: readonly FrameReport[]): Promise<void> {
    await this.#redis.hset(key(name, 'results'), String(chunk), await pack(frames));
    await this.#redis.hset(key(name, 'progress'), String(chunk), JSON.stringify(progress));
    await this.#remember(name);
  }

  /** Lets a chunk begin again, with its results kept. */
  async reopen(name: string, chunk: number): Promise<void> {
    const progress = await this.chunkProgress(name, chunk);
    if (progress)
      await this.#redis.hset(key(name, 'progress'), String(chunk), JSON.stringify({ ...progress, ended: false }));
  }

  async results(name: string, chunks: readonly number[]): Promise<FrameReport[][]> {
    if (chunks.length === 0) return [];
    const texts = await this.#redis.hmget(key(name, 'results'), ...chunks.map(String));
    return Promise.all(texts.map((text) => (text === null ? [] : unpack(text))));
  }

  async forget(name: string): Promise<void> {
    await this.#redis.del(...keys(name));
    await this.#redis.zrem(`${prefix}:shots`, name);
  }

  async #remember(name: string): Promise<void> {
    await Promise.all(keys(name).map((one) => this.#redis.expire(one, memory)));
  }
}

function key(name: string, what?: string): string {
  return what === undefined ? `${prefix}:shot:${name}` : `${prefix}:shot:${name}:${what}`;
}

function keys(name: string): string[] {
  return [key(name), ...['chunks', 'progress', 'results'].map((what) => key(name, what))];
}

/** Frames of one chunk repeat one another nearly word by word. */
async function pack(frames: readonly FrameReport[]): Promise<string> {
  return (await promisify(deflateRaw)(JSON.stringify(frames))).toString('base64');
}

async function unpack(text: string): Promise<FrameReport[]> {
  return JSON.parse((await promisify(inflateRaw)(Buffer.from(text, 'base64'))).toString()) as FrameReport[];
}
