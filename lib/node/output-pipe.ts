/** Named pipes that results are written to. */
import { constants, open as openFd } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Milliseconds between two checks whether a pipe has a reader. */
const readerPause = 50;

/**
 * A named pipe, once it has a reader. Nothing waits in a system call, which would outlast every signal (see openPath). Systems
 * other than Linux cannot wait for an open pipe in the event loop.
 */
export async function openOutputPipe(path: string, signal: AbortSignal | undefined): Promise<Writable> {
  if (process.platform !== 'linux') return (await open(path, 'w')).createWriteStream();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const fd = await promisify(openFd)(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      // The system's error for a pipe without a reader.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error;
      await setTimeout(readerPause);
    }
  }
}
