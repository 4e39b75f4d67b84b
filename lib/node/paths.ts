/** Paths as this system writes them. */
import nodePath, { type PlatformPath } from 'node:path';

export { basename, dirname, isAbsolute, join, parse, resolve } from 'node:path';
export { pathToFileURL } from 'node:url';

/** Whether a path is inside a folder, by the rules of a system; neither may contain links. */
export function isInside(
  path: string,
  folder: string,
  { isAbsolute, relative, sep }: PlatformPath = nodePath,
): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether names that differ only in case are the same file. */
export const ignoresCase = process.platform === 'darwin' || process.platform === 'win32';

/** Whether a backslash separates folders. */
export const hasBackslashes = process.platform === 'win32';
