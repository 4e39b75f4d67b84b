import { ExrError, withPlace } from '../../model/error.js';
import { fileName } from '../../model/path.js';
import { decodeText } from '../../model/text.js';
import { type NamingPreset, presetFrom } from './preset.js';

/** Presets are a page of text; a larger file is something else. */
const maxBytes = 1 << 20;

/** Whether a preset's name means a user's own file, not a preset that comes with exrpipe. */
export function isPresetFile(name: string): boolean {
  return /\.(json|ya?ml)$/i.test(name);
}

/**
 * A preset from the content of a YAML or JSON file, named after the file: the name goes into images, which must not depend on
 * where the file lies.
 *
 * @throws ExrError of kind `usage` that names the file and what is wrong.
 */
export async function parsePreset(bytes: Uint8Array, path: string): Promise<NamingPreset> {
  if (bytes.length > maxBytes)
    throw new ExrError('limit', 'FILE_TOO_LARGE', `a preset of ${bytes.length} bytes, more than ${maxBytes}`, {
      where: { file: path },
    });
  // Few runs have a preset file, and the parser takes its time to load. JSON is YAML too.
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(decodeText(bytes), { prettyErrors: true, logLevel: 'error' });
  } catch (cause) {
    const [what = ''] = cause instanceof Error ? cause.message.split('\n') : [];
    throw new ExrError('usage', 'BAD_PRESET', `this is not YAML: ${what.replace(/:$/, '')}`, {
      cause,
      where: { file: path },
    });
  }
  try {
    return presetFrom(value, fileName(path));
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}
