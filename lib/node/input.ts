/** Opens what a path leads to for reading. */
import { type BigIntStats, constants, createReadStream, open as openFd } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { closeQuietly } from '../model/close.js';
import { ExrError } from '../model/error.js';

/** A file can be read at any position; a named pipe or a device only once, from the beginning. */
export type OpenedInput =
  | { readonly kind: 'file'; readonly handle: FileHandle; readonly stats: BigIntStats }
  | { readonly kind: 'stream'; readonly stream: Readable };

/**
 * Opens a path. Nothing waits in a system call: Node makes those on threads that it waits for when the process ends, so a pipe
 * without a writer would outlast every signal.
 *
 * @throws ExrError of kind `usage` for a terminal.
 */
export async function openPath(path: string): Promise<OpenedInput> {
  if ((await stat(path)).isFIFO()) return { kind: 'stream', stream: await openPipe(path) };
  const handle = await open(path, 'r');
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { kind: 'file', handle, stats };
    if (stats.isDirectory()) throw new ExrError('io', 'EISDIR', 'this is a folder, not a file');
    if (isatty(handle.fd)) throw new ExrError('usage', 'IS_TERMINAL', 'this is a terminal, not a file');
    return { kind: 'stream', stream: handle.createReadStream() };
  } catch (error) {
    await closeQuietly(handle);
    throw error;
  }
}

/** On Linux a pipe opened like this waits for its writer in the event loop, which not every system can do. */
async function openPipe(path: string): Promise<Readable> {
  if (process.platform !== 'linux') return createReadStream(path);
  const fd = await promisify(openFd)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

/** A stream whose reading can be abandoned while it waits for bytes; a generator's `return` would wait for them too. */
export function givenUp(stream: Readable): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const bytes = stream[Symbol.asyncIterator]();
      return {
        next: () => bytes.next(),
        return: async () => {
          // Destroying a stream surfaces as an error to its reader.
          bytes.return?.().catch(() => {});
          stream.destroy();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
