import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { withPlace } from '../model/error.js';
import { makeFolder } from './files.js';

/**
 * Temporary files have names of their own, short whatever the target's name: that may already be as long as a file system
 * allows.
 *   .exrpipe-tmp-RANDOM
 */
const namePattern = /^\.exrpipe-tmp-[0-9a-f-]+$/;

/**
 * A temporary file is removed by the run that made it, or when nothing has written to it for this long (milliseconds). Whether
 * its maker is alive cannot be determined: host names and process ids are the same in many containers, and machines that share
 * a folder need share nothing else.
 */
const abandoned = 24 * 3600 * 1000;

/**
 * A name for a temporary file in a folder, not used before: 104 random bits. Node's cryptography would take five milliseconds to
 * load, and nobody gains from guessing it: the file must be new.
 */
export function temporaryPath(folder: string): string {
  return join(folder, `.exrpipe-tmp-${randomDigits()}${randomDigits()}`);
}

/** Thirteen hex digits: as many bits as such a number has. */
function randomDigits(): string {
  return Math.floor(Math.random() * 2 ** 52)
    .toString(16)
    .padStart(13, '0');
}

/** Makes a folder if there is none, and removes what killed runs left there long ago, for any target. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    for (const name of await readdir(folder))
      if (namePattern.test(name) && (await isAbandoned(join(folder, name))))
        await unlink(join(folder, name)).catch(() => {});
  } catch (error) {
    throw withPlace(error, { file: folder });
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() === true && Date.now() - stats.mtimeMs > abandoned;
}
