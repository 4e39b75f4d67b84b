/** Previews inside OpenEXR files: the standard attribute `preview` (ImfPreviewImage.h), 8-bit RGBA, which file browsers show. */
import { ByteWriter } from '../format/bytes.js';
import { ExrError } from '../model/error.js';
import type { Header } from '../model/header.js';
import type { Preview } from './preview.js';

/** The name of the attribute. */
export const previewAttribute = 'preview';

/** Pixels a side: every reader reads them with the header. */
const mostSize = 1024;

/**
 * A header with this image as the preview of its first part, and of no other: an image with alpha (`background: 'none'`).
 *
 * @throws ExrError `PREVIEW_SIZE` (kind `usage`) for an image without alpha, or of more than 1024 pixels a side.
 */
export async function withPreview(
  header: Header,
  preview: Pick<Preview, 'columns' | 'rows' | 'channels' | 'lines'>,
): Promise<Header> {
  const { columns, rows, channels } = preview;
  if (columns > mostSize || rows > mostSize || channels !== 4)
    throw new ExrError('usage', 'PREVIEW_SIZE', `an embedded preview has alpha and at most ${mostSize} pixels a side`, {
      hint: 'Choose a smaller size; 128 is usual.',
    });
  const writer = new ByteWriter();
  writer.u32(columns);
  writer.u32(rows);
  for await (const line of preview.lines()) writer.bytes(line);
  const value = writer.done();
  const parts = header.parts.map((part, number) => ({
    ...part,
    attributes:
      number === 0
        ? part.attributes.with(previewAttribute, { type: 'preview', value })
        : part.attributes.without(previewAttribute),
  }));
  return { ...header, parts };
}
