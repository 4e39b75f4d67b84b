/** Report files: their forms by their endings. */
import { open, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { ExrError } from '../../lib/index.js';
import { withPlace } from '../../lib/program.js';
import { csvReport } from './csv.js';
import { htmlReport } from './html.js';
import type { ReportPage } from './model.js';
import { textReport } from './text.js';

export type ReportForm = 'html' | 'csv' | 'txt' | 'json';

const endings: Readonly<Record<string, ReportForm>> = {
  '.html': 'html',
  '.htm': 'html',
  '.csv': 'csv',
  '.txt': 'txt',
  '.json': 'json',
};

/**
 * How a report of this name is written. After hours of work is a bad time to find out that it cannot be: throws `usage` for an ending
 * that stands for nothing, and `io` where the file cannot be written. What is no file (a pipe, `/dev/stdout`) gets JSON.
 */
export async function checkReport(path: string): Promise<ReportForm> {
  const form = endings[extname(path).toLowerCase()] ?? (await formOfDevice(path));
  try {
    if (form !== 'json' || (await isFileOrNothing(path))) await (await open(path, 'a')).close();
    return form;
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function formOfDevice(path: string): Promise<ReportForm> {
  if (!(await isFileOrNothing(path))) return 'json';
  const ending = extname(path);
  throw new ExrError(
    'usage',
    'UNKNOWN_REPORT',
    ending === '' ? 'the name of the report has no ending' : `there is no report of the kind "${ending}"`,
    { where: { file: path }, hint: 'Let it end in .html, .csv, .txt or .json.' },
  );
}

async function isFileOrNothing(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || found.isFile() || found.isDirectory();
}

/** Writes a report; the page is only made for forms that show it. */
export async function writeReport(
  path: string,
  form: ReportForm,
  { page, json }: { readonly page: () => Promise<ReportPage>; readonly json: () => object },
): Promise<void> {
  const text = form === 'json' ? `${JSON.stringify(json(), undefined, 2)}\n` : inForm(await page(), form);
  try {
    await writeFile(path, text);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

function inForm(page: ReportPage, form: Exclude<ReportForm, 'json'>): string {
  if (form === 'html') return htmlReport(page);
  return form === 'csv' ? csvReport(page) : textReport(page);
}
