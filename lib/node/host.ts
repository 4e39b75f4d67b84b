import { open, readFile, stat } from 'node:fs/promises';
import type { OpenFile } from '../engine/filter.js';
import type { Host } from '../io/host.js';
import { ExrError, withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { openFileSink } from './file-sink.js';
import { openExr } from './open.js';
import { readExrHeader } from './read-header.js';
import { sharedRunners } from './runners.js';
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
  openFile: openSideFile,
  createFile: openFileSink,
  openScratch: openSpool,
  runners: sharedRunners,
};

/** Side files beyond this size are refused: manifests and lists of names are far smaller. */
const maxSideFile = 256 << 20;

async function readSideFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxSideFile)
      throw new ExrError('limit', 'FILE_TOO_LARGE', `the file has ${size} bytes, more than ${maxSideFile}`);
    return await readFile(path);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function openSideFile(path: string): Promise<OpenFile> {
  try {
    const handle = await open(path, 'r');
    return new FileBytes(handle, (await handle.stat()).size);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}
