/** Previews inside OpenEXR files. */
import { type ExrDocument, stdoutSink, writeDocument } from '../../../lib/index.js';
import { type Look, makePreview, type PreviewOptions, withPreview } from '../../../lib/look.js';

/** Pixels of an embedded preview without --size. */
export const usualSize = 128;

/** Writes the document as it is, with a preview in its first part. Closes its source. */
export async function embedPreview(
  document: ExrDocument,
  look: Look,
  options: PreviewOptions,
  output: string | undefined,
): Promise<void> {
  const { size = { width: usualSize, height: usualSize }, signal, limits } = options;
  await document.source.makeRandom();
  const preview = await makePreview(document, look, { ...options, size, background: 'none' });
  const header = await withPreview(document.header, preview);
  await writeDocument({ ...document, header }, output ?? stdoutSink(), { signal, limits });
}
