/** The other side of the worker pool: one codec instance, one job after the other. */
import { parentPort } from 'node:worker_threads';
import { type Codecs, createCodecs } from 'openexr-wasm';
import { isExrError } from '../model/error.js';
import type { JobReply, JobRequest } from './pool.js';
import { release } from './release.js';
import { runJob } from './run-job.js';

// Requests wait until somebody listens. Without codecs the thread ends with the error, which the pool passes on.
void createCodecs().then((codecs) => parentPort?.on('message', (request: JobRequest) => serve(request, codecs)));

function serve({ id, job, payloads }: JobRequest, codecs: Codecs): void {
  const reply = answer(id, () => runJob(job, payloads, codecs));
  const transfer = 'results' in reply ? reply.results.map(({ buffer }) => buffer as ArrayBuffer) : [];
  parentPort?.postMessage(reply, [...new Set(transfer)]);
  for (const payload of payloads) release(payload);
}

function answer(id: number, work: () => Uint8Array[]): JobReply {
  try {
    return { id, results: work().map(alone) };
  } catch (error) {
    // An error's class does not survive the way between threads, its fields do.
    const message = error instanceof Error ? error.message : String(error);
    if (isExrError(error)) {
      const { kind, code, hint } = error;
      return { id, error: { kind, code, message, hint } };
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED';
    return { id, error: { kind: 'invalid', code, message, hint: undefined } };
  }
}

/** Transferring a buffer takes all of it, so a result must not share its buffer. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
