/** Masks of names as PNG: one file each, grey, of 8 or 16 bits. */

import type { ByteSink, ExrDocument, Part, Samples } from '../../../lib/index.js';
import type { ViewLook } from '../../../lib/look.js';
import { type Frame, type GreyDepth, greyLine, Nearest, PngWriter } from '../../../lib/previews.js';
import { type BandOptions, coverages, fullResolution, openFileSink, readBands } from '../../../lib/program.js';

export interface MaskFile {
  readonly id: number;
  readonly path: string;
}

/** Masks to be written, over the display window. */
export interface MaskJob {
  readonly document: ExrDocument;
  readonly view: ViewLook;
  readonly files: readonly MaskFile[];
  readonly depth: GreyDepth;
  /** Texts of each PNG. */
  readonly words: ReadonlyMap<string, string>;
  readonly options: BandOptions;
}

/** Files written in one pass over the pixels: each holds some lines until they are packed. */
const together = 48;

/** Writes the masks of a view. Files of a pass appear together, or none of them. */
export async function writeMasks(job: MaskJob): Promise<void> {
  const { document, files } = job;
  if (files.length > together) await document.source.makeRandom();
  for (let at = 0; at < files.length; at += together)
    await writePass({ ...job, files: files.slice(at, at + together) });
}

async function writePass({ document, view, files, depth, words, options }: MaskJob): Promise<void> {
  const part = document.header.parts[view.part] as Part;
  const frame = ownFrame(part);
  const { columns: width, rows: height } = frame;
  const outputs: { readonly sink: ByteSink; readonly png: PngWriter }[] = [];
  try {
    for (const { path } of files) {
      const sink = await openFileSink(path, { signal: options.signal });
      const format = { width, height, channels: 1, depth, srgb: false, text: words } as const;
      outputs.push({ sink, png: new PngWriter(format, (bytes) => sink.write(bytes)) });
    }
    const ids = files.map(({ id }) => id);
    const rows = new Nearest(frame, files.length);
    const line = new Uint8Array((width * depth) / 8);
    const write = async (planes: readonly Samples[]): Promise<void> => {
      for (const [at, { png }] of outputs.entries()) await png.line(greyLine(planes[at] as Samples, depth, line));
    };
    for await (const band of readBands(document, part, view.channels, fullResolution, options))
      for (const planes of rows.add({ ...band, planes: coverages(band.planes, ids) })) await write(planes);
    for (const planes of rows.end()) await write(planes);
    for (const { png } of outputs) await png.end();
    for (const { sink } of outputs) await sink.finish(options.signal);
  } catch (error) {
    await Promise.all(outputs.map(({ png }) => png.abort()));
    await Promise.all(outputs.map(({ sink }) => sink.abort()));
    throw error;
  }
}

/** The display window, a pixel for each of its own. */
export function ownFrame({ displayWindow: { xMin, yMin, xMax, yMax } }: Part): Frame {
  const [width, height] = [xMax - xMin + 1, yMax - yMin + 1];
  return { x: xMin, y: yMin, width, height, columns: width, rows: height };
}
