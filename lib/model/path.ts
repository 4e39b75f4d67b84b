/** Paths as text. Windows accepts both slashes; the host's global, if it has one, tells which system this is. */
const { process } = globalThis as { readonly process?: { readonly platform?: string } };

export const isWindows = process?.platform === 'win32';

/** A path split at its separators: folders and file name, alternating with the separators. */
export function splitPath(path: string, windows = isWindows): string[] {
  return path.split(windows ? /([\\/])/ : /(\/)/);
}

/** The last piece of a path that is not empty. */
export function fileName(path: string): string {
  return splitPath(path).findLast((piece, at) => at % 2 === 0 && piece !== '') ?? '';
}

/** The part of a path before its last name: its folder with the separator, or nothing. */
export function folderPrefix(path: string, windows = isWindows): string {
  return splitPath(path, windows).slice(0, -1).join('');
}

/** Names that are devices on Windows, in any folder and whatever follows after a dot (Microsoft, "Naming Files, Paths, and Namespaces"). */
const reserved =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(?:\.|$)/i;

/**
 * Text as a piece of a file name on every system: no separators, no reserved characters, never `.` or `..`. A whole name is
 * made from pieces with {@link portableName}.
 */
export function safeName(text: string): string {
  const safe = text.replace(/[\p{Cc}\p{Cs}/\\:*?"<>|]/gu, '_').replace(/^\.+$/, (dots) => '_'.repeat(dots.length));
  return safe === '' ? '_' : safe;
}

/**
 * A whole name of a file or folder that every system accepts unchanged: not a device, and without an ending that Windows
 * removes.
 */
export function portableName(name: string): string {
  const ended = name.replace(/[. ]+$/, (end) => '_'.repeat(end.length));
  return reserved.test(ended) ? `_${ended}` : ended;
}

/**
 * A piece of a file name that leaves room for what stands around it: what is longer than 200 bytes of UTF-8 is cut between letters,
 * and `tail` tells it from others that begin alike. File systems take names of 255 bytes.
 */
export function shortName(text: string, tail: string): string {
  const most = 200;
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= most) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(most - tail.length - 1));
  return `${text.slice(0, read)}_${tail}`;
}

/**
 * A path made from a pattern, in which every folder and name that differs from what the user wrote is made portable. Filled-in
 * values have no separators, so both have the same pieces.
 */
export function portablePath(path: string, pattern: string): string {
  const written = splitPath(pattern);
  return splitPath(path)
    .map((piece, at) => (piece === written[at] ? piece : portableName(piece)))
    .join('');
}
