import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { withPlace } from '../model/error.js';
import { makeFolder } from './files.js';

/**
 * Names of temporary files tell which machine and process made them and when, so that a later run can tell those whose
 * writer is dead. They are short whatever the target's name: that may already have the length a file system allows.
 *   .exrpipe-tmp-HOST-PID-MILLISECONDS-RANDOM
 */
const namePattern = /^\.exrpipe-tmp-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}$/;

/** Shared storage sees several machines, and a process id means something on its own machine only. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** In a container every run may get the same process id; what bears ours but is older than we are is not ours. */
const processStart = Date.now() - process.uptime() * 1000;

/** Another machine's process cannot be asked whether it lives; a file that it has not touched for a day it has given up. */
const foreignAge = 24 * 3600 * 1000;

/** A name for a temporary file in a folder, not used before. */
export function temporaryPath(folder: string): string {
  return join(folder, `.exrpipe-tmp-${host}-${process.pid}-${Date.now()}-${randomBytes(4).toString('hex')}`);
}

/** Makes a folder where there is none, and removes from it what killed runs have left there, of whatever target. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    for (const name of await readdir(folder))
      if (await isStale(folder, name)) await unlink(join(folder, name)).catch(() => {});
  } catch (error) {
    throw withPlace(error, { file: folder });
  }
}

async function isStale(folder: string, name: string): Promise<boolean> {
  const match = namePattern.exec(name);
  if (!match) return false;
  const [owner, pid, time] = [match[1], Number(match[2]), Number(match[3])];
  if (owner === host) return pid === process.pid ? time < processStart : !isAlive(pid);
  const stats = await stat(join(folder, name)).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > foreignAge;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
