/** Which images a contact sheet has: the layers of a frame, or one layer of each frame of a shot. */

import { basename } from 'node:path';
import { groupBy } from '../../../lib/format/index.js';
import { ExrError, type Header, parseFrames } from '../../../lib/index.js';
import { type Look, looksOf } from '../../../lib/look.js';
import { lookTitle } from '../../../lib/previews.js';
import { type Item, listItems } from '../../../lib/program.js';
import { holesIn } from '../input-files.js';
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
export function layerCells(header: Header, input: string, view: string | undefined): readonly Cell[] {
  const looks = looksOf(header);
  const shown = [...looks.entries()].filter(
    ([, { views }]) => view === undefined || views.some((own) => own.view === view),
  );
  if (shown.length > 0)
    return shown.map(([number, look]) => ({
      label: lookTitle(look),
      input,
      choose: (own) => inView(looksOf(own)[number] ?? look, view),
    }));
  // The error for a view that there is not names those that there are.
  if (looks[0]) inView(looks[0], view);
  throw new ExrError('unsupported', 'NOTHING_TO_SHOW', 'the file has no layer that can be shown', {
    where: { file: input },
    hint: 'Deep pixels are not shown.',
  });
}

/** An image for each frame; frames that are missing together have one in their place. */
export async function frameCells(
  inputs: readonly string[],
  range: string | undefined,
  choose: Cell['choose'],
): Promise<readonly Cell[]> {
  const frames = range === undefined ? undefined : parseFrames(range);
  const { items, missing } = await listItems(inputs, { frames, missing: 'skip', joins: false });
  const there = items.map(({ frame, view, inputs: [file] }) => {
    const path = file?.path ?? '';
    return { frame, cell: { label: labelOf(String(frame ?? basename(path)), view), input: path, choose } };
  });
  const requested = missing.map(({ view, frames: list }): Gaps => ({ view, runs: runsOf(parseFrames(list)) }));
  const gaps = (frames ? requested : holesOf(items)).flatMap(({ view, runs }) =>
    runs.map((run) => ({
      frame: Number.parseInt(run, 10),
      cell: { label: labelOf(run, view), input: undefined, choose },
    })),
  );
  return [...there, ...gaps].sort((a, b) => (a.frame ?? 0) - (b.frame ?? 0)).map(({ cell }) => cell);
}

/** Frames of a view that are missing: `5`, `7-9`. */
interface Gaps {
  readonly view: string | undefined;
  readonly runs: readonly string[];
}

/** Frames that nobody has requested, between those that are there: of each shot and view by itself. */
function holesOf(items: readonly Item[]): Gaps[] {
  const shots = groupBy(items, ({ view, inputs: [file] }) => `${file?.stem} ${view}`);
  return [...shots.values()].flatMap((shot) => {
    const frames = holesIn(new Set(shot.flatMap(({ frame }) => frame ?? [])));
    return frames === '' ? [] : [{ view: shot[0]?.view, runs: frames.split(',') }];
  });
}

/** Frames that follow each other together. */
function runsOf(frames: readonly number[]): string[] {
  const all = new Set(frames);
  const firsts = frames.filter((frame) => !all.has(frame - 1));
  return firsts.map((first) => {
    let last = first;
    while (all.has(last + 1)) last += 1;
    return first === last ? `${first}` : `${first}-${last}`;
  });
}

function labelOf(frames: string, view: string | undefined): string {
  return view === undefined ? frames : `${frames} ${view}`;
}
