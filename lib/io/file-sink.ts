import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withPlace } from '../model/error.js';
import type { ByteSink } from './sink.js';
import { StreamSink } from './stream-sink.js';

/** Temporary files carry the target's name, this marker and the writer's process id, so that a later run can tell them and whether their writer lives. */
const marker = '.exrpipe-tmp-';

/**
 * A file that appears whole or not at all: written under a temporary name in the target's folder, flushed to disk, renamed.
 * Missing folders are made. A target that is no regular file (a device, a named pipe) is written to directly.
 */
export async function openFileSink(path: string): Promise<ByteSink> {
  try {
    const old = await stat(path).catch(() => undefined);
    if (old && !old.isFile() && !old.isDirectory())
      return new StreamSink((await open(path, 'w')).createWriteStream(), path);
    await mkdir(dirname(path), { recursive: true });
    await removeStale(path);
    const temporary = join(
      dirname(path),
      `.${basename(path)}${marker}${process.pid}-${randomBytes(4).toString('hex')}`,
    );
    const handle = await open(temporary, 'wx', old ? old.mode & 0o777 : 0o666);
    return new FileSink(path, temporary, handle);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

class FileSink implements ByteSink {
  readonly name: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #position = 0;
  #open = true;

  constructor(name: string, temporary: string, handle: FileHandle) {
    this.name = name;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writeAt(this.#position, bytes);
    this.#position += bytes.length;
  }

  readonly patch = (position: number, bytes: Uint8Array): Promise<void> => this.#writeAt(position, bytes);

  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#close();
      await rename(this.#temporary, this.name);
      await syncFolder(dirname(this.name));
    } catch (error) {
      await this.abort();
      throw withPlace(error, { file: this.name });
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

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }
}

/** Makes the new name last through a power cut. Not every file system allows it, and none needs it for correctness. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Removes what a killed run left of this target. A temporary file whose writer still lives is another run's and stays. */
async function removeStale(path: string): Promise<void> {
  const start = `.${basename(path)}${marker}`;
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start)) continue;
    const pid = Number.parseInt(name.slice(start.length), 10);
    if (pid !== process.pid && !isAlive(pid)) await unlink(join(folder, name)).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
