/**
 * Jobs of Thinkbox Deadline 10 as its command-line submission takes them: a job-info and a plugin-info file of the CommandLine
 * plug-in for each of three jobs ("Manual Job Submission" and "CommandLine" of its manual). Deadline cannot be had for trials.
 */
import { formatFrames } from '../sequence/frames.js';
import type { FarmEngine, FarmJob, JobFile, JobText, JobWord } from './job.js';
import { cannot, checkWords, fullPath, numberedTaskWords, reportWords, spellWords, taskCount } from './words.js';

export const deadline: FarmEngine = {
  name: 'deadline',
  summary: 'job files for Thinkbox Deadline 10',
  emit(job) {
    const check = checkWords(job);
    const count = taskCount(job);
    const words = numberedTaskWords(job);
    const frames = formatFrames(job.frames);
    // Deadline's frames are numbers of tasks: chunks of frames with steps would run the frames in between as well.
    const task = ['farm-task', `<STARTFRAME>/${count}`, '--frames', frames, '--', ...words];
    const files = [
      ...jobFiles(job, 'frames', task, count),
      ...(check ? jobFiles(job, 'check', check, 1) : []),
      ...jobFiles(job, 'report', reportWords(job), 1),
    ];
    return { files, next: nextSteps(job, check !== undefined) };
  },
};

/** Each job waits for the one before; its number is known only when that is submitted. */
function nextSteps({ folder }: FarmJob, checks: boolean): string[] {
  return ['frames', ...(checks ? ['check'] : []), 'report'].map(
    (name, at) =>
      `deadlinecommand "${folder}/${name}.job" "${folder}/${name}.plugin"${at === 0 ? '' : `   (first add JobDependencies=ID of the one before to ${name}.job)`}`,
  );
}

function jobFiles(job: FarmJob, name: string, words: readonly JobWord[], count: number): JobText[] {
  const file = (one: JobFile): string => quote(fullPath(one));
  const all = spellWords(words, { text: quote, file, frames: quote(formatFrames(job.frames)) });
  const info = {
    Name: `${job.name}: ${name}`,
    Comment: 'written by exrpipe farm deadline',
    Plugin: 'CommandLine',
    Frames: `1-${count}`,
    ChunkSize: '1',
    TaskTimeoutMinutes: String(Math.ceil(job.resources.timeout / 60)),
    OnTaskTimeout: 'ErrorAndNotify',
  };
  const plugin = {
    Executable: job.program,
    Arguments: all.join(' '),
    Shell: 'default',
    ShellExecute: 'False',
    SingleFramesOnly: 'False',
  };
  return [
    { name: `${name}.job`, text: settings(info) },
    { name: `${name}.plugin`, text: settings(plugin) },
  ];
}

function settings(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      if (/[\r\n]/.test(value)) throw cannot('deadline', `a value cannot have more than one line: ${key}`);
      return `${key}=${value}\n`;
    })
    .join('');
}

/** A word in double quotes where it needs them, as Windows programs and Mono take arguments apart. */
function quote(word: string): string {
  if (/<(?:QUOTE|STARTFRAME|ENDFRAME|AUXFILE\w*)/i.test(word) && !/^<STARTFRAME>\/\d+$/.test(word))
    throw cannot('deadline', `"${word}" has a mark that Deadline replaces`);
  if (word !== '' && !/[\s"]/.test(word)) return word;
  return `"${word.replace(/(\\*)("|$)/g, (_, slashes: string, end: string) => `${slashes}${slashes}${end && '\\"'}`)}"`;
}
