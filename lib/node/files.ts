/** What whole shots ask of the file system besides reading and writing frames. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { withPlace } from '../model/error.js';

/** What is known of a file or folder; undefined for what is not there or may not be looked at. */
export function lookAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

/** The same for what must be there. Throws `io`. */
export async function mustBeThere(path: string): Promise<Stats> {
  return stat(path).catch((error) => {
    throw withPlace(error, { file: path });
  });
}

/** Whether a path leads to a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await lookAt(path))?.isDirectory() ?? false;
}

export function listFolder(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true });
}

/** Names in a folder; none where it is no folder, or not there yet. Throws `io` for one that may not be read. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder === '' ? '.' : folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw withPlace(error, { file: folder });
  });
}

/** Where a folder really is, however it was reached. */
export function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}
