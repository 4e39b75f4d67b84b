/** One chunk on a worker: run, recorded, and judged whether trying again may help. */

import { type EventError, ExrError, type FrameReport, ReportBuilder, version } from '../../lib/index.js';
import { isFolder, toErrorData } from '../../lib/program.js';
import type { Hand } from './hands.js';
import type { ChunkJob } from './jobs.js';
import { countStatus, joinTries, withAbsent } from './results.js';
import type { ChunkProgress, Shots } from './shot.js';
import type { Machine } from './words.js';

/** What a worker works with. */
export interface Workplace {
  readonly shots: Shots;
  readonly hand: Hand;
  readonly machine: Machine;
  /** Host and process, for reports. */
  readonly worker: string;
  /** Milliseconds between two looks at Redis while a chunk runs. */
  readonly pause: number;
}

/** A job as the engine hands it over. */
export interface Try extends Pick<ChunkProgress, 'started' | 'retried' | 'stalled'> {
  readonly job: ChunkJob;
  /** No further try follows, should this one fail. */
  readonly last: boolean;
}

/** How it ended: `again` is to be tried again, `dropped` was stopped by the worker's own end, `cancelled` by the user. */
export interface Outcome {
  readonly kind: 'done' | 'failed' | 'again' | 'dropped' | 'cancelled';
  readonly message: string;
  readonly progress: ChunkProgress;
}

/** Works on a chunk. Throws nothing but what keeps it from Redis. */
export async function workOn(current: Try, place: Workplace, signal: AbortSignal): Promise<Outcome> {
  const { job, started, retried, stalled } = current;
  const { shots, worker } = place;
  const began = performance.now();
  const earlier = started > 1 ? await shots.results(job.shot, [job.number]) : [];
  const before = (await shots.chunkProgress(job.shot, job.number))?.milliseconds ?? 0;
  const builder = new ReportBuilder();
  const results = (): FrameReport[] => joinTries(earlier.flat(), builder.report().frames);
  const progressOf = (reports: readonly FrameReport[], ended: boolean): ChunkProgress => {
    const milliseconds = Math.round(before + performance.now() - began);
    return { ...countStatus(reports), ended, worker, started, retried, stalled, milliseconds };
  };
  const record = async (reports: readonly FrameReport[], ended: boolean): Promise<ChunkProgress> => {
    const progress = progressOf(reports, ended);
    await shots.record(job.shot, job.number, progress, reports);
    return progress;
  };
  const cancelled = new AbortController();
  const watch = watchShot(job, place, () => record(results(), false), cancelled);
  let error: EventError | undefined;
  try {
    if ((await shots.state(job.shot)) === 'cancelled') cancelled.abort();
    error = await run(job, place, builder, AbortSignal.any([signal, cancelled.signal]));
  } finally {
    await watch.stop();
  }
  const reports = results();
  if (cancelled.signal.aborted)
    return { kind: 'cancelled', message: 'cancelled', progress: await record(reports, false) };
  if (signal.aborted) return { kind: 'dropped', message: 'dropped', progress: await record(reports, false) };
  const trouble = troubleOf(reports, job, error);
  if (!trouble) return { kind: 'done', message: '', progress: await record(reports, true) };
  if (trouble.kind === 'io' && !current.last)
    return { kind: 'again', message: trouble.message, progress: await record(reports, false) };
  const all = withAbsent(reports, job.chunk, error ?? frameGone);
  return { kind: 'failed', message: trouble.message, progress: await record(all, true) };
}

/** While a chunk runs, its progress is recorded, and whether the shot is cancelled is looked up. */
function watchShot(
  { shot }: ChunkJob,
  { shots, pause }: Workplace,
  record: () => Promise<unknown>,
  cancelled: AbortController,
): { stop(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    // Redis may be away for longer than that.
    if (busy) return;
    busy = true;
    last = (async () => {
      await record();
      if ((await shots.state(shot)) === 'cancelled') cancelled.abort();
      busy = false;
    })().catch(() => {
      busy = false;
    });
  }, pause);
  return {
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}

async function run(
  job: ChunkJob,
  { hand, machine }: Workplace,
  builder: ReportBuilder,
  signal: AbortSignal,
): Promise<EventError | undefined> {
  const { folder, words, chunk } = job;
  if (signal.aborted) return undefined;
  if (job.version !== version) return toErrorData(otherVersion(job));
  if (!(await isFolder(folder))) return toErrorData(noFolder(folder));
  return hand.run({ folder, words, chunk, machine }, builder.onEvent, signal);
}

/** What is wrong with a chunk, if anything: `io` where another try, perhaps on another machine, may help. */
function troubleOf(
  reports: readonly FrameReport[],
  { chunk }: ChunkJob,
  error: EventError | undefined,
): Pick<EventError, 'kind' | 'message'> | undefined {
  if (error) return error;
  const failures = reports.flatMap((one) => (one.status === 'failed' && one.error ? [one.error] : []));
  const found = failures.find(({ kind }) => kind === 'io') ?? failures[0];
  if (found) return { kind: found.kind, message: `${failures.length} failed: ${found.message}` };
  return reports.length < chunk.count ? frameGone : undefined;
}

/** The frame was there when the shot was submitted, or the run ended before it: a full disk, a folder that is gone. */
const frameGone: EventError = toErrorData(
  new ExrError('io', 'FRAME_GONE', 'this frame no longer exists, or the run ended before it', {
    hint: 'Check the input and the output folder; submit the shot again to do the rest.',
  }),
);

function otherVersion({ version: other }: ChunkJob): ExrError {
  return new ExrError('io', 'OTHER_VERSION', `the shot is for exrpipe ${other}, and this worker is ${version}`, {
    hint: 'Install the same version on all machines: outputs of different versions do not count as the same.',
  });
}

function noFolder(folder: string): ExrError {
  return new ExrError('io', 'NO_FOLDER', 'this machine has no such folder', {
    where: { file: folder },
    hint: 'The shared storage must be mounted at the same path on all machines.',
  });
}
