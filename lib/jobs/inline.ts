import type { Kernels } from '../codecs/codec.js';
import { JobMemory } from './job-memory.js';
import { moveJob, runJob } from './run-job.js';
import type { JobRunner } from './runner.js';

/**
 * Runs jobs on the calling thread: for jobs that carry functions, and where threads are not worth their start-up time. `load` is
 * called with the first job, so that a pipeline that only forwards never loads the kernels.
 */
export function inlineRunner(load: () => Promise<Kernels>): JobRunner {
  let kernels: Promise<Kernels> | undefined;
  return {
    parallel: 1,
    async run(job, payloads, signal) {
      signal?.throwIfAborted();
      kernels ??= load();
      const memory = new JobMemory(payloads);
      const result = runJob(job, payloads, await kernels, memory);
      return { ...result, spare: memory.unused(result.payloads) };
    },
    async move(job, payloads) {
      kernels ??= load();
      return moveJob(job, payloads, await kernels);
    },
    async close() {},
  };
}
