/** Texts in the head of a PNG, by which a run knows its own work. */
import { open } from 'node:fs/promises';

/** Bytes at the beginning of a PNG within which the texts are that exrpipe writes. */
const headBytes = 4096;

/** Whether the file has this text under this keyword (ASCII, `tEXt`). A file that is not a PNG, or does not exist, has none. */
export async function hasPngText(path: string, keyword: string, text: string): Promise<boolean> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead).includes(`${keyword}\0${text}`, 0, 'latin1');
  } finally {
    await handle.close();
  }
}
