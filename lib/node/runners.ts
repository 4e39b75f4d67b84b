import type { Runners } from '../io/host.js';
import { inlineRunner } from '../jobs/inline.js';
import type { JobRunner } from '../jobs/runner.js';
import { WorkerPool } from './worker-pool.js';

/** One pool for the whole process, created for the first job that needs it: threads are expensive, and cores are few. */
class SharedRunners implements Runners {
  #pool: JobRunner | undefined;
  #inline: JobRunner | undefined;

  readonly pool = (): JobRunner => {
    this.#pool ??= new WorkerPool();
    return this.#pool;
  };

  /** From now on jobs run on the calling thread: for threads with a whole frame each, where more would only compete. */
  useCallingThread(): void {
    this.#pool = this.inline();
  }

  readonly inline = (): JobRunner => {
    this.#inline ??= inlineRunner(async () => (await import('./kernels.js')).loadKernels());
    return this.#inline;
  };
}

export const sharedRunners = new SharedRunners();
