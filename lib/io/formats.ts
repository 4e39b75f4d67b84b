/** The file formats that can be written, by the ending of a file's name. A new format takes a row here and a writer. */
import { ExrError } from '../model/error.js';
import { fileName } from '../model/path.js';
import { parseFramePath } from './frame-path.js';
import { pngFormat } from './png-format.js';
import type { OutputFormat } from './sink.js';
import { openExrWriter } from './writer.js';

/** Some programs use `.sxr` for an OpenEXR file with stereo views. */
export const openExrFormat: OutputFormat = {
  name: 'OpenEXR',
  endings: ['.exr', '.sxr'],
  takes: 'coded',
  open: openExrWriter,
};

export const outputFormats: readonly OutputFormat[] = [openExrFormat, pngFormat];

/**
 * The format of a file by its name, which may be a pattern. Names without an ending (a pipe, a device, `out.0001`) are OpenEXR.
 *
 * @throws ExrError of kind `usage` for an ending of any other format.
 */
export function formatOf(path: string, formats: readonly OutputFormat[] = outputFormats): OutputFormat {
  const ending = endingOf(path);
  if (ending === undefined) return openExrFormat;
  const format = formats.find(({ endings }) => endings.includes(ending.toLowerCase()));
  if (format) return format;
  const known = formats.map(({ name, endings }) => `${name} (${endings.join(', ')})`);
  throw new ExrError('usage', 'UNKNOWN_FORMAT', `cannot write files that end in ${ending}`, {
    where: { file: path },
    hint: `exrpipe writes ${known.join(', ')}.`,
  });
}

/** The ending of a name, from its own text: without the places for a frame, a view or another `{token}`. */
function endingOf(path: string): string | undefined {
  const last = parseFramePath(fileName(path)).at(-1);
  return typeof last === 'string' ? /\.[A-Za-z][A-Za-z0-9]*$/.exec(last)?.[0] : undefined;
}
