import { ExrError } from '../model/error.js';
import { fromErrorData, toTracedErrorData } from '../model/error-data.js';
import { startThread, type Thread } from '../node/thread.js';
import type { FrameHost, FrameResult } from './frame.js';
import type { Item } from './items.js';
import type { FromThread, ThreadSetup, ToThread } from './messages.js';
import type { FrameRunner } from './runner.js';

/**
 * Megabytes of JavaScript heap for a frame thread; samples and chunks are not in it. V8 begins to mark the whole heap when the
 * room left in the old generation is less than a semi-space, a third of the young one. With its own 48 MB for that, a small
 * heap such as these threads have was marked every third frame, which took 40 % of the time. And V8 derives from the greatest
 * heap size how much garbage may accumulate: with its own 4 GB, peaks were a quarter higher.
 */
const heapLimits = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 256 } as const;

const frameModule = { name: 'frame-thread.js', place: new URL('./frame-thread.js', import.meta.url) } as const;

interface Running {
  readonly host: FrameHost;
  readonly resolve: (result: FrameResult) => void;
  readonly reject: (error: unknown) => void;
}

interface FrameThread {
  readonly thread: Thread<ToThread>;
  readonly running: Map<number, Running>;
}

/**
 * Threads that process whole frames. A frame goes to the least busy thread. A thread that dies fails the frames it had, and
 * is replaced.
 */
export class FrameThreads implements FrameRunner {
  readonly threads: number;
  readonly #setup: ThreadSetup;
  readonly #alive: FrameThread[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #nextId = 0;
  #closed = false;

  constructor(threads: number, setup: ThreadSetup) {
    this.threads = threads;
    this.#setup = setup;
  }

  run(item: Item, host: FrameHost): Promise<FrameResult> {
    const result = this.#run(item, host);
    this.#underWay.add(result);
    const over = () => void this.#underWay.delete(result);
    result.then(over, over);
    return result;
  }

  async #run(item: Item, host: FrameHost): Promise<FrameResult> {
    const { thread, running } = this.#choose();
    const id = this.#nextId++;
    const abort = () => thread.post({ type: 'abort', id });
    try {
      return await new Promise<FrameResult>((resolve, reject) => {
        running.set(id, { host, resolve, reject });
        thread.post({ type: 'frame', id, item });
        host.signal.addEventListener('abort', abort, { once: true });
      });
    } finally {
      host.signal.removeEventListener('abort', abort);
      running.delete(id);
    }
  }

  /**
   * Ends the threads, once their frames are done or aborted. Node 20 aborts the process when a thread is terminated while zlib
   * sets up a stream, and a frame that is cut short would leave its temporary files.
   */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#closed = true;
    await Promise.all(this.#alive.splice(0).map(({ thread }) => thread.terminate()));
  }

  #choose(): FrameThread {
    const idle = this.#alive.find(({ running }) => running.size === 0);
    if (idle) return idle;
    if (this.#alive.length < this.threads) return this.#start();
    return this.#alive.reduce((least, own) => (own.running.size < least.running.size ? own : least));
  }

  #start(): FrameThread {
    const running: FrameThread['running'] = new Map();
    const own: FrameThread = {
      running,
      thread: startThread<ToThread, FromThread>(frameModule, {
        setup: this.#setup,
        heap: heapLimits,
        onMessage: (message) => {
          const current = running.get(message.id);
          if (current) receive(message, current, own.thread);
        },
        onEnd: (reason) => this.#lost(own, reason),
      }),
    };
    this.#alive.push(own);
    return own;
  }

  #lost(own: FrameThread, reason: string): void {
    const at = this.#alive.indexOf(own);
    if (at >= 0) this.#alive.splice(at, 1);
    if (this.#closed) return;
    for (const { reject } of own.running.values())
      reject(
        new ExrError('io', 'WORKER_DIED', `a worker thread died (${reason})`, {
          hint: 'If memory is short, try fewer jobs.',
        }),
      );
  }
}

function receive(message: FromThread, running: Running, thread: Thread<ToThread>): void {
  const { host } = running;
  const { id } = message;
  const answer = (budget: Promise<number>) =>
    void budget.then(
      (granted) => thread.post({ type: 'granted', id, budget: granted }),
      (error) => thread.post({ type: 'refused', id, error: toTracedErrorData(error) }),
    );
  switch (message.type) {
    case 'claim':
      answer(host.claim(message.paths, message.kind).then(() => 0));
      break;
    case 'admit':
      answer(host.admit(message.largest));
      break;
    case 'notice':
      host.notice(message.notice);
      break;
    case 'progress':
      host.progress(message.done, message.bytes);
      break;
    case 'result':
      running.resolve(message.result);
      break;
    case 'error':
      running.reject(host.signal.aborted ? host.signal.reason : fromErrorData(message.error));
      break;
  }
}
