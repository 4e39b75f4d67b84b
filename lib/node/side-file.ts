/** Small files beside images: manifests, lists of names, presets, pipelines. */

import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { sidecarPath } from '../cryptomatte/sidecar.js';
import { type Limits, limitError, makeLimits } from '../format/limits.js';
import { advise, stepOf } from '../model/advice.js';
import { closeQuietly } from '../model/close.js';
import { ExrError, withPlace } from '../model/error.js';
import { openPath } from './input.js';
import { dirname, isInside } from './paths.js';

/**
 * The content of a file, or of a pipe such as `<(…)`, that the user names.
 *
 * @throws ExrError of kind `limit` as soon as it is too large.
 */
export async function readSideFile(path: string, limits: Limits = makeLimits()): Promise<Uint8Array> {
  try {
    const opened = await openPath(path);
    return await (opened.kind === 'file' ? readFile(opened.handle, limits) : readAll(opened.stream, limits));
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/**
 * The content of a file that an image names, and a stranger may have written the image: only a regular file will do, which
 * is beside the image or in a folder there. Links may lead to the folder that the image itself is linked from, but nowhere else.
 *
 * @throws ExrError of kind `invalid` (`SIDECAR_OUTSIDE`, `NOT_A_FILE`), `limit` for one that is too large, `io` where it cannot
 *   be read.
 */
export async function readSidecar(image: string, name: string, limits: Limits = makeLimits()): Promise<Uint8Array> {
  const path = sidecarPath(image, name);
  try {
    const real = await realpath(path);
    const folders = [await realpath(dirname(image)), await folderOf(image)];
    if (!folders.some((folder) => folder !== undefined && isInside(real, folder)))
      throw new ExrError('invalid', 'SIDECAR_OUTSIDE', 'this sidecar is a link out of the folder of the image', {
        hint: advise`If its names are the right ones, give it by ${stepOf('inject-manifest', { sidecar: ['FILE'] })}.`,
      });
    return await readFile(await openRegular(real), limits);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Opens a regular file. Anything else is refused before it is opened, since opening alone may wait for ever. */
export async function openRegular(path: string): Promise<FileHandle> {
  const isRegular = (await stat(path)).isFile();
  if (!isRegular) throw new ExrError('invalid', 'NOT_A_FILE', 'this is not a regular file');
  return open(path, 'r');
}

/** The folder an image really is in; undefined for one from stdin. */
async function folderOf(image: string): Promise<string | undefined> {
  return realpath(image).then(dirname, () => undefined);
}

async function readFile(handle: FileHandle, limits: Limits): Promise<Uint8Array> {
  try {
    if ((await handle.stat()).size > limits.sideFileBytes) throw tooLarge(limits);
    return await readAll(handle.createReadStream({ autoClose: false }), limits);
  } finally {
    await closeQuietly(handle);
  }
}

async function readAll(stream: Readable, limits: Limits): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop closes the stream, and the file with it.
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > limits.sideFileBytes) throw tooLarge(limits);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(limits: Limits): ExrError {
  return limitError('sideFileBytes', limits, 'FILE_TOO_LARGE', 'the file is too large for a list of names or a preset');
}
