import type { Kernels } from '../codecs/codec.js';
import { explainCodecError } from '../codecs/codec-error.js';
import { asExrError } from '../model/error.js';
import { runDeep } from './deep.js';
import type { BatchJob, ChunkJob, Job, JobResult, SpliceJob } from './job.js';
import { release } from './release.js';
import { runMove, runSplice } from './splice.js';
import { runTranscode } from './transcode.js';

/**
 * Runs a job on this thread. `payloads` are the source chunks in the job's order; the results have the targets' order. Throws
 * ExrError, of the same kind on any thread: `invalid` for damaged chunks.
 */
export function runJob(job: Job, payloads: readonly Uint8Array[], kernels: Kernels): JobResult {
  try {
    return job.kind === 'batch' ? runBatch(job, payloads, kernels) : work(job, payloads, kernels);
  } catch (error) {
    throw asExrError(explainCodecError(error));
  }
}

/** Runs a splice that is mere copying, see runMove. Throws as {@link runJob} does. */
export function moveJob(
  job: SpliceJob,
  payloads: readonly Uint8Array[],
  kernels: Kernels,
): readonly (readonly Uint8Array[])[] | undefined {
  try {
    return runMove(job, payloads, kernels);
  } catch (error) {
    throw asExrError(explainCodecError(error));
  }
}

function runBatch({ jobs }: BatchJob, payloads: readonly Uint8Array[], kernels: Kernels): JobResult {
  let at = 0;
  const results = jobs.map(({ job, place }) => {
    const own = payloads.slice(at, at + job.sources.length);
    at += own.length;
    try {
      // Payloads of a batch may share a buffer, which must last until all are done.
      return work(job, own, kernels, () => {});
    } catch (error) {
      throw asExrError(explainCodecError(error), place);
    }
  });
  return {
    payloads: results.flatMap((result) => result.payloads),
    losses: results.flatMap(({ losses }) => losses),
  };
}

function work(job: ChunkJob, payloads: readonly Uint8Array[], kernels: Kernels, done = release): JobResult {
  switch (job.kind) {
    case 'transcode':
      return runTranscode(job, payloads, kernels);
    case 'splice':
      return runSplice(job, payloads, kernels, done);
    case 'deep':
      return runDeep(job, payloads[0] as Uint8Array, kernels);
  }
}
