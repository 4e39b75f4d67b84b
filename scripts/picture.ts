/** Pictures of the docs that the program itself makes. */
import { copyFile, readFile, stat } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';

/** Bytes of a picture in the docs, at most. */
export const mostBytes = 100_000;

/** The header and the filtered rows of a PNG: the same for the same image by the same encoder, whatever packs them. */
async function contentOf(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  const found: Buffer[] = [];
  const packed: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') found.push(data);
    if (type === 'IDAT') packed.push(data);
    at += 12 + length;
  }
  return Buffer.concat([...found, inflateSync(Buffer.concat(packed))]);
}

/** Throws where the picture of the docs is not what was made, or is too large. With `write` it becomes that. */
export async function checkPicture(made: string, picture: string, write: boolean): Promise<void> {
  if (write) await copyFile(made, picture);
  const { size } = await stat(picture);
  if (size > mostBytes) throw new Error(`${picture} has ${size} bytes; ${mostBytes} are enough`);
  if (!(await contentOf(made)).equals(await contentOf(picture)))
    throw new Error(`${picture} is not what the demo makes: run it with --write`);
}
