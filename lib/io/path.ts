/** Paths as text. Windows takes both slashes; which system this is, its host says by a global, where it has one. */
const { process } = globalThis as { readonly process?: { readonly platform?: string } };

const separators = process?.platform === 'win32' ? /([\\/])/ : /(\/)/;

/** A path cut at its separators: folders and file name in turn with the separators between them. */
export function splitPath(path: string): string[] {
  return path.split(separators);
}

/** The last piece of a path that is not empty. */
export function fileName(path: string): string {
  return splitPath(path).findLast((piece, at) => at % 2 === 0 && piece !== '') ?? '';
}
