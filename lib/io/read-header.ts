import { type FileHandle, open } from 'node:fs/promises';
import { HeaderParser, type ParsedHeader } from '../format/header-parser.js';
import { defaultLimits, type Limits } from '../format/limits.js';
import { withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';

/** Bytes read at once while looking for the end of the header; grows with the header. */
const headerStep = 64 << 10;

/** Reads only the header of a file. */
export async function readExrHeader(path: string, limits: Limits = defaultLimits): Promise<Header> {
  try {
    const handle = await open(path, 'r');
    try {
      return (await readHeader(handle, limits)).parsed.header;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** The header of a file that has just been opened, and the first bytes of the file, which were read on the way. */
export async function readHeader(
  handle: FileHandle,
  limits: Limits,
): Promise<{ readonly parsed: ParsedHeader; readonly head: Uint8Array }> {
  const parser = new HeaderParser(limits);
  const head = await readSome(handle, headerStep);
  let parsed = head.length > 0 ? parser.push(head) : undefined;
  for (let step = 2 * headerStep; !parsed; step *= 2) {
    const more = await readSome(handle, step);
    if (more.length === 0) throw parser.truncated();
    parsed = parser.push(more);
  }
  return { parsed, head };
}

/** The next bytes: without a position, which a named pipe does not have. */
async function readSome(handle: FileHandle, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, null);
  return buffer.subarray(0, bytesRead);
}
