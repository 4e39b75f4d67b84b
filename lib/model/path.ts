/** Paths as text. Windows takes both slashes; which system this is, its host says by a global, where it has one. */
const { process } = globalThis as { readonly process?: { readonly platform?: string } };

const isWindows = process?.platform === 'win32';

/** A path cut at its separators: folders and file name in turn with the separators between them. */
export function splitPath(path: string, windows = isWindows): string[] {
  return path.split(windows ? /([\\/])/ : /(\/)/);
}

/** The last piece of a path that is not empty. */
export function fileName(path: string): string {
  return splitPath(path).findLast((piece, at) => at % 2 === 0 && piece !== '') ?? '';
}

/** What a path has before its last name: its folder with the separator behind it, or nothing. */
export function folderPrefix(path: string, windows = isWindows): string {
  return splitPath(path, windows).slice(0, -1).join('');
}
