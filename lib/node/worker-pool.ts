import type { Job, JobResult, Payload } from '../jobs/job.js';
import { type JobReply, type JobRequest, JobSender } from '../jobs/job-message.js';
import type { JobRunner } from '../jobs/runner.js';
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { fromErrorData } from '../model/error-data.js';
import { coreCount, startThread, type Thread } from './thread.js';

interface Pending {
  readonly job: Job;
  readonly payloads: readonly Payload[];
  readonly resolve: (result: JobResult) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Megabytes of JavaScript heap for a codec thread; samples and chunks are not in it. Jobs produce next to no garbage, and with its
 * own limits V8 would let that little accumulate: ten megabytes more for each thread.
 */
const heapLimits = { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 256 } as const;

const workerModule = { name: 'worker.js', place: new URL('./worker.js', import.meta.url) } as const;

/** A codec thread and its current state. */
interface CodecThread {
  readonly thread: Thread<JobRequest>;
  readonly sender: JobSender;
}

/**
 * A pool of worker threads, each with its own codec instance. Threads start when there is work for them and never keep
 * the process alive on their own. A thread that dies fails the job it had, with a clear error; the next job gets a new one.
 */
export class WorkerPool implements JobRunner, AsyncDisposable {
  readonly parallel: number;
  readonly #waiting: Pending[] = [];
  readonly #idle: CodecThread[] = [];
  readonly #busy = new Map<CodecThread, Pending>();
  #closing: Promise<void> | undefined;
  /** Called when no thread has a job any more. */
  #onQuiet = (): void => {};

  constructor(threads = coreCount()) {
    this.parallel = Math.max(1, threads);
  }

  async run(job: Job, payloads: readonly Payload[], signal?: AbortSignal): Promise<JobResult> {
    signal?.throwIfAborted();
    if (this.#closing) throw poolClosed();
    return new Promise<JobResult>((resolve, reject) => {
      // A running job cannot be interrupted inside WASM; its result is dropped. One that waits never starts.
      const abort = () => {
        const at = this.#waiting.indexOf(pending);
        if (at >= 0) this.#waiting.splice(at, 1);
        pending.reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      const pending: Pending = {
        job,
        payloads,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(pending);
      this.#dispatch();
    });
  }

  /** Starts the threads that so many jobs will keep busy. */
  prepare(jobs: number): void {
    if (this.#closing) return;
    const threads = Math.min(jobs, this.parallel);
    while (this.#idle.length + this.#busy.size < threads) this.#idle.push(this.#start());
  }

  /** Ends the threads once they have finished their current job. Jobs that wait for a thread fail. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()];
    for (const { reject } of this.#waiting.splice(0)) reject(poolClosed());
    // Node 20 aborts the process when a thread is terminated while zlib sets up a stream ("close before init" in node_zlib.cc).
    if (this.#busy.size > 0)
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
    await Promise.all(threads.map(({ thread }) => thread.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0 && this.#busy.size < this.parallel) {
      const pending = this.#waiting.shift() as Pending;
      const own = this.#idle.pop() ?? this.#start();
      this.#busy.set(own, pending);
      own.thread.hold(true);
      const { job, payloads } = pending;
      own.thread.post({ ...own.sender.pack(job), payloads }, [
        ...new Set(payloads.map(({ buffer }) => buffer as ArrayBuffer)),
      ]);
    }
  }

  #start(): CodecThread {
    const own: CodecThread = {
      thread: startThread<JobRequest, JobReply>(workerModule, {
        heap: heapLimits,
        onMessage: (reply) => this.#done(own, reply),
        onEnd: (reason) => this.#lost(own, reason),
      }),
      sender: new JobSender(),
    };
    own.thread.hold(false);
    return own;
  }

  #done(own: CodecThread, reply: JobReply): void {
    const pending = this.#release(own);
    // A reply may come while the pool closes. A caller that waits for the threads to end needs them to keep the process alive.
    if (!this.#closing) {
      this.#idle.push(own);
      own.thread.hold(false);
    }
    if ('result' in reply) pending?.resolve(reply.result);
    else pending?.reject(fromErrorData(reply.error));
    this.#dispatch();
  }

  #release(own: CodecThread): Pending | undefined {
    const pending = this.#busy.get(own);
    this.#busy.delete(own);
    if (this.#busy.size === 0) this.#onQuiet();
    return pending;
  }

  /** After a thread's death: its job fails, and waiting jobs get another thread. */
  #lost(own: CodecThread, reason: string): void {
    const at = this.#idle.indexOf(own);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#release(own)?.reject(
      new ExrError('io', 'WORKER_DIED', `a worker thread died (${reason})`, {
        hint: advise`If memory is short, try fewer ${optionNamed('threads')}.`,
      }),
    );
    if (!this.#closing) this.#dispatch();
  }
}

function poolClosed(): ExrError {
  return new ExrError('usage', 'POOL_CLOSED', 'the worker pool has been closed');
}
