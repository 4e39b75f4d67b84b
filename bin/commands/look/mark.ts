/** How a later run knows a PNG for its own work: by a digest of what it was made with, among its words. */

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { version } from '../../../lib/index.js';
import { canonicalText, markName, sha256 } from '../../../lib/program.js';

/** Words for a PNG: what made it, and the digest of the options and the names of the inputs, wherever they lie. */
export function pngWords(command: string, options: object, inputs: readonly string[]): ReadonlyMap<string, string> {
  const mark = sha256(canonicalText([version, command, options, ...inputs.map((path) => basename(path))])).slice(0, 32);
  return new Map([
    ['Software', `exrpipe ${version}`],
    [markName, mark],
  ]);
}

/** Bytes at the beginning of a PNG within which its words are. */
const headBytes = 4096;

/** Whether a PNG has the same mark. What is no PNG has none. */
export async function hasMark(path: string, words: ReadonlyMap<string, string>): Promise<boolean> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead).includes(`${markName}\0${words.get(markName)}`, 0, 'latin1');
  } finally {
    await handle.close();
  }
}
