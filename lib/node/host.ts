import { readdir, stat } from 'node:fs/promises';
import type { OpenFile } from '../engine/filter.js';
import { type Limits, makeLimits } from '../format/limits.js';
import type { Host } from '../io/host.js';
import { closeQuietly } from '../model/close.js';
import { withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { openFileSink } from './file-sink.js';
import { openExr } from './open.js';
import { readExrHeader } from './read-header.js';
import { sharedRunners } from './runners.js';
import { openRegular, readSidecar, readSideFile } from './side-file.js';
import { openSpool } from './spool.js';

/** This process, its files and its threads. */
export const nodeHost = makeHost();

/**
 * The same with its own limits.
 *
 * @throws ExrError of kind `usage` for limits that do not exist.
 */
export function nodeHostWith(limits: Partial<Limits> | undefined): Host {
  return limits === undefined ? nodeHost : makeHost(limits);
}

function makeHost(changes?: Partial<Limits>): Host {
  const limits = makeLimits(changes);
  return {
    limits,
    openExr: (path) => openExr(path, { limits }),
    readHeader: (path) => readExrHeader(path, limits),
    exists: (path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    listFolder,
    readFile: (path) => readSideFile(path, limits),
    readSidecar: (image, name) => readSidecar(image, name, limits),
    openFile: openSideFile,
    createFile: openFileSink,
    openScratch: openSpool,
    runners: sharedRunners,
  };
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw withPlace(error, { file: path });
  }
}

async function openSideFile(path: string): Promise<OpenFile> {
  try {
    const handle = await openRegular(path);
    try {
      return new FileBytes(handle, (await handle.stat()).size);
    } catch (error) {
      await closeQuietly(handle);
      throw error;
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}
