import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scratch } from '../io/scratch.js';
import { withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';

/**
 * A temporary file without a name: it is unlinked as soon as it is open, so nothing is left behind however the process
 * ends. (Windows cannot unlink open files; there it goes when it is closed.)
 */
export async function openSpool(): Promise<Scratch> {
  const path = join(tmpdir(), `exrpipe-${process.pid}-${randomBytes(6).toString('hex')}.spool`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    const unlinked = await unlink(path).then(
      () => true,
      () => false,
    );
    return new Spool(handle, async () => {
      await handle.close();
      if (!unlinked) await unlink(path).catch(() => {});
    });
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

class Spool extends FileBytes implements Scratch {
  constructor(handle: FileHandle, close: () => Promise<void>) {
    super(handle, 0, close);
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.size);
      this.size += bytesWritten;
      at += bytesWritten;
    }
  }
}
