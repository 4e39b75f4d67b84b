/** `exrpipe farm-report`: what became of a job, from the reports that its tasks have left. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brief, printable } from '../../lib/format/index.js';
import { ExrError, type OptionSpecs, parseFrames } from '../../lib/index.js';
import {
  gatherReports,
  isTaskReport,
  type JobReport,
  parseTaskReport,
  type TaskReport,
  withPlace,
} from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { timeText } from '../terminal/units.js';
import { helpOption } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const options = {
  frames: {
    ...sequenceOptions.frames,
    summary: 'all frames of the job, such as 1-100,120-200x2 (default: those reported)',
  },
  json: { type: 'flag', summary: 'print one line of JSON (docs/json.md)' },
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'farm-report',
  summary: 'Report the results of a job on a farm',
  description: [
    'Reads what the tasks of a job have left in a folder (--report FOLDER/ of a chain), attempt by attempt, and reports frames that are done, failed, missing or unaccounted for, attempts that were killed, tasks that the engine has restarted, and frames that ran twice.',
    'The exit code is 0 when all frames are done, 3 when some are, and 1 when none is.',
  ].join('\n\n'),
  usage: 'FOLDER [--frames RANGE]',
  examples: [
    { command: 'farm-report jobs/shot/reports --frames 1-240', what: 'after a job' },
    { command: 'farm-report jobs/shot/reports --json | jq .failed', what: 'for programs' },
  ],
  options,
  async run(words) {
    const { values, bare } = readWords(words, options, 'farm-report');
    const { frames, json } = values;
    const [folder, stray] = bare;
    if (folder === undefined) throw usageError('farm-report: name the folder with the reports of the job');
    if (stray !== undefined) throw usageError(`farm-report: unexpected "${stray}"`);
    const reports = await readReports(folder);
    const wanted = frames === undefined ? reportedFrames(reports) : parseFrames(frames);
    const report = gatherReports(
      reports,
      [...wanted].sort((a, b) => a - b),
    );
    await writeStdout(json ? jsonLine(report) : `${lines(report).join('\n')}\n`);
    if (report.done === report.total) return exitCodes.ok;
    return report.done === 0 ? exitCodes.failed : exitCodes.someFailed;
  },
};

async function readReports(folder: string): Promise<TaskReport[]> {
  const names = await readdir(folder).catch((error) => {
    throw withPlace(error, { file: folder });
  });
  const reports: TaskReport[] = [];
  for (const name of names.filter(isTaskReport)) {
    const path = join(folder, name);
    try {
      const report = parseTaskReport(await readFile(path, 'utf8'));
      if (report) reports.push(fates(report));
    } catch (error) {
      throw withPlace(error, { file: path });
    }
  }
  if (reports.length > 0) return reports;
  throw new ExrError('usage', 'NO_REPORTS', 'no task has left a report here', { where: { file: folder } });
}

/** Without what is not asked here, which for a long shot is hundreds of megabytes. */
function fates({ frames, ...report }: TaskReport): TaskReport {
  return { ...report, frames: frames.map((frame) => ({ ...frame, ...unasked })) };
}

const unasked = { inputs: [], files: [], parts: [], notices: [] };

function reportedFrames(reports: readonly TaskReport[]): number[] {
  const frames = reports.flatMap(({ planned, missing }) => [planned, ...missing.map((one) => one.frames)]);
  return [...new Set(frames.flatMap((text) => (text === '' ? [] : parseFrames(text))))];
}

function lines(report: JobReport): string[] {
  const { total, done, failed, missing, unknown, attempts, unfinished, restarted, twice, milliseconds } = report;
  const list = (what: string, frames: string): string[] => (frames === '' ? [] : [`${what}: ${frames}`]);
  return [
    `${done} of ${total} frames done, ${attempts} ${attempts === 1 ? 'task' : 'tasks'} run, ${timeText(milliseconds)} of work`,
    ...failed.map(({ frame, error }) =>
      printable(brief(`failed: frame ${frame}: ${error === undefined ? '' : errorLine(error)}`)),
    ),
    ...list('missing', missing),
    ...list('unknown (not run, killed, or still running)', unknown),
    ...unfinished.map(
      ({ frames, attempt }) =>
        `ended without a report: frames ${frames}${attempt ? ` (${attempt.engine} ${attempt.job}_${attempt.task})` : ''}`,
    ),
    ...restarted.map(
      ({ engine, job, task, restarts }) =>
        `started again by ${engine}: task ${job}${task === '' ? '' : `_${task}`}, ${restarts === 1 ? 'once' : `${restarts} times`}`,
    ),
    ...list('ran twice', twice),
  ];
}

function errorLine({ where, message }: NonNullable<JobReport['failed'][number]['error']>): string {
  return `${where.file === undefined ? '' : `${where.file}: `}${message}`;
}
