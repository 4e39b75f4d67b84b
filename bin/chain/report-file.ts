/** `--report`: a file for one run, or a folder that many runs share, each with a file of its own. */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SequenceReport } from '../../lib/index.js';
import { attemptOf, taskReportName, withPlace } from '../../lib/program.js';
import type { ReportPage } from '../report/model.js';

/** Where the report of a run goes. */
export interface ReportFile {
  /** The frames are known. */
  begin(report: SequenceReport): void;
  /** @throws ExrError `io` */
  end(report: SequenceReport, addition?: ReportAddition): Promise<void>;
}

/** Makes the page of a run, with images where the form shows them. */
export type PageOfRun = (report: SequenceReport, images: boolean) => Promise<ReportPage>;

/** What a report has besides the run: fields of its JSON, and the same as lines for people. */
export interface ReportAddition {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

const nothing: ReportAddition = { fields: {}, lines: [] };

/** Finds out before the first frame whether the report can be written: after hours of work is a bad time. Throws `io`. */
export async function openReport(path: string, pageOf: PageOfRun): Promise<ReportFile> {
  const folder = /[\\/]$/.test(path) || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
  return folder ? openFolder(path) : openFile(path, pageOf);
}

/** In the form of its ending. What writes reports is loaded only for those who want one. */
async function openFile(path: string, pageOf: PageOfRun): Promise<ReportFile> {
  const { checkReport, writeReport } = await import('../report/write.js');
  const form = await checkReport(path);
  return {
    begin: () => {},
    end: (report, { fields, lines } = nothing) =>
      writeReport(path, form, {
        page: async () => {
          const page = await pageOf(report, form === 'html');
          return { ...page, summary: [...page.summary, ...lines] };
        },
        json: () => ({ ...report, ...fields }),
      }),
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

/** On one line: a farm has a thousand of these, and none is read by people. */
function json(report: object): string {
  return `${JSON.stringify(report)}\n`;
}

async function placed<Result>(file: string, action: () => Promise<Result>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw withPlace(error, { file });
  }
}
