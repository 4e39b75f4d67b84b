/** `exrpipe worker`: takes chunks of all shots, one at a time, until it is stopped. */

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { brief, printable } from '../../lib/format/index.js';
import { orAbort } from '../../lib/program.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { timeText } from '../terminal/units.js';
import { chunkText } from './chunk.js';
import { connect, type Engine, hashesOf, loadEngine, redisUrl, shownUrl } from './engine.js';
import { ProcessHand } from './hands.js';
import { type ChunkJob, counts, queueName } from './jobs.js';
import { tellOutages } from './outages.js';
import { prefix, Shots } from './shot.js';
import { type Outcome, type Workplace, workOn } from './work.js';

export interface WorkerOptions {
  readonly redis?: string | undefined;
  readonly jobs?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Seconds without a sign of life after which a worker counts as lost. */
  readonly lostAfter: number;
  /** Seconds without work after which the worker ends. */
  readonly idle?: number | undefined;
  readonly quiet: boolean;
}

/** Times that a chunk may lose its worker before it counts as failed: it may be what kills them. */
const mostLosses = 3;
/** Milliseconds in which a worker that is stopped signs off from Redis. */
const leave = 8000;

/** Works until the signal, or until there has been nothing to do for long enough. Gives the exit code; throws the signal's reason. */
export async function runWorker(options: WorkerOptions, session: Session): Promise<number> {
  const { signal, reporter } = session;
  const url = redisUrl(options.redis);
  const engine = await loadEngine();
  const redis = await orAbort(connect(engine, url), signal, (late) => late.disconnect());
  const say = (text: string): void => {
    if (!options.quiet) reporter.line(printable(brief(text)));
  };
  const hand = new ProcessHand();
  const place: Workplace = {
    shots: new Shots(hashesOf(redis)),
    hand,
    machine: { jobs: options.jobs, memory: options.memory },
    worker: `${hostname()}:${process.pid}`,
    pause: 1000,
  };
  const idle = new AbortController();
  const idleness = watchIdleness(options.idle, idle);
  const processJob = async (job: Job<ChunkJob>, token?: string): Promise<void> => {
    idleness.busy();
    const name = `${job.data.shot}, ${chunkText(job.data.chunk)}`;
    try {
      const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      const outcome = await workOn({ job: job.data, ...counts(job), last }, place, signal);
      say(`${name}: ${outcomeText(outcome)}`);
      await settle(engine, outcome, job, token, place.shots);
    } finally {
      idleness.free();
    }
  };
  const worker = new engine.bullmq.Worker<ChunkJob>(queueName, processJob, {
    connection: redis,
    prefix,
    name: place.worker,
    lockDuration: options.lostAfter * 1000,
    stalledInterval: (options.lostAfter * 1000) / 2,
    maxStalledCount: mostLosses,
  });
  // What goes wrong between BullMQ and Redis is retried; its own connection reports that Redis is away.
  worker.on('error', () => {});
  let isOpen = true;
  tellOutages(redis, url, (text) => {
    if (isOpen) reporter.line(text);
  });
  say(`${place.worker} works for ${shownUrl(url)}; Ctrl-C ends it`);
  try {
    await orAbort(new Promise<never>(() => {}), AbortSignal.any([signal, idle.signal]));
  } catch {
    signal.throwIfAborted();
    say('nothing to do; ending');
  } finally {
    idleness.stop();
    // Redis may be away: it then finds out by itself that this worker is gone.
    await Promise.race([
      Promise.all([worker.close(), hand.close()]).catch(() => {}),
      sleep(leave, undefined, { ref: false }),
    ]);
    isOpen = false;
    redis.disconnect();
  }
  return exitCodes.ok;
}

/** Tells the engine how a chunk ended: by returning when it is over, by an error that it knows else. */
async function settle(
  { bullmq }: Engine,
  { kind, message }: Outcome,
  job: Job<ChunkJob>,
  token: string | undefined,
  shots: Shots,
): Promise<void> {
  switch (kind) {
    case 'done':
    case 'cancelled':
      return;
    case 'again':
      throw new Error(message);
    case 'failed':
      // No further chunk is begun.
      if (job.data.stopsAtFailure) await shots.setState(job.data.shot, 'cancelled');
      throw new bullmq.UnrecoverableError(message);
    case 'dropped':
      // Another worker can go on at once.
      await job.moveToWait(token);
      throw new bullmq.WaitingError();
  }
}

function outcomeText({ kind, message, progress }: Outcome): string {
  const { done, existing, failed, milliseconds } = progress;
  const counted = [
    `${done} done`,
    ...(existing > 0 ? [`${existing} up to date`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
  switch (kind) {
    case 'done':
      return `${counted} in ${timeText(milliseconds)}`;
    case 'again':
      return `${counted}; to be tried again: ${message}`;
    case 'failed':
      return `${counted}; failed: ${message}`;
    case 'dropped':
      return `${counted}; left to another worker`;
    case 'cancelled':
      return `${counted}; cancelled`;
  }
}

/** Aborts a controller when nothing has been done for so many seconds. */
function watchIdleness(
  seconds: number | undefined,
  over: AbortController,
): { busy(): void; free(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const free = (): void => {
    stop();
    if (seconds !== undefined) timer = setTimeout(() => over.abort(), seconds * 1000);
  };
  free();
  return { busy: stop, free, stop };
}
