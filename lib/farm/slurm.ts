/**
 * Job arrays of SLURM: a script for each of the three jobs, and one that submits them. `sbatch(1)`, and tried on 22.05
 * (`npm run check:farms`).
 */
import { shellWord } from '../cryptomatte/rules/advice.js';
import { formatFrames } from '../sequence/frames.js';
import type { FarmEngine, FarmJob, JobText, JobWord } from './job.js';
import { cannot, checkWords, fullPath, numberedTaskWords, reportWords, spellWords, taskCount } from './words.js';

/** MaxArraySize is 1001 where nobody has changed it, and the largest index must be below. */
const mostTasks = 1000;

/** Seconds before SLURM ends a task at which it warns exrpipe, which needs ten. */
const notice = 30;

export const slurm: FarmEngine = {
  name: 'slurm',
  summary: 'job scripts for SLURM: an array, a check after it, and a report',
  emit(job) {
    const check = checkWords(job);
    const files: JobText[] = [
      script('frames.sh', job, frameLines(job)),
      ...(check ? [script('check.sh', job, singleLines(job, 'check', check))] : []),
      script('report.sh', job, singleLines(job, 'report', reportWords(job))),
      script('submit.sh', job, submitLines(job, check !== undefined)),
    ];
    const capped =
      taskCount(job) > mostTasks
        ? [`# ${mostTasks} tasks, since an array has no more unless MaxArraySize is raised`]
        : [];
    return { files, folders: ['logs'], next: [...capped, shellWord(`${job.folder}/submit.sh`)] };
  },
};

function script(name: string, { command }: FarmJob, lines: readonly string[]): JobText {
  const told = command.split('\n').map((line) => `# ${line}`);
  const head = [
    '#!/bin/sh',
    '# Written by "exrpipe farm slurm". The same as this command, in tasks of some frames each:',
    ...told,
  ];
  return { name, text: `${[...head, ...lines].join('\n')}\n`, executable: true };
}

/** Options that sbatch reads from a script: it takes a line as shells do, with quotes. */
function directives(options: readonly (readonly [string, string?])[]): string[] {
  return options.map(([name, value]) => `#SBATCH --${name}${value === undefined ? '' : `=${shellWord(value)}`}`);
}

function resources({ resources: { threads, memory, timeout } }: FarmJob): (readonly [string, string])[] {
  return [
    ['nodes', '1'],
    ['ntasks', '1'],
    ['cpus-per-task', String(threads)],
    ['mem', `${Math.ceil(memory / (1 << 20))}M`],
    ['time', String(Math.ceil(timeout / 60))],
  ];
}

/** A file name in which SLURM replaces nothing but what is meant: `%` begins its marks, and cannot always be doubled. */
function logFile({ folder }: FarmJob, name: string): string {
  if (folder.includes('%') || folder.includes('\\'))
    throw cannot('slurm', `the folder of the job cannot have % or \\ in its name: ${folder}`, 'Choose another folder.');
  return `${folder}/logs/${name}`;
}

function frameLines(job: FarmJob): string[] {
  const count = Math.min(taskCount(job), mostTasks);
  const words = numberedTaskWords(job);
  const task = [
    'farm-task',
    `"$SLURM_ARRAY_TASK_ID/${count}"`,
    '--frames',
    shellWord(allFrames(job)),
    '--',
    ...spelled(words),
  ];
  return [
    ...directives([
      ['job-name', job.name],
      ['array', `1-${count}`],
      ...resources(job),
      ['requeue'],
      ['open-mode', 'append'],
      ['signal', `B:TERM@${notice}`],
      ['output', logFile(job, 'frames-%A_%a.log')],
    ]),
    '',
    // The shell makes way for exrpipe, so that signals reach it.
    `exec ${[shellWord(job.program), ...task].join(' ')}`,
  ];
}

function singleLines(job: FarmJob, name: string, words: readonly JobWord[]): string[] {
  return [
    ...directives([
      ['job-name', `${job.name}: ${name}`],
      ...resources(job),
      ['requeue'],
      ['open-mode', 'append'],
      ['output', logFile(job, `${name}-%j.log`)],
    ]),
    '',
    `exec ${[shellWord(job.program), ...spelled(words, shellWord(allFrames(job)))].join(' ')}`,
  ];
}

function spelled(words: readonly JobWord[], frames = ''): string[] {
  return spellWords(words, { text: shellWord, file: (file) => shellWord(fullPath(file)), frames });
}

function allFrames({ frames }: FarmJob): string {
  return formatFrames(frames);
}

/** The number of a job that sbatch gave: on a federation of clusters a name follows. */
function number(variable: string): string {
  return `\${${variable}%%;*}`;
}

/** What is given to the script goes to each sbatch: a partition, an account. */
function submitLines({ folder }: FarmJob, checks: boolean): string[] {
  const file = (name: string): string => shellWord(`${folder}/${name}`);
  return [
    '# Run it again to do what is not there yet. Its arguments are given to sbatch: ./submit.sh --partition=render',
    'set -eu',
    `frames=$(sbatch --parsable "$@" ${file('frames.sh')})`,
    `frames=${number('frames')}`,
    ...(checks
      ? [
          `check=$(sbatch --parsable --dependency="afterok:$frames" --kill-on-invalid-dep=yes "$@" ${file('check.sh')})`,
          `check=${number('check')}`,
        ]
      : []),
    `report=$(sbatch --parsable --dependency="afterany:$frames" "$@" ${file('report.sh')})`,
    `echo "frames: $frames${checks ? ', check: $check' : ''}, report: ${number('report')}; logs are in "${file('logs')}`,
  ];
}
