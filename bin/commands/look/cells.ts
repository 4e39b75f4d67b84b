/** Which images a contact sheet has: the layers of a frame, or one layer of each frame of a shot. */

import { basename } from 'node:path';
import { ExrError, type Header, type Limits, parseFrames } from '../../../lib/index.js';
import { type Look, looksOf } from '../../../lib/look.js';
import { listItems } from '../../../lib/program.js';
import { withInput } from './open.js';
import { inView } from './options.js';

/** One image of a sheet. */
export interface Cell {
  readonly label: string;
  /** Undefined for a frame that is missing. */
  readonly input: string | undefined;
  /** Which look of the file. */
  readonly choose: (header: Header) => Look;
}

/** Everything in a file that can be shown, or what one of its views has. */
export async function layerCells(
  input: string,
  view: string | undefined,
  limits: Partial<Limits> | undefined,
): Promise<readonly Cell[]> {
  const looks = await withInput(input, limits, async ({ header }) => looksOf(header));
  const shown = [...looks.entries()].filter(
    ([, { views }]) => view === undefined || views.some((own) => own.view === view),
  );
  if (shown.length > 0)
    return shown.map(([number, look]) => ({
      label: look.layer === '' ? rootLabel(look) : look.layer,
      input,
      choose: (header) => inView(looksOf(header)[number] ?? look, view),
    }));
  // The error for a view that there is not names those that there are.
  if (looks[0]) inView(looks[0], view);
  throw new ExrError('unsupported', 'NOTHING_TO_SHOW', 'the file has no layer that can be shown', {
    where: { file: input },
    hint: 'Deep pixels are not shown.',
  });
}

/** The layer without a name is called by its channels: `RGBA`, `Y`. */
function rootLabel({ views: [first] }: Look): string {
  return (first?.channels ?? []).map(({ name }) => name.slice(name.lastIndexOf('.') + 1)).join('');
}

/** An image for each frame, those that are missing among them. */
export async function frameCells(
  inputs: readonly string[],
  range: string | undefined,
  choose: Cell['choose'],
): Promise<readonly Cell[]> {
  const frames = range === undefined ? undefined : parseFrames(range);
  const { items, missing } = await listItems(inputs, { frames, missing: 'skip', joins: false });
  const there = items.map(({ frame, view, inputs: [file] }) => {
    const path = file?.path ?? '';
    return { frame, cell: { label: labelOf(frame ?? basename(path), view), input: path, choose } };
  });
  const gone = missing.flatMap(({ frames: list, view }) =>
    parseFrames(list).map((frame) => ({
      frame,
      cell: { label: labelOf(frame, view), input: undefined, choose },
    })),
  );
  return [...there, ...gone].sort((a, b) => (a.frame ?? 0) - (b.frame ?? 0)).map(({ cell }) => cell);
}

function labelOf(frame: number | string, view: string | undefined): string {
  return view === undefined ? String(frame) : `${frame} ${view}`;
}
