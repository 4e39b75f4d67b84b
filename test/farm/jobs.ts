/** A job to write for engines, with what is hard about one. */
import { type FarmJob, framesPiece, type JobFile } from '../../lib/farm/job.js';

const input: JobFile = {
  key: 'Input',
  label: 'Frames',
  path: '/prod/my shot',
  type: 'folder',
  flow: 'in',
  pattern: 'lost.####.exr',
};
const donor: JobFile = { key: 'From', label: 'Donor', path: "/prod/it's.exr", type: 'file', flow: 'in' };
const output: JobFile = {
  key: 'Output',
  label: 'Results',
  path: '/prod/out',
  type: 'folder',
  flow: 'out',
  pattern: '{layer}/lost.####.exr',
};
const reports: JobFile = {
  key: 'Reports',
  label: 'Reports',
  path: '/jobs/a b/reports',
  type: 'folder',
  flow: 'out',
  pattern: '',
};

/** Frames 1 to 24, of which 3 to a task, with paths that need quotes. */
export function makeJob(changes: Partial<FarmJob> = {}): FarmJob {
  return {
    name: 'lost',
    command: "exrpipe inject-manifest --from donor.exr 'lost.####.exr' -o 'out/{layer}/lost.####.exr'",
    program: 'exrpipe',
    folder: '/jobs/a b',
    files: [input, donor, output, reports],
    reports,
    chain: ['inject-manifest', '--from', donor, '--add-prefix=a b', '-o', output],
    inputs: [input],
    outputs: [{ ...output, pattern: '*/lost.####.exr' }],
    frames: Array.from({ length: 24 }, (_, at) => at + 1),
    framesPerTask: 3,
    secondsPerTask: 10,
    resources: { threads: 2, memory: 320 << 20, timeout: 3600 },
    ...changes,
  };
}

export { framesPiece };
