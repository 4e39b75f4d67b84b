import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import type { PipeReader } from './pipe-reader.js';
import type { RandomBytes } from './random-bytes.js';

/**
 * A temporary file without a name: it is unlinked as soon as it is open, so nothing is left behind however the process
 * ends. (Windows cannot unlink open files; there it goes when it is closed.)
 */
export async function openSpool(): Promise<{ handle: FileHandle; close: () => Promise<void> }> {
  const path = join(tmpdir(), `exrpipe-${process.pid}-${randomBytes(6).toString('hex')}.spool`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    const unlinked = await unlink(path).then(
      () => true,
      () => false,
    );
    return {
      handle,
      close: async () => {
        await handle.close();
        if (!unlinked) await unlink(path).catch(() => {});
      },
    };
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Copies a stream, and what was already taken from it, to a temporary file. */
export async function spoolPipe(taken: readonly Uint8Array[], pipe: PipeReader): Promise<RandomBytes> {
  const spool = await openSpool();
  try {
    let size = 0;
    const append = async (bytes: Uint8Array) => {
      await spool.handle.write(bytes, 0, bytes.length, size);
      size += bytes.length;
    };
    for (const bytes of taken) await append(bytes);
    for (let bytes = await pipe.some(); bytes; bytes = await pipe.some()) await append(bytes);
    return new FileBytes(spool.handle, size, { close: spool.close });
  } catch (error) {
    await spool.close();
    throw error;
  }
}
