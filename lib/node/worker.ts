/** The other side of the worker pool: one codec instance, one job after the other. */
import type { Kernels } from '../codecs/codec.js';
import type { JobResult } from '../jobs/job.js';
import { JobMemory } from '../jobs/job-memory.js';
import { JobReceiver, type JobReply, type JobRequest } from '../jobs/job-message.js';
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
  send(
    answer(() => {
      const memory = new JobMemory(payloads);
      const result = runJob(jobs.unpack(request), payloads, kernels, memory);
      const own = result.payloads.filter((payload) => !memory.has(payload));
      const moved = own.length > mostAlone ? together(own) : own.map(alone);
      const results = result.payloads.map((payload) => (memory.has(payload) ? payload : (moved.shift() as Uint8Array)));
      return { payloads: results, losses: result.losses, spare: memory.unused(results) };
    }),
  );
}

/** Every request must get a reply, even if the results cannot be sent because a codec has transferred what it returns. */
function send(reply: JobReply): void {
  try {
    const { payloads = [], spare = [] } = 'result' in reply ? reply.result : {};
    postToOwner(reply, [...new Set([...payloads.map(({ buffer }) => buffer as ArrayBuffer), ...spare])]);
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
    return { result: work() };
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

/** A transfer takes the whole buffer, so that a result must not be in one with anything else. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
