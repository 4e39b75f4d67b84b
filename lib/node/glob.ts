import { hasBackslashes, isAbsolute } from './paths.js';

/**
 * Whether a path has marks of a glob. The module is loaded only when a path does not exist, so that other paths need not wait
 * for it.
 */
export async function isGlob(path: string): Promise<boolean> {
  const { isDynamicPattern } = await import('tinyglobby');
  return isDynamicPattern(path);
}

/** The files of a glob. */
export async function globFiles(pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const wanted = hasBackslashes ? pattern.replaceAll('\\', '/') : pattern;
  return glob(wanted, { expandDirectories: false, onlyFiles: true, absolute: isAbsolute(pattern) });
}
