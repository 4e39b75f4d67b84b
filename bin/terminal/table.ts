import { displayWidth, printable, shortened } from '../../lib/format/index.js';

/** Rows of text, in letters that a terminal may see, with columns of equal width; the last column is as wide as it needs to be. */
export function alignColumns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const shown = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of shown)
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  return shown.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))));
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

/** Letters that a cell keeps, however narrow the terminal is. */
const leastLetters = 12;

/** Rows of which the cells of some columns are cut in the middle until a line fits into so many letters, as far as they can be. */
export function fitColumns(
  texts: readonly (readonly string[])[],
  cuttable: readonly number[],
  width: number,
): readonly (readonly string[])[] {
  const rows = texts.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  let excess = widths.reduce((sum, own) => sum + own, 2 * (widths.length - 1)) - width;
  while (excess > 0) {
    // The widest gives, down to the next one.
    const [widest, next] = cuttable.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    const own = widest === undefined ? 0 : (widths[widest] ?? 0);
    if (widest === undefined || own <= leastLetters) break;
    const floor = Math.max(leastLetters, next === undefined ? 0 : Math.min(own - 1, widths[next] ?? 0));
    const given = Math.min(excess, own - floor);
    widths[widest] = own - given;
    excess -= given;
  }
  const cut = new Set(cuttable);
  return rows.map((row) => row.map((cell, column) => (cut.has(column) ? shortened(cell, widths[column] ?? 0) : cell)));
}

/** Letters in a line of the terminal that stdout is; undefined where it is none. */
export function terminalWidth(
  stdout: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  { COLUMNS }: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  if (!stdout.isTTY) return undefined;
  const width = Number(COLUMNS) || stdout.columns;
  return width !== undefined && width > 0 ? width : undefined;
}

/** Letters in a line where text must be cut or wrapped somewhere. Terminals that do not know their width report 0. */
export function lineWidth({ columns }: { readonly columns?: number | undefined }): number {
  return columns || 80;
}
