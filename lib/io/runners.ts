import { inlineRunner } from '../codecs/inline.js';
import { WorkerPool } from '../codecs/pool.js';
import type { JobRunner } from '../codecs/runner.js';

/** One pool for the whole process, made with the first job that needs it: threads are dear, and cores are few. */
class SharedRunners {
  #pool: JobRunner | undefined;
  #inline: JobRunner | undefined;

  readonly pool = (): JobRunner => {
    this.#pool ??= new WorkerPool();
    return this.#pool;
  };

  /** From now on jobs run on the calling thread: for threads that have a whole frame each, where more would only contend. */
  useCallingThread(): void {
    this.#pool = this.inline();
  }

  readonly inline = (): JobRunner => {
    this.#inline ??= inlineRunner();
    return this.#inline;
  };
}

export const sharedRunners = new SharedRunners();
