/** Waiting for a shot: its frames as events, as of a run on one machine, and jobs that Redis has lost submitted again. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  ExrError,
  type FrameReport,
  formatFrames,
  jsonFormat,
  parseFrames,
  type SequenceEvent,
  type SequenceSummary,
} from '../../lib/index.js';
import { orAbort, toErrorData } from '../../lib/program.js';
import type { Chunk } from './chunk.js';
import type { JobState, Jobs } from './jobs.js';
import { type ChunkResults, countStatus, summarize, withAbsent } from './results.js';
import type { ChunkProgress, Shot, ShotState, Shots } from './shot.js';

/** Where shots are kept. */
export interface Desk {
  readonly shots: Shots;
  readonly jobs: Jobs;
}

export interface FollowOptions {
  readonly onEvent: (event: SequenceEvent) => void;
  readonly signal: AbortSignal;
  /** Do not wait for the end. */
  readonly once?: boolean;
  /** Milliseconds between two looks, and between two searches for lost jobs. */
  readonly pause?: number;
  readonly searchPause?: number;
}

/** A shot in the eyes of somebody who waits for it. */
export class Follower {
  readonly #shot: Shot;
  readonly #desk: Desk;
  readonly #chunks: Chunk[];
  readonly #ended = new Map<number, { readonly progress: ChunkProgress; readonly reports: readonly FrameReport[] }>();
  readonly #resubmitted = new Map<number, number>();
  #progress: ReadonlyMap<number, ChunkProgress> = new Map();
  #state: ShotState;
  #index = 0;
  #searched = performance.now();
  #wereFewer = false;

  constructor(shot: Shot, chunks: readonly Chunk[], state: ShotState, desk: Desk) {
    this.#shot = shot;
    this.#desk = desk;
    this.#chunks = [...chunks];
    this.#state = state;
  }

  get state(): ShotState {
    return this.#state;
  }

  /** More chunks of a shot that takes some. */
  async add(chunks: readonly Chunk[]): Promise<void> {
    const { shots, jobs } = this.#desk;
    const from = this.#chunks.length;
    this.#chunks.push(...chunks);
    await shots.addChunks(this.#shot.name, from, chunks);
    await jobs.add(this.#shot, new Map(chunks.map((chunk, at) => [from + at, chunk])));
  }

  /** No more chunks come. */
  async close(): Promise<void> {
    this.#state = 'going';
    await this.#desk.shots.setState(this.#shot.name, 'going');
  }

  /** Tells what happens until all chunks have ended or the shot is cancelled. Throws the signal's reason. */
  async follow({
    onEvent,
    signal,
    once = false,
    pause = 500,
    searchPause = 30_000,
  }: FollowOptions): Promise<SequenceSummary> {
    const { name } = this.#shot;
    onEvent(await this.#startEvent());
    onEvent(this.#planEvent());
    for (;;) {
      await orAbort(this.#look(onEvent), signal);
      const isOver = this.#ended.size >= this.#chunks.length && this.#state !== 'feeding';
      if (once || isOver || this.#state === 'cancelled') break;
      if (performance.now() - this.#searched > searchPause || (await this.#areFewer())) {
        this.#searched = performance.now();
        await orAbort(this.#search(), signal);
      }
      await sleep(pause, undefined, { signal });
    }
    const open = this.#open();
    const partial = await this.#desk.shots.results(name, open);
    for (const reports of partial) for (const report of reports) this.#replay(report, onEvent);
    const all: ChunkResults[] = [...this.#ended.entries()].map(([number, { reports }]) => ({
      chunk: this.#chunks[number] as Chunk,
      reports,
    }));
    for (const [at, number] of open.entries())
      all.push({ chunk: this.#chunks[number] as Chunk, reports: partial[at] ?? [] });
    const summary = summarize(all, Math.max(0, Date.now() - Date.parse(this.#shot.submitted)));
    onEvent({ type: 'summary', ...summary });
    return summary;
  }

  /** Chunks that were begun more than once, with the engine's counts, and who did how much. */
  account(): { readonly repeated: readonly Repeated[]; readonly workers: readonly WorkerShare[] } {
    const known = [
      ...new Map([...this.#progress, ...[...this.#ended].map(([at, { progress }]) => [at, progress] as const)]),
    ];
    const repeated = known.flatMap(([number, { started, retried, stalled }]) => {
      const resubmitted = this.#resubmitted.get(number) ?? 0;
      const { frames, inputs } = this.#chunks[number] ?? {};
      if (started <= 1 && stalled === 0 && resubmitted === 0) return [];
      return [{ frames, files: frames === undefined ? inputs : undefined, started, retried, stalled, resubmitted }];
    });
    const shares = new Map<string, WorkerShare>();
    for (const [, { worker, done, milliseconds }] of known) {
      const own = shares.get(worker) ?? { worker, chunks: 0, done: 0, milliseconds: 0 };
      shares.set(worker, {
        worker,
        chunks: own.chunks + 1,
        done: own.done + done,
        milliseconds: own.milliseconds + milliseconds,
      });
    }
    return { repeated, workers: [...shares.values()] };
  }

  async #look(onEvent: FollowOptions['onEvent']): Promise<void> {
    const { shots } = this.#desk;
    const { name } = this.#shot;
    const state = await shots.state(name);
    if (state === undefined) return this.#restore();
    if (this.#state === 'feeding' && state === 'feeding')
      this.#chunks.push(...(await shots.chunks(name)).slice(this.#chunks.length));
    this.#state = state;
    this.#progress = await shots.progress(name);
    const fresh = [...this.#progress].filter(([number, { ended }]) => ended && !this.#ended.has(number));
    const results = await shots.results(
      name,
      fresh.map(([number]) => number),
    );
    for (const [at, [number, progress]] of fresh.entries()) {
      const reports = results[at] ?? [];
      this.#ended.set(number, { progress, reports });
      for (const report of reports) this.#replay(report, onEvent);
    }
  }

  /** Redis has lost the shot: what is known of it here is written again. The frames that are done need but a look. */
  async #restore(): Promise<void> {
    const { shots } = this.#desk;
    await shots.create(this.#shot, this.#chunks, this.#state);
    for (const [number, { progress, reports }] of this.#ended)
      await shots.record(this.#shot.name, number, progress, reports);
    await this.#submitAgain(this.#open());
  }

  async #submitAgain(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) this.#resubmitted.set(number, (this.#resubmitted.get(number) ?? 0) + 1);
    await this.#desk.jobs.add(this.#shot, new Map(numbers.map((number) => [number, this.#chunks[number] as Chunk])));
  }

  /** Whether the engine has fewer jobs, of all shots, than this one has chunks to do, and had at the last look: one may just have ended. */
  async #areFewer(): Promise<boolean> {
    const before = this.#wereFewer;
    this.#wereFewer = (await this.#desk.jobs.pending()) < this.#open().length;
    return before && this.#wereFewer;
  }

  /** Looks for jobs that the engine has given up, or does not know any more. */
  async #search(): Promise<void> {
    const { shots, jobs } = this.#desk;
    const { name } = this.#shot;
    const open = this.#open();
    const states = await jobs.states(name, open);
    if ((await shots.state(name)) !== this.#state || this.#state === 'cancelled') return;
    // A job that has ended since is recorded before it disappears.
    const progress = await shots.progress(name);
    const lost: number[] = [];
    for (const [at, number] of open.entries()) {
      if (progress.get(number)?.ended) continue;
      const state = states[at];
      if (!state) lost.push(number);
      else if (state.failed) await this.#giveUp(number, state, progress.get(number));
    }
    await this.#submitAgain(lost);
  }

  async #giveUp(number: number, state: JobState, progress: ChunkProgress | undefined): Promise<void> {
    const { shots } = this.#desk;
    const { name } = this.#shot;
    const chunk = this.#chunks[number] as Chunk;
    const error = new ExrError('io', 'GIVEN_UP', `the queue has given up on it: ${state.reason}`, {
      hint: 'Look at what the workers report; "queue resume" tries again.',
    });
    const [known = []] = await shots.results(name, [number]);
    const reports = withAbsent(known, chunk, toErrorData(error));
    const { started, stalled } = state;
    const own = progress ?? { worker: '', retried: 0, milliseconds: 0 };
    await shots.record(name, number, { ...own, ...countStatus(reports), started, stalled, ended: true }, reports);
  }

  #open(): number[] {
    return [...this.#chunks.keys()].filter((number) => !this.#ended.has(number));
  }

  async #startEvent(): Promise<SequenceEvent> {
    const { version, steps, output } = this.#shot;
    const jobs = await this.#desk.jobs.workers();
    return { type: 'start', format: jsonFormat, version, steps, output, jobs, threads: 0, dryRun: false };
  }

  #planEvent(): SequenceEvent {
    const frames = this.#chunks.flatMap((chunk) => (chunk.frames === undefined ? [] : parseFrames(chunk.frames)));
    const total = this.#chunks.reduce((sum, { count }) => sum + count, 0);
    return { type: 'plan', total, frames: formatFrames(frames), missing: this.#shot.missing };
  }

  /** The events of a frame, from its report. */
  #replay(report: FrameReport, onEvent: FollowOptions['onEvent']): void {
    const { frame, view, inputs, status, files, parts, bytes, inputBytes, milliseconds, notices, error } = report;
    const id = { index: this.#index++, frame, view, inputs };
    onEvent({ type: 'frame-start', ...id });
    for (const notice of notices) onEvent({ type: 'notice', index: id.index, frame, ...notice });
    if (status === 'done') onEvent({ type: 'frame-done', ...id, files, parts, bytes, inputBytes, milliseconds });
    else if (status === 'existing')
      onEvent({ type: 'frame-skipped', ...id, reason: 'existing', files, error: undefined });
    else if (status === 'skipped') onEvent({ type: 'frame-skipped', ...id, reason: 'failed', files, error });
    else if (error) onEvent({ type: 'frame-failed', ...id, error });
  }
}

/** A chunk that was begun more than once. */
export interface Repeated {
  readonly frames: string | undefined;
  readonly files: readonly string[] | undefined;
  /** The engine's counts: starts, failed tries, lost workers. */
  readonly started: number;
  readonly retried: number;
  readonly stalled: number;
  /** Times that Redis had lost it. */
  readonly resubmitted: number;
}

/** What one worker did, as far as it was the last to have a chunk. */
export interface WorkerShare {
  readonly worker: string;
  readonly chunks: number;
  readonly done: number;
  readonly milliseconds: number;
}
