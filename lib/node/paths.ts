/** Paths as this system writes them. */
export { basename, dirname, isAbsolute, join, parse, resolve } from 'node:path';
export { pathToFileURL } from 'node:url';

/** Names that differ only in case are one file there. */
export const ignoresCase = process.platform === 'darwin' || process.platform === 'win32';

/** Whether a backslash separates folders. */
export const hasBackslashes = process.platform === 'win32';
