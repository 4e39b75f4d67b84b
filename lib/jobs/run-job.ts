import type { Kernels } from '../codecs/codec.js';
import { runDeep } from './deep.js';
import type { Job, JobResult } from './job.js';
import { runSplice } from './splice.js';
import { runTranscode } from './transcode.js';

/** Does a job on this thread. `payloads` are the source chunks in the job's order; the results have the targets' order. */
export function runJob(job: Job, payloads: readonly Uint8Array[], kernels: Kernels): JobResult {
  switch (job.kind) {
    case 'transcode':
      return runTranscode(job, payloads, kernels);
    case 'splice':
      return runSplice(job, payloads, kernels);
    case 'deep':
      return runDeep(job, payloads[0] as Uint8Array, kernels);
  }
}
