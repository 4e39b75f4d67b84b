/** Previews inside OpenEXR files. */

import { makeStringAttribute } from '../../../lib/format/index.js';
import { type ExrDocument, stdoutSink, writeDocument } from '../../../lib/index.js';
import { type Look, makePreview, type PreviewOptions, withPreview } from '../../../lib/look.js';
import { markName } from '../../../lib/program.js';

/** Pixels of an embedded preview without --size. */
export const usualSize = 128;

/** Writes the document as it is, with a preview in its first part and a mark by which a later run knows it. Closes its source. */
export async function embedPreview(
  document: ExrDocument,
  look: Look,
  options: PreviewOptions,
  output: string | undefined,
  mark: string,
): Promise<void> {
  const { size = { width: usualSize, height: usualSize }, signal, limits } = options;
  await document.source.makeRandom();
  const preview = await makePreview(document, look, { ...options, size, background: 'none' });
  const { parts, ...rest } = await withPreview(document.header, preview);
  const marked = parts.map((part, number) =>
    number === 0 ? { ...part, attributes: part.attributes.with(markName, makeStringAttribute(mark)) } : part,
  );
  const header = { ...rest, parts: marked };
  await writeDocument({ ...document, header }, output ?? stdoutSink(), { signal, limits });
}
