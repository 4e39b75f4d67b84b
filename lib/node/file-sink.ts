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
 * A file that appears whole or not at all: written under a temporary name in the target's folder, then renamed. Where it takes
 * the place of an older file, its bytes are on disk before that is given up, so that a power cut leaves one or the other. A new
 * file is left to the system to write back, as by `cp`: what it was made from is still there, and waiting for the disk would
 * cost as much again as the copy.
 * Missing folders are made, unless the caller takes care of folders. A target that is no regular file (a device, a named pipe)
 * is written to directly; a symbolic link stays one, and the file it leads to is replaced. What is replaced must still be what it
 * was (see {@link replacedFile}); its mode and owner stay. Of several hard links only this one gets the new content.
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
        message: `the file that is replaced has ${old.nlink} names (hard links): the others keep what it was`,
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

/** Why a temporary file is not there: its folder is gone, or takes no files (/proc), or something has removed it. */
async function explainLost(error: NodeJS.ErrnoException, folder: string, made = false): Promise<never> {
  if (error.code !== 'ENOENT') throw error;
  const there = await isFolder(folder);
  if (there && made)
    throw new ExrError('io', 'TEMPORARY_GONE', 'the temporary file that it was written to is not there any more', {
      cause: error,
      hint: 'Does something clear the folder, or has it been replaced? Run again.',
    });
  const message = there ? 'the output folder takes no files' : 'the output folder is not there any more';
  throw new ExrError('io', 'FOLDER_GONE', message, {
    cause: error,
    hint: there ? 'Write somewhere else.' : 'Was it moved, or its disk unmounted?',
  });
}

/** Bytes after which what is written begins to go to disk. */
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
      // Waiting for the disk takes its time, and until now the old file is there as it was.
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

  /** Lets the disk work while more is written, so that little is left to wait for at the end. */
  #flushBehind(length: number): void {
    this.#unflushed += length;
    if (!this.#replaced || this.#flushing || this.#unflushed < flushEvery) return;
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
