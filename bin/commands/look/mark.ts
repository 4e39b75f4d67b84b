/** How a later run knows a PNG for its own work: by a digest of what it was made with, among its words. */

import { basename } from 'node:path';
import { version } from '../../../lib/index.js';
import { canonicalText, hasPngText, markName, sha256 } from '../../../lib/program.js';

/** Words for a PNG: what made it, and the digest of the options and the names of the inputs, wherever they lie. */
export function pngWords(command: string, options: object, inputs: readonly string[]): ReadonlyMap<string, string> {
  const mark = sha256(canonicalText([version, command, options, ...inputs.map((path) => basename(path))])).slice(0, 32);
  return new Map([
    ['Software', `exrpipe ${version}`],
    [markName, mark],
  ]);
}

/** Whether a PNG has the same mark. What is no PNG has none. */
export function hasMark(path: string, words: ReadonlyMap<string, string>): Promise<boolean> {
  return hasPngText(path, markName, words.get(markName) ?? '');
}
