import { printable } from '../../lib/format/index.js';
import type { ReportPage } from './model.js';

const fixed = ['kind', 'frame', 'state', 'status', 'code', 'message', 'affects', 'fix', 'file'];

/**
 * A report as comma-separated values (RFC 4180): a row for each frame, and one for each remark with the frames that it is made of.
 */
export function csvReport({ columns, frames, remarks }: ReportPage): string {
  const rows = [
    [...fixed, ...columns],
    ...frames.map(({ name, state, status, file, cells }) => [
      'frame',
      name,
      state,
      status,
      '',
      '',
      '',
      '',
      file,
      ...cells,
    ]),
    ...remarks.flatMap(({ level, code, affects, remedy, command, said }) =>
      said.map(({ text, where }) => ['remark', where, level, '', code, text, affects, command ?? remedy ?? '', '']),
    ),
  ];
  const width = fixed.length + columns.length;
  return rows.map((row) => `${[...row, ...Array(width - row.length).fill('')].map(cell).join(',')}\r\n`).join('');
}

/** Spreadsheets take what begins like a formula for one, also in text from a file that a stranger made. */
function cell(text: string): string {
  const shown = printable(text);
  const safe = /^[=+\-@]/.test(shown) && !/^[+-]?\d+([-,.]\d+)*$/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
