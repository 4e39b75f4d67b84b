/** A map of IDs: a PNG in which each pixel has the number of the name that covers most of it, and a legend in JSON. */

import { bitsToHex } from '../../../lib/cryptomatte/index.js';
import { ExrError, type Samples } from '../../../lib/index.js';
import { hexColour, idColour } from '../../../lib/look.js';
import { idBits, Majority, PngWriter } from '../../../lib/previews.js';
import { fullResolution, readBands } from '../../../lib/program.js';
import { type MatteSource, ownFrame } from './matte-source.js';
import { writeWhole } from './write-whole.js';

/** One name of the legend. */
interface Entry {
  /** Its number in the map; 0 is nothing. */
  readonly index: number;
  readonly name: string;
  readonly id: string;
  readonly colour: string;
  /** Pixels that have it. */
  area: number;
  /** The smallest box around them, both corners in it; undefined where there are none. */
  box: { xMin: number; yMin: number; xMax: number; yMax: number } | undefined;
}

/**
 * Writes the map to `path`, and the legend beside it with the ending `.json`. Numbers are places in the sorted list of names, so that
 * they are the same in all frames that have the same names; up to 255 names are a palette of 8 bits, more are grey of 16.
 */
export async function writeIdMap(
  { document, view, part, text, options }: MatteSource,
  names: readonly (readonly [string, number])[],
  path: string,
): Promise<void> {
  if (names.length > 65_535)
    throw new ExrError('unsupported', 'TOO_MANY_NAMES', `${names.length} names do not fit into a map of 16 bits`, {
      hint: 'Choose some with --name.',
    });
  const entries = names.map(
    ([name, bits], at): Entry => ({
      index: at + 1,
      name,
      id: bitsToHex(bits),
      colour: hexColour(idColour(bits)),
      area: 0,
      box: undefined,
    }),
  );
  const byId = new Map(names.map(([, bits], at) => [bits, entries[at] as Entry]));
  const frame = ownFrame(part);
  const depth = names.length > 255 ? 16 : 8;
  const palette = Uint8Array.from([0, 0, 0, ...names.flatMap(([, bits]) => idColour(bits))]);
  const format = { width: frame.columns, height: frame.rows, channels: 1, depth, srgb: false, text } as const;
  const pairs = Array.from({ length: view.channels.length / 2 }, (_, at) => ({ id: at * 2, coverage: at * 2 + 1 }));
  await writeWhole(path, options.signal, async (sink) => {
    const png = new PngWriter({ ...format, ...(depth === 8 && { palette }) }, (bytes) => sink.write(bytes));
    const rows = new Majority(frame, pairs, idBits);
    const line = new Uint8Array((frame.columns * depth) / 8);
    let y = frame.y;
    const write = async ([ids]: readonly Samples[]): Promise<void> => {
      for (let column = 0; column < frame.columns; column++) {
        const entry = byId.get(ids?.[column] ?? 0);
        const index = entry?.index ?? 0;
        if (entry) count(entry, frame.x + column, y);
        if (depth === 8) line[column] = index;
        else line.set([index >> 8, index & 0xff], column * 2);
      }
      y += 1;
      await png.line(line);
    };
    try {
      for await (const band of readBands(document, part, view.channels, fullResolution, options))
        for (const planes of rows.add(band)) await write(planes);
      for (const planes of rows.end()) await write(planes);
      await png.end();
    } catch (error) {
      await png.abort();
      throw error;
    }
  });
  const legend = { width: frame.columns, height: frame.rows, x: frame.x, y: frame.y, names: entries };
  const bytes = new TextEncoder().encode(`${JSON.stringify(legend, undefined, 1)}\n`);
  await writeWhole(path.replace(/\.png$/i, '.json'), options.signal, (sink) => sink.write(bytes));
}

function count(entry: Entry, x: number, y: number): void {
  entry.area += 1;
  const { box } = entry;
  if (!box) entry.box = { xMin: x, yMin: y, xMax: x, yMax: y };
  else {
    box.xMin = Math.min(box.xMin, x);
    box.xMax = Math.max(box.xMax, x);
    box.yMax = y;
  }
}
