import type { JobRunner } from '../jobs/runner.js';
import { ExrError } from '../model/error.js';
import { WorkerPool } from './worker-pool.js';

/**
 * Threads for decoding and encoding, to be given to `runFrame`, `writeDocument` and `exrSink` as `runner`. Without one all share
 * a pool with a thread for each core, which lives as long as the process. A thread starts with the first job that needs it, and does
 * not keep the process alive.
 *
 * Whoever makes a runner closes it, by `close()` or with `await using`; running jobs are finished, waiting ones fail with
 * `POOL_CLOSED`.
 *
 * @param threads How many, at least 1; as many as the process may use cores where it is left out.
 * @throws {@link ExrError} of kind `usage` (`BAD_THREADS`) where that is not a whole number from 1.
 */
export function createRunner(threads?: number): JobRunner & AsyncDisposable {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
    throw new ExrError('usage', 'BAD_THREADS', `a runner has a whole number of threads from 1, not ${threads}`);
  return new WorkerPool(threads);
}
