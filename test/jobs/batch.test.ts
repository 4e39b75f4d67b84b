/** Several jobs in one: their payloads may share a buffer, which must last until all of them are done. */
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import type { BatchJob, SpliceJob } from '../../lib/jobs/job.js';
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
  const shared = Buffer.concat(lines);
  const buffer = new Uint8Array(shared).buffer;
  t.ok(buffer.byteLength > 1 << 19, 'large enough to be released');
  const payloads = lines.map(({ length }, y) => {
    const start = lines.slice(0, y).reduce((sum, before) => sum + before.length, 0);
    return new Uint8Array(buffer, start, length);
  });
  const batch: BatchJob = { kind: 'batch', jobs: lines.map((_, y) => ({ job: splice(y), place: {} })) };
  const together = runJob(batch, payloads, kernels).payloads;
  t.equal(buffer.byteLength, shared.length, 'the buffer is still there');
  const apart = lines.map((packed, y) => runJob(splice(y), [packed], kernels).payloads[0]);
  t.same(together, apart);
  t.ok(
    lines.every(({ length }) => length === 0),
    'which are released when they are alone',
  );
});
