/** `exrpipe farm-task`: the frames of one task of a job, for engines that give each task nothing but its number. */

import { cutFrames, formatFrames, type OptionSpecs, parseFrames } from '../../lib/index.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { dispatch } from './dispatch.js';

const options = {
  frames: { ...sequenceOptions.frames, required: true, summary: 'all frames of the job, such as 1-100,120-200x2' },
  zeroBased: { type: 'flag', summary: 'tasks are numbered from 0 to N-1, not from 1 to N' },
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'farm-task',
  summary: 'Run a command line on the frames of one task of a farm',
  description: [
    "Cuts the job's frames into N chunks of consecutive frames and runs the command line after -- with --frames and the chunk of task K: a chain, or the commands run, validate, info and others that take --frames. Every task makes the same cut from the same frames and N, whatever files exist. Chunks differ by one frame at most; with fewer frames than tasks, the last tasks have none, and end with exit code 0.",
    "Without a command line it prints the task's frames.",
    'docs/sequences.md lists what a farm can rely on: exit codes, signals, and which tasks may run again.',
  ].join('\n\n'),
  usage: 'K/N --frames RANGE [-- FILTER… INPUT… -o OUTPUT]',
  examples: [
    {
      command: `farm-task "$SLURM_ARRAY_TASK_ID/40" --frames 1-240 -- repair 'shot.####.exr' -o out/ --skip-existing`,
      what: 'one of the 40 tasks of a job array, numbered from 1',
    },
    {
      command: `farm-task "$AWS_BATCH_JOB_ARRAY_INDEX/40" --zero-based --frames 1-240 -- run deliver.yaml`,
      what: 'a pipeline file, in a job array that is numbered from 0',
    },
    { command: 'farm-task 3/40 --frames 1-240', what: 'which frames are these: 13-18' },
  ],
  options,
  wraps: true,
  async run(words, { reporter, signal }, commands) {
    const at = words.indexOf('--');
    const { named, bare } = splitWords(at < 0 ? words : words.slice(0, at), options, 'farm-task');
    const [task, stray] = bare;
    if (task === undefined)
      throw usageError('farm-task: the number of the task is missing', 'Write "exrpipe farm-task K/N", such as 3/40.');
    if (stray !== undefined)
      throw usageError(`farm-task: unexpected "${stray}"`, 'Put the command line for the frames after two dashes: --');
    const { frames, zeroBased } = checkValues(options, optionValues(named, options, 'farm-task'), 'farm-task');
    const { index, count } = readTask(task, zeroBased);
    const own = formatFrames(cutFrames(parseFrames(frames), count)[index] ?? []);
    const [first, ...rest] = at < 0 ? [] : words.slice(at + 1);
    if (own === '') reporter.line(`note: task ${task} has no frames: there are more tasks than frames`);
    if (first === undefined) await writeStdout(own === '' ? '' : `${own}\n`);
    else if (own !== '') return dispatch([first, `--frames=${own}`, ...rest], { reporter, signal }, commands);
    return exitCodes.ok;
  },
};

/** A feature film has some 200,000 frames; no engine has more tasks. */
const mostTasks = 1_000_000;

/** Which of how many tasks `K/N` is, from 0. Throws `usage`. */
function readTask(text: string, zeroBased: boolean): { readonly index: number; readonly count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (!match)
    throw usageError(
      `farm-task: "${text}" is not the number of a task`,
      'Write K/N, such as 3/40 for the third of 40.',
    );
  const [number, count] = [Number(match[1]), Number(match[2])];
  if (count < 1 || count > mostTasks) throw usageError(`farm-task: a job cannot have ${match[2]} tasks`);
  const index = zeroBased ? number : number - 1;
  if (index < 0 || index >= count)
    throw usageError(
      `farm-task: there is no task ${match[1]} of ${count}`,
      zeroBased ? `With --zero-based they are numbered from 0 to ${count - 1}.` : startsAtZero(number, count),
    );
  return { index, count };
}

function startsAtZero(number: number, count: number): string {
  const range = `Tasks are numbered from 1 to ${count}`;
  return number === 0 ? `${range}; --zero-based is for engines that begin with 0.` : `${range}.`;
}
