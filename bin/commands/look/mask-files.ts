/** Masks of names as PNG: one file each, grey, of 8 or 16 bits. */

import type { ByteSink, Samples } from '../../../lib/index.js';
import { type GreyDepth, greyLine, Nearest, PngWriter } from '../../../lib/previews.js';
import { coverages, fullResolution, openFileSink, readBands } from '../../../lib/program.js';
import { type MatteSource, ownFrame } from './matte-source.js';

export interface MaskFile {
  readonly id: number;
  readonly path: string;
}

/** Files written in one pass over the pixels: each holds some lines until they are packed. */
const together = 48;

/** Writes a mask for each ID, over the display window. Files of a pass appear together, or none of them. */
export async function writeMasks(source: MatteSource, files: readonly MaskFile[], depth: GreyDepth): Promise<void> {
  if (files.length > together) await source.document.source.makeRandom();
  for (let at = 0; at < files.length; at += together) await writePass(source, files.slice(at, at + together), depth);
}

async function writePass(source: MatteSource, files: readonly MaskFile[], depth: GreyDepth): Promise<void> {
  const { document, part, view, text, options } = source;
  const frame = ownFrame(part);
  const { columns: width, rows: height } = frame;
  const outputs: { readonly sink: ByteSink; readonly png: PngWriter }[] = [];
  try {
    for (const { path } of files) {
      const sink = await openFileSink(path, { signal: options.signal });
      const format = { width, height, channels: 1, depth, srgb: false, text } as const;
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
