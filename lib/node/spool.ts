import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Scratch } from '../io/scratch.js';
import { asExrError, ExrError } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { temporaryPath } from './output-folder.js';

/**
 * A temporary file without a name: it is unlinked as soon as it is open, so nothing is left behind however the process
 * ends. (Windows cannot unlink open files; there it is removed when it is closed.) Its errors name the folder for temporary
 * files, and how to choose another.
 */
export async function openSpool(): Promise<Scratch> {
  const folder = tmpdir();
  const path = temporaryPath(folder);
  try {
    const handle = await open(path, 'wx+', 0o600);
    const unlinked = await unlink(path).then(
      () => true,
      () => false,
    );
    return new Spool(handle, folder, async () => {
      await handle.close();
      if (!unlinked) await unlink(path).catch(() => {});
    });
  } catch (error) {
    throw inFolder(error, folder);
  }
}

class Spool extends FileBytes implements Scratch {
  readonly #folder: string;

  constructor(handle: FileHandle, folder: string, close: () => Promise<void>) {
    super(handle, 0, close);
    this.#folder = folder;
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.size);
        this.size += bytesWritten;
        at += bytesWritten;
      }
    } catch (error) {
      throw inFolder(error, this.#folder);
    }
  }
}

/** The environment variable that Node takes the folder from. */
const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';

/** The user does not know the file, so the message is about its folder. */
function inFolder(error: unknown, folder: string): ExrError {
  const { kind, code, message } = asExrError(error);
  const text = code === 'ENOENT' ? 'there is no such folder' : message;
  return new ExrError(kind, code, `a temporary file is needed here, but ${text}`, {
    where: { file: folder },
    cause: error,
    hint: `Name a folder with enough room in ${variable}, or give the input as a file and the output with -o.`,
  });
}
