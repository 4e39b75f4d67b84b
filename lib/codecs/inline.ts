import type { Codecs } from 'openexr-wasm';
import { runJob } from './run-job.js';
import type { JobRunner } from './runner.js';

/** Does jobs on the calling thread: for jobs that carry functions, and where threads are not worth their start. */
export function inlineRunner(): JobRunner {
  // Created with the first job, so that a pipeline that only forwards never loads a codec.
  let codecs: Promise<Codecs> | undefined;
  return {
    parallel: 1,
    async run(job, payloads, signal) {
      signal?.throwIfAborted();
      codecs ??= import('openexr-wasm').then(({ createCodecs }) => createCodecs());
      return runJob(job, payloads, await codecs);
    },
    async close() {},
  };
}
