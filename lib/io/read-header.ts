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

/** A file's header, and the first bytes of the file, which were read on the way. */
export async function readHeader(
  handle: FileHandle,
  limits: Limits,
): Promise<{ readonly parsed: ParsedHeader; readonly head: Uint8Array }> {
  const parser = new HeaderParser(limits);
  const head = await readSome(handle, headerStep, 0);
  let parsed = head.length > 0 ? parser.push(head) : undefined;
  let position = head.length;
  for (let step = 2 * headerStep; !parsed; step *= 2) {
    const more = await readSome(handle, step, position);
    if (more.length === 0) throw parser.truncated();
    parsed = parser.push(more);
    position += more.length;
  }
  return { parsed, head };
}

async function readSome(handle: FileHandle, length: number, position: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
