import { stat } from 'node:fs/promises';
import type { OpenFile } from '../engine/filter.js';
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
export const nodeHost: Host = {
  openExr: (path) => openExr(path),
  readHeader: (path) => readExrHeader(path),
  exists: (path) =>
    stat(path).then(
      () => true,
      () => false,
    ),
  readFile: readSideFile,
  readSidecar,
  openFile: openSideFile,
  createFile: openFileSink,
  openScratch: openSpool,
  runners: sharedRunners,
};

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
