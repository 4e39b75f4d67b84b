import { constants, open as openFd } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ByteSink } from '../io/sink.js';
import { ExrError, withPlace } from '../model/error.js';
import { folderGone } from './files.js';
import { prepareFolder, temporaryPath } from './output-folder.js';
import { StreamSink } from './stream-sink.js';

/**
 * A file that appears whole or not at all: written under a temporary name in the target's folder, then renamed. Where it takes
 * the place of an older file, its bytes are on disk before that is given up, so that a power cut leaves one or the other. A new
 * file is left to the system to write back, as by `cp`: what it was made from is still there, and waiting for the disk would
 * cost as much again as the copy.
 * Missing folders are made, unless the caller takes care of folders. A target that is no regular file (a device, a named pipe)
 * is written to directly; a symbolic link stays one, and the file it leads to is replaced.
 */
export async function openFileSink(
  path: string,
  prepare: (folder: string) => Promise<void> = prepareFolder,
  signal?: AbortSignal,
): Promise<ByteSink> {
  try {
    const old = await stat(path).catch(() => undefined);
    if (old?.isFIFO()) return new StreamSink(await openPipe(path, signal), path);
    if (old && !old.isFile() && !old.isDirectory())
      return new StreamSink((await open(path, 'w')).createWriteStream(), path);
    if (old?.isDirectory()) throw new ExrError('usage', 'IS_FOLDER', 'the output is a folder, not a file');
    const target = old ? await realpath(path) : path;
    await prepare(dirname(target));
    const temporary = temporaryPath(dirname(target));
    const handle = await open(temporary, 'wx', old ? old.mode & 0o777 : 0o666).catch(rethrowLost);
    return new FileSink(path, target, temporary, handle, old !== undefined);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Milliseconds between two looks whether a pipe has a reader. */
const readerPause = 50;

/**
 * A named pipe, once somebody reads it. Nothing waits in a system call, which would outlast every signal (see openPath). Other
 * systems than Linux do not take an open pipe for one that can wait in the event loop.
 */
async function openPipe(path: string, signal: AbortSignal | undefined): Promise<Writable> {
  if (process.platform !== 'linux') return (await open(path, 'w')).createWriteStream();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const fd = await promisify(openFd)(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      // The system's words for a pipe without a reader.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error;
      await setTimeout(readerPause);
    }
  }
}

function rethrowLost(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' ? folderGone(error) : error;
}

/** Bytes after which what is written begins to go to disk. */
const flushEvery = 32 << 20;

class FileSink implements ByteSink {
  readonly name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #replaces: boolean;
  #position = 0;
  #closing: Promise<void> | undefined;
  #unflushed = 0;
  #flushing = false;

  constructor(name: string, target: string, temporary: string, handle: FileHandle, replaces: boolean) {
    this.name = name;
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#replaces = replaces;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writeAt(this.#position, bytes);
    this.#position += bytes.length;
    this.#flushBehind(bytes.length);
  }

  readonly patch = (position: number, bytes: Uint8Array): Promise<void> => this.#writeAt(position, bytes);

  async finish(signal?: AbortSignal): Promise<void> {
    try {
      signal?.throwIfAborted();
      if (this.#replaces) await this.#handle.sync();
      await this.#close();
      // Waiting for the disk takes its time, and until now the old file is there as it was.
      signal?.throwIfAborted();
      await rename(this.#temporary, this.#target).catch(rethrowLost);
    } catch (error) {
      await this.abort();
      throw signal?.aborted ? error : withPlace(error, { file: this.name });
    }
  }

  async abort(): Promise<void> {
    await this.#close().catch(() => {});
    await unlink(this.#temporary).catch(() => {});
  }

  async #writeAt(position: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
    } catch (error) {
      throw withPlace(error, { file: this.name });
    }
  }

  /** Lets the disk work while more is written, so that little is left to wait for at the end. */
  #flushBehind(length: number): void {
    this.#unflushed += length;
    if (!this.#replaces || this.#flushing || this.#unflushed < flushEvery) return;
    this.#unflushed = 0;
    this.#flushing = true;
    // An error here comes again, and is reported, when the file is finished.
    this.#handle.datasync().then(
      () => {
        this.#flushing = false;
      },
      () => {},
    );
  }

  async #close(): Promise<void> {
    // While a write is on its way the handle is closed behind it: whoever asks twice waits for that too.
    this.#closing ??= this.#handle.close();
    await this.#closing;
  }
}
