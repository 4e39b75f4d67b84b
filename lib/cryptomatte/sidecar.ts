/** Sidecar files: manifests beside the image, named by `manif_file` relative to it (specification 1.2.0). */
import { advise, stepOf } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { folderPrefix, isWindows, portableName, portablePath } from '../model/path.js';
import { listTokens, replaceTokens } from '../model/tokens.js';

/** Why a `manif_file` must not be followed; undefined if it may be. A file from a stranger must not lead out of its folder. */
export function sidecarProblem(value: string, windows = isWindows): string | undefined {
  if (value === '') return 'it is empty';
  if (value.includes('\0')) return 'it contains a zero byte';
  if (value.includes('\\')) return 'it contains a backslash, where the specification requires "/"';
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value)) return 'it is an absolute path';
  // On Windows a colon leads to a stream of a file, and some names lead to devices.
  if (windows && value.includes(':')) return 'it contains a colon';
  const pieces = value.split('/');
  if (pieces.includes('..')) return 'it leads out of the folder of the image';
  if (pieces.includes('.') || pieces.includes('')) return 'it contains an empty or "." step';
  if (windows && pieces.some((piece) => portableName(piece) !== piece))
    return 'Windows does not allow a file of this name';
  if (!/\.json$/i.test(value)) return 'it does not end in .json';
  return undefined;
}

/**
 * The path of a sidecar.
 *
 * @throws ExrError of kind `invalid` for a name that must not be followed.
 */
export function sidecarPath(image: string, value: string, windows = isWindows): string {
  const problem = sidecarProblem(value, windows);
  if (problem !== undefined)
    throw new ExrError('invalid', 'BAD_SIDECAR_NAME', `the sidecar "${value}" is not opened: ${problem}`, {
      hint: advise`Name the file with ${stepOf('inject-manifest', { sidecar: ['FILE'] })}.`,
    });
  return folderPrefix(image, windows) + value;
}

/** The values that a pattern of sidecar names may use. */
export interface SidecarWords {
  /** The image's file name without folder, frame number and `.exr`. */
  readonly stem: string;
  /** The Cryptomatte's name. */
  readonly layer: string;
  readonly frame: string | undefined;
}

/**
 * A sidecar's name from a pattern with `{stem}`, `{layer}` and `{frame}` (Arnold's is `{stem}.{frame}.{layer}.json`). The
 * values never lead to another folder.
 *
 * @throws ExrError of kind `usage` for a pattern that cannot work.
 */
export function fillSidecarName(pattern: string, { stem, layer, frame }: SidecarWords): string {
  const words: ReadonlyMap<string, string | undefined> = new Map(Object.entries({ stem, layer, frame }));
  const name = replaceTokens(pattern, (word, whole) => {
    const value = words.get(word);
    if (value !== undefined) return safePiece(value);
    const known = words.has(word);
    throw new ExrError(
      'usage',
      'BAD_SIDECAR_NAME',
      known ? `there is no ${word} for ${whole}` : `${whole} has no meaning`,
      {
        hint: known
          ? 'The file has no frame number in its name.'
          : `Known: ${listTokens(['stem', 'layer', 'frame'], ', ')}.`,
      },
    );
  });
  const path = portablePath(name, pattern);
  const problem = sidecarProblem(path);
  if (problem === undefined) return path;
  throw new ExrError('usage', 'BAD_SIDECAR_NAME', `a sidecar cannot be called "${path}": ${problem}`, {
    hint: 'Write for example "{stem}.{layer}.{frame}.json"; it is relative to the image.',
  });
}

function safePiece(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]/gu, '_');
}
