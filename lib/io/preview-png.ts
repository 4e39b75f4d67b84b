import { PngWriter } from '../look/png.js';
import type { Preview } from './preview.js';
import type { ByteSink } from './sink.js';

/** Writes a preview as PNG, a row at a time. The sink is the caller's to finish. */
export async function writePreview(
  { columns, rows, channels, lines }: Pick<Preview, 'columns' | 'rows' | 'channels' | 'lines'>,
  bytes: Pick<ByteSink, 'write'>,
  text: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const format = { width: columns, height: rows, channels, depth: 8, srgb: true, text } as const;
  const png = new PngWriter(format, (piece) => bytes.write(piece));
  try {
    for await (const line of lines()) await png.line(line);
    await png.end();
  } catch (error) {
    await png.abort();
    throw error;
  }
}
