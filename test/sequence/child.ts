/**
 * A run in a process of its own, to be killed or limited from outside. Its one argument is JSON; it writes a line for every
 * frame begun and done, and at the end a line of JSON with the outcome and, under `--expose-gc`, the memory that was in use.
 */
import { writeSync } from 'node:fs';
import { runSequence, type SequenceOptions } from '../../lib/sequence/index.js';
import { rename, split } from './few-filters.js';
import { fileHandles, outcome } from './support.js';

export interface ChildRequest
  extends Pick<SequenceOptions, 'inputs' | 'output' | 'inPlace' | 'skipExisting' | 'jobs' | 'frames'> {
  /** Whether frames are renamed and split, or only pass. */
  readonly split: boolean;
  readonly threads: boolean;
  /** The write to a file in front of which the process kills itself; without threads. */
  readonly dieAtWrite?: number;
}

const { split: wanted, threads, dieAtWrite, ...request } = JSON.parse(process.argv[2] ?? '') as ChildRequest;
if (dieAtWrite !== undefined) {
  const files = await fileHandles();
  const { write } = files;
  let left = dieAtWrite;
  files.write = function (...args) {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return write.apply(this, args);
  };
}
/** Most bytes that were in use after frames. */
let used = 0;
let done = 0;
function measure(): void {
  // Peaks of the process would show when the collector found time, which on a busy machine is late. The second collection frees
  // the buffers that the first one found.
  for (let round = 0; round < 2; round++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  used = Math.max(used, heapUsed + external);
}

const summary = await runSequence({
  ...request,
  steps: wanted ? [rename({ addPrefix: 'hero.' }), ...(request.inPlace ? [] : [split({ by: 'layer' })])] : [],
  filters: threads ? new URL('./few-filters.js', import.meta.url) : undefined,
  // Written at once: what is in a pipe's buffer when the process is killed would be lost.
  onEvent: ({ type }) => {
    if (type === 'frame-start' || type === 'frame-done') writeSync(1, `${type}\n`);
    if (type === 'frame-done' && globalThis.gc && ++done % 20 === 0) measure();
  },
});
writeSync(1, `${JSON.stringify({ outcome: outcome(summary), used })}\n`);
