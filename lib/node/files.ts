/** What whole shots need from the file system apart from reading and writing frames. */
import type { Dirent, Stats } from 'node:fs';
import { mkdir, readdir, realpath, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ExrError, withPlace } from '../model/error.js';

/** The status of a file or folder; undefined if it does not exist or may not be read. */
export function lookAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

/**
 * The same for a path that must exist.
 *
 * @throws ExrError of kind `io`.
 */
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

/**
 * Names in a folder; none if it is not a folder, or does not exist yet.
 *
 * @throws ExrError of kind `io` for one that may not be read.
 */
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

/**
 * Makes a folder and its parents if they do not exist. Node's recursive mkdir never ends where the system allows no folders
 * (/proc), and reports a read-only file system as a missing file.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process was faster.
    if (await isFolder(folder)) return;
    throw withPlace(meaning(error), { file: folder });
  }
}

function meaning(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST') return new ExrError('io', 'ENOTDIR', 'this is a file, not a folder', { cause: error });
  return code === 'ENOENT' ? folderGone(error) : error;
}

/** What "no such file" means when creating something: the folder has disappeared, or takes no files (/proc). */
export function folderGone(cause: unknown): ExrError {
  return new ExrError('io', 'FOLDER_GONE', 'cannot create files in the output folder', {
    cause,
    hint: 'Was it moved, or its disk unmounted?',
  });
}

/** Where a file really is, with links followed; undefined if there is none. */
export function realFile(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

/** Bytes that a user may still write in a folder's file system; undefined if the system does not report them. */
export async function roomIn(folder: string): Promise<number | undefined> {
  const room = await statfs(folder).catch(() => undefined);
  // Some network file systems do not know their sizes.
  return room && room.blocks > 0 ? room.bavail * room.bsize : undefined;
}
