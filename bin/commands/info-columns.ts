/** Tables whose columns are made of items. */

import { displayWidth } from '../../lib/format/index.js';
import { alignColumns, fitColumns } from '../terminal/table.js';

export interface Column<Item> {
  readonly title: string;
  readonly text: (item: Item) => string;
  readonly cuttable?: boolean;
  /** Set to the right, as numbers are. */
  readonly right?: boolean;
}

export function table<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  width: number | undefined,
): string[] {
  const cells = columns.map(({ title, text, right }) => {
    const own = [title, ...items.map(text)];
    const widest = Math.max(...own.map(displayWidth));
    return right ? own.map((cell) => ' '.repeat(widest - displayWidth(cell)) + cell) : own;
  });
  const rows = ['title', ...items].map((_, row) => cells.map((own) => own[row] ?? ''));
  const cuttable = columns.flatMap((column, number) => (column.cuttable ? [number] : []));
  const indent = '  ';
  const fitted = width === undefined ? rows : fitColumns(rows, cuttable, width - indent.length);
  return alignColumns(fitted, indent);
}
