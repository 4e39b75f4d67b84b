/** `--report`: a file for one run, or a folder that many runs share, each with a file of its own. */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../../lib/format/index.js';
import type { SequenceReport } from '../../lib/index.js';
import { attemptOf, taskReportName, withPlace } from '../../lib/program.js';
import { reportText } from './sequence-text.js';

/** Where the report of a run goes. */
export interface ReportFile {
  /** The frames are known. */
  begin(report: SequenceReport): void;
  /** @throws ExrError `io` */
  end(report: SequenceReport, addition?: ReportAddition): Promise<void>;
}

/** What a report has besides the run: fields of its JSON, and the same as lines for people. */
export interface ReportAddition {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

const nothing: ReportAddition = { fields: {}, lines: [] };

/** Finds out before the first frame whether the report can be written: after hours of work is a bad time. Throws `io`. */
export async function openReport(path: string): Promise<ReportFile> {
  const folder = /[\\/]$/.test(path) || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
  return folder ? openFolder(path) : openFile(path);
}

/** A table for people where the name ends in `.txt`, else JSON. */
async function openFile(path: string): Promise<ReportFile> {
  await placed(path, async () => (await open(path, 'a')).close());
  const table = (report: SequenceReport, lines: readonly string[]): string =>
    `${reportText(report)}${lines.map((line) => `${printable(line)}\n`).join('')}`;
  const text = (report: SequenceReport, { fields, lines }: ReportAddition): string =>
    /\.txt$/i.test(path) ? table(report, lines) : json({ ...report, ...fields });
  return {
    begin: () => {},
    end: (report, addition = nothing) => placed(path, () => writeFile(path, text(report, addition))),
  };
}

/** A file for every attempt, from its beginning on: one that is killed leaves what it was about to do. */
async function openFolder(folder: string): Promise<ReportFile> {
  await placed(folder, () => mkdir(folder, { recursive: true }));
  const attempt = attemptOf(process.env);
  const text = (report: SequenceReport): string => json({ ...report, ...(attempt && { attempt }) });
  let path = '';
  return {
    begin: (report) => {
      path = firstFree(folder, report.planned);
      writeFileSync(path, text(report));
    },
    end: (report, { fields } = nothing) =>
      placed(path, async () => (path === '' ? undefined : writeFile(path, text({ ...report, ...fields })))),
  };
}

/** Tasks on many machines may look at once, so the file is made in the same step. */
function firstFree(folder: string, frames: string): string {
  for (let attempt = 1; ; attempt++) {
    const path = join(folder, taskReportName(frames, attempt));
    try {
      closeSync(openSync(path, 'wx'));
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
        throw withPlace(error, { file: path });
    }
  }
}

function json(report: object): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

async function placed<Result>(file: string, action: () => Promise<Result>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw withPlace(error, { file });
  }
}
