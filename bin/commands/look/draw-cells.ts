/** Draws the images of a contact sheet. */

import { groupBy } from '../../../lib/format/index.js';
import { type Header, isExrError } from '../../../lib/index.js';
import type { Look, PreviewOptions, Size } from '../../../lib/look.js';
import { drawLooks, previewSize, type Sheet, sizePerView } from '../../../lib/previews.js';
import { isAbort, withPlace } from '../../../lib/program.js';
import type { Session } from '../../terminal/session.js';
import type { Cell } from './cells.js';
import { withInput } from './open.js';

/** Gives the number of images that are missing or broken. */
export async function drawCells(
  sheet: Sheet,
  cells: readonly Cell[],
  settings: CellSettings,
  { signal, reporter }: Session,
): Promise<number> {
  let failed = 0;
  for (const [input, own] of groupBy([...cells.entries()], ([, cell]) => cell.input)) {
    signal.throwIfAborted();
    const found = input === undefined ? undefined : await drawFile(sheet, input, own, settings, reporter);
    for (const [number, [at, { label }]] of own.entries()) {
      const trouble = found ? found[number] : 'missing';
      if (trouble === undefined) continue;
      failed += 1;
      sheet.strike(at, `${label} ${trouble}`);
    }
  }
  return failed;
}

type CellSettings = PreviewOptions & { readonly size: Size };

/** Draws the images of one file; gives what is wrong with each. */
async function drawFile(
  sheet: Sheet,
  input: string,
  cells: readonly (readonly [number, Cell])[],
  settings: CellSettings,
  reporter: Session['reporter'],
): Promise<readonly (string | undefined)[]> {
  try {
    return await withInput(input, settings.limits, async (document) => {
      const { header, source } = document;
      const images = cells.map(([at, { label, choose }]) => {
        sheet.label(at, label);
        const look = choose(header);
        return { at, look, ...imageSize(header, look, settings.size) };
      });
      const looks = images.map(({ look }) => look);
      const failures = await drawLooks(document, looks, settings, ({ look, line, ...place }) => {
        const image = images[look];
        if (image) sheet.paste(image.at, image, place, line);
      });
      for (const error of new Set(failures.values())) reporter.error(withPlace(error, { file: input }));
      if (source.missing.length > 0) {
        const message = `${input}: the file is unfinished, and empty where chunks are missing`;
        reporter.notice({ level: 'warning', code: 'CHUNKS_MISSING', message });
      }
      const usual = source.missing.length > 0 ? 'unfinished' : undefined;
      return looks.map((_, number) => (failures.has(number) ? 'broken' : usual));
    });
  } catch (error) {
    if (isAbort(error) || settings.signal?.aborted) throw error;
    reporter.error(error);
    const trouble = isExrError(error) && error.kind === 'usage' ? 'lacks it' : 'broken';
    return cells.map(() => trouble);
  }
}

/** Pixels of the image of a look, whose views stand side by side. */
export function imageSize(header: Header, look: Look, size: Size): ReturnType<typeof previewSize> {
  return previewSize(header, look, { window: 'display', size: sizePerView(size, look.views.length) });
}
