/** Previews inside OpenEXR files: the standard attribute `preview` (ImfPreviewImage.h), 8-bit RGBA, which file browsers show. */

import { makeStringAttribute } from '../../../lib/format/index.js';
import { type ExrDocument, ExrError, stdoutSink, writeDocument } from '../../../lib/index.js';
import { type Look, makePreview, type PreviewOptions } from '../../../lib/previews.js';
import { ByteWriter, markName } from '../../../lib/program.js';

export const previewAttribute = 'preview';

/** Pixels of an embedded preview without --size, and at most: every reader reads it with the header. */
export const usualSize = 128;
const mostSize = 1024;

/** Writes the document as it is, with a preview in its first part and a mark by which a later run knows it. Closes its source. */
export async function embedPreview(
  document: ExrDocument,
  look: Look,
  options: PreviewOptions,
  output: string | undefined,
  mark: string,
): Promise<void> {
  const { size = { width: usualSize, height: usualSize } } = options;
  if (size.width > mostSize || size.height > mostSize)
    throw new ExrError('usage', 'PREVIEW_SIZE', `an embedded preview has at most ${mostSize} pixels a side`, {
      hint: 'Choose a smaller --size; 128 is usual.',
    });
  await document.source.makeRandom();
  const preview = await makePreview(document, look, { ...options, size, background: 'none' });
  const writer = new ByteWriter();
  writer.u32(preview.columns);
  writer.u32(preview.rows);
  for await (const line of preview.lines()) writer.bytes(line);
  const value = writer.done();
  const parts = document.header.parts.map((part, number) => ({
    ...part,
    attributes:
      number === 0
        ? part.attributes.with(previewAttribute, { type: 'preview', value }).with(markName, makeStringAttribute(mark))
        : part.attributes.without(previewAttribute),
  }));
  const header = { ...document.header, parts };
  const { signal, limits } = options;
  await writeDocument({ ...document, header }, output ?? stdoutSink(), { signal, limits });
}
