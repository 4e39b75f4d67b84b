/** What masks are made from. */

import type { ExrDocument, Part } from '../../../lib/index.js';
import type { ViewLook } from '../../../lib/look.js';
import type { Frame } from '../../../lib/previews.js';
import type { BandOptions } from '../../../lib/program.js';

/** One view of a Cryptomatte, and the texts of the PNGs that are made from it. */
export interface MatteSource {
  readonly document: ExrDocument;
  readonly view: ViewLook;
  /** That of the view, whose windows count. */
  readonly part: Part;
  readonly text: ReadonlyMap<string, string>;
  readonly options: BandOptions & { readonly signal: AbortSignal };
}

/** The display window, a pixel for each of its own. */
export function ownFrame({ displayWindow: { xMin, yMin, xMax, yMax } }: Part): Frame {
  const [width, height] = [xMax - xMin + 1, yMax - yMin + 1];
  return { x: xMin, y: yMin, width, height, columns: width, rows: height };
}
