/** The file that a result replaces: what the result inherits from it, and whether it is still the same file. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { InputInfo } from '../engine/document.js';
import { ExrError } from '../model/error.js';

export interface ReplacedFile {
  /** Where it really is, with links followed. */
  readonly path: string;
  readonly stats: BigIntStats;
  /** Its state, which must be unchanged when the result replaces it. */
  readonly version: string;
}

/**
 * A regular file as it was at one moment, as a text to compare: which one (device and number), its size, and when it was last
 * written. Permissions and links are not part of it: changing those does not change the content.
 */
export function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(' ');
}

/** What is at a path, with links followed; undefined if there is nothing. */
export async function lookClosely(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/**
 * A file that is about to be replaced. One that the result is made from must not have changed since it was opened.
 *
 * @throws ExrError of kind `io` OUTPUT_CHANGED if it has.
 */
export async function replacedFile(
  path: string,
  stats: BigIntStats,
  inputs: readonly InputInfo[],
): Promise<ReplacedFile> {
  const real = await realpath(path);
  let version = versionOf(stats);
  for (const input of inputs)
    if (input.path !== undefined && input.version !== undefined && (await leadsTo(input.path, real)))
      version = input.version;
  if (version !== versionOf(stats)) throw changed();
  return { path: real, stats, version };
}

/**
 * A file that has been removed is no loss.
 *
 * @throws ExrError of kind `io` OUTPUT_CHANGED when another program has written or replaced the file.
 */
export async function checkUnchanged({ path, version }: ReplacedFile): Promise<void> {
  const now = await lookClosely(path);
  if (now && versionOf(now) !== version) throw changed();
}

function changed(): ExrError {
  return new ExrError(
    'io',
    'OUTPUT_CHANGED',
    'another program changed this file while its new content was being made',
    {
      hint: 'The file is as that program left it, and the result is dropped. Run again.',
    },
  );
}

async function leadsTo(path: string, real: string): Promise<boolean> {
  return (await realpath(path).catch(() => undefined)) === real;
}

/**
 * Gives a new file the permissions and, where the system allows it, the owner and group of the one that it replaces. Where the
 * group cannot be kept, the new one gets no more permissions than everyone.
 */
export async function inherit(handle: FileHandle, { stats }: ReplacedFile): Promise<void> {
  const [uid, gid] = [Number(stats.uid), Number(stats.gid)];
  const own = await handle.stat();
  const worked = (change: Promise<void>): Promise<boolean> =>
    change.then(
      () => true,
      () => false,
    );
  const group =
    (own.uid === uid && own.gid === gid) ||
    (await worked(handle.chown(uid, gid))) ||
    own.gid === gid ||
    (await worked(handle.chown(own.uid, gid)));
  const mode = Number(stats.mode) & 0o777;
  const everybody = ((mode & 0o007) << 3) & mode;
  // Some file systems have no permissions to change.
  await worked(handle.chmod(group ? mode : (mode & 0o707) | everybody));
}

/** Where a new file goes: a link whose target does not exist yet stays a link. */
export async function newFile(path: string): Promise<string> {
  const link = await readlink(path).catch(() => undefined);
  if (link === undefined) return path;
  return newFile(resolve(await realpath(dirname(path)), link));
}
