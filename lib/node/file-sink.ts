import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CreateFileOptions } from '../io/host.js';
import type { ByteSink } from '../io/sink.js';
import { closeQuietly } from '../model/close.js';
import { ExrError, withPlace } from '../model/error.js';
import { isFolder } from './files.js';
import { prepareFolder, temporaryPath } from './output-folder.js';
import { openOutputPipe } from './output-pipe.js';
import { checkUnchanged, inherit, lookClosely, newFile, type ReplacedFile, replacedFile } from './replaced-file.js';
import { StreamSink } from './stream-sink.js';

/**
 * A file that appears whole or not at all: written under a temporary name in the target's folder, then renamed. Where it
 * replaces an older file, its bytes are on disk before that is dropped, so that a power cut leaves one or the other. A new
 * file is left to the system to write back, as by `cp`: its sources still exist, and waiting for the disk would cost as much
 * again as the copy.
 * Missing folders are made, unless the caller takes care of folders. A target that is not a regular file (a device, a named pipe)
 * is written to directly; a symbolic link stays one, and the file it leads to is replaced. The replaced file must not have
 * changed (see {@link replacedFile}); its mode and owner are kept. Of several hard links only this one gets the new content.
 */
export async function openFileSink(path: string, options: CreateFileOptions = {}): Promise<ByteSink> {
  const { inputs = [], onNotice, signal } = options;
  try {
    const old = await lookClosely(path);
    if (old?.isDirectory()) throw new ExrError('usage', 'IS_FOLDER', 'the output is a folder, not a file');
    if (old?.isFIFO()) return new StreamSink(await openOutputPipe(path, signal), path);
    if (old && !old.isFile()) return new StreamSink((await open(path, 'w')).createWriteStream(), path);
    const replaced = old && (await replacedFile(path, old, inputs));
    const target = replaced?.path ?? (await newFile(path));
    const folder = dirname(target);
    await (options.prepareFolder ?? prepareFolder)(folder);
    if (old && old.nlink > 1n)
      onNotice?.({
        level: 'note',
        code: 'HARD_LINKS',
        message: `the replaced file has ${old.nlink} names (hard links): the others keep the old content`,
      });
    const temporary = temporaryPath(folder);
    const handle = await open(temporary, 'wx', replaced ? 0o600 : 0o666).catch((error) => explainLost(error, folder));
    try {
      if (replaced) await inherit(handle, replaced);
    } catch (error) {
      await closeQuietly(handle);
      await unlink(temporary).catch(() => {});
      throw error;
    }
    return new FileSink({ name: path, target, temporary, handle, replaced });
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Why a temporary file is missing: its folder is gone, or takes no files (/proc), or something has removed it. */
async function explainLost(error: NodeJS.ErrnoException, folder: string, made = false): Promise<never> {
  if (error.code !== 'ENOENT') throw error;
  const there = await isFolder(folder);
  if (there && made)
    throw new ExrError('io', 'TEMPORARY_GONE', 'the temporary file of the output has disappeared', {
      cause: error,
      hint: 'Does something clear the folder, or has it been replaced? Run again.',
    });
  const message = there ? 'cannot create files in the output folder' : 'the output folder has disappeared';
  throw new ExrError('io', 'FOLDER_GONE', message, {
    cause: error,
    hint: there ? 'Write somewhere else.' : 'Was it moved, or its disk unmounted?',
  });
}

/** Bytes after which written data is flushed to disk. */
const flushEvery = 32 << 20;

interface FileSinkParts {
  readonly name: string;
  readonly target: string;
  readonly temporary: string;
  readonly handle: FileHandle;
  readonly replaced: ReplacedFile | undefined;
}

class FileSink implements ByteSink {
  readonly name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #replaced: ReplacedFile | undefined;
  #position = 0;
  #closing: Promise<void> | undefined;
  #unflushed = 0;
  #flushing = false;

  constructor({ name, target, temporary, handle, replaced }: FileSinkParts) {
    this.name = name;
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#replaced = replaced;
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
      if (this.#replaced) await this.#handle.sync();
      await this.#close();
      // Waiting for the disk takes time, and until here the old file is still unchanged.
      signal?.throwIfAborted();
      if (this.#replaced) await checkUnchanged(this.#replaced);
      await rename(this.#temporary, this.#target).catch((error) => explainLost(error, dirname(this.#target), true));
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

  /** Flushes while more is written, so that little is left to wait for at the end. */
  #flushBehind(length: number): void {
    this.#unflushed += length;
    if (!this.#replaced || this.#flushing || this.#unflushed < flushEvery) return;
    this.#unflushed = 0;
    this.#flushing = true;
    // An error here recurs, and is reported, when the file is finished.
    this.#handle.datasync().then(
      () => {
        this.#flushing = false;
      },
      () => {},
    );
  }

  async #close(): Promise<void> {
    // During a write the handle is closed after it: a second call waits for that too.
    this.#closing ??= this.#handle.close();
    await this.#closing;
  }
}
