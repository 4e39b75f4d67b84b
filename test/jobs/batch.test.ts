/** Several jobs in one: their payloads may share a buffer, which must last until all of them are done. */
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import type { BatchJob, SpliceJob } from '../../lib/jobs/job.js';
import { JobMemory } from '../../lib/jobs/job-memory.js';
import { chunkLayout } from '../../lib/jobs/planes.js';
import { runJob } from '../../lib/jobs/run-job.js';

const kernels = await createCodecs();
const place = { type: 'float', xSampling: 1, ySampling: 1, linear: false } as const;
const planes = ['A', 'B', 'C', 'D'].map((name) => ({ ...place, name }));
// Lines so long that ZIPS is spliced token by token, which releases sources early.
const width = 20_000;

/** A line of noise that gets a little smaller. */
function line(y: number): Uint8Array {
  const samples = Float32Array.from({ length: width * planes.length }, (_, i) => Math.fround(Math.sin(i * i + y)));
  const layout = chunkLayout(planes, { x: 0, y, width, height: 1 });
  return kernels.encode('zips', layout, new Uint8Array(samples.buffer));
}

function splice(y: number): SpliceJob {
  const region = { x: 0, y, width, height: 1 };
  const chosen = [1, 2].map((index) => ({ ...place, name: `x${index}`, plane: { part: 0, index } }));
  return {
    kind: 'splice',
    mayTranscode: false,
    sources: [{ part: { part: 0, compression: 'zips', planes }, region }],
    targets: [{ part: { compression: 'zips', planes: chosen, settings: {} }, region }],
  };
}

t.test('neighbours in one buffer give what each gives by itself', async (t) => {
  const lines = [0, 1, 2].map(line);
  const { buffer } = new Uint8Array(Buffer.concat(lines));
  let at = 0;
  const payloads = lines.map(({ length }) => {
    at += length;
    return new Uint8Array(buffer, at - length, length);
  });
  const batch: BatchJob = { kind: 'batch', jobs: lines.map((_, y) => ({ job: splice(y), place: {} })) };
  const together = runJob(batch, payloads, kernels, new JobMemory(payloads)).payloads;
  t.same(
    together.map((chunk) => chunk.buffer === buffer),
    [false, false, true],
    'only what is made last may lie where the sources were',
  );
  const apart = lines.map((packed, y) => runJob(splice(y), [packed], kernels, new JobMemory([packed])).payloads[0]);
  t.same(together, apart);
});
