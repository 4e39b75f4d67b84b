/** The other side of the worker pool: one codec instance, one job after the other. */
import type { Kernels } from '../codecs/codec.js';
import type { JobResult } from '../jobs/job.js';
import { JobReceiver, type JobReply, type JobRequest } from '../jobs/job-message.js';
import { releaseAll } from '../jobs/release.js';
import { runJob } from '../jobs/run-job.js';
import { toTracedErrorData } from '../model/error-data.js';
import { loadKernels } from './kernels.js';
import { onOwnerMessage, postToOwner } from './thread.js';

// Requests wait until there is a listener. Without codecs each of them fails with the reason.
loadKernels().then(
  (kernels) => {
    const jobs = new JobReceiver();
    onOwnerMessage<JobRequest>((request) => serve(request, jobs, kernels));
  },
  (error: unknown) =>
    onOwnerMessage<JobRequest>(() => {
      send(
        answer(() => {
          throw error;
        }),
      );
    }),
);

function serve(request: JobRequest, jobs: JobReceiver, kernels: Kernels): void {
  const { payloads } = request;
  const reply = answer(() => runJob(jobs.unpack(request), payloads, kernels));
  send(reply);
  releaseAll(payloads);
}

/** Every request must get a reply, even if the results cannot be sent because a codec has transferred what it returns. */
function send(reply: JobReply): void {
  try {
    const transfer = 'result' in reply ? reply.result.payloads.map(({ buffer }) => buffer as ArrayBuffer) : [];
    postToOwner(reply, [...new Set(transfer)]);
  } catch (error) {
    postToOwner(
      answer(() => {
        throw error;
      }),
    );
  }
}

function answer(work: () => JobResult): JobReply {
  try {
    const { payloads, losses } = work();
    return { result: { payloads: payloads.length > mostAlone ? together(payloads) : payloads.map(alone), losses } };
  } catch (error) {
    return { error: toTracedErrorData(error) };
  }
}

/** More results than this travel in one buffer: transferring a buffer takes longer than copying a few thousand bytes. */
const mostAlone = 8;

function together(payloads: readonly Uint8Array[]): Uint8Array[] {
  const whole = new Uint8Array(payloads.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  return payloads.map((payload) => {
    whole.set(payload, at);
    at += payload.length;
    return whole.subarray(at - payload.length, at);
  });
}

/** A transfer takes the whole buffer, so a result must not share its buffer. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
