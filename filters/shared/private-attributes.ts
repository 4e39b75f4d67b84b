/** What headers reveal about the machines and people that made them, and nobody outside needs. */

import { parseAttribute } from '../../lib/format/index.js';
import type { Attribute } from '../../lib/index.js';
import { isSetAttribute } from '../../lib/layers/index.js';

/**
 * Attributes that hold paths, hosts or users whatever their values look like. Blender: File, Hostname. Nuke: input/filename and
 * others. Arnold: host. Houdini: HostComputer, Artist. FILE_NAME: pipelines and converters.
 */
export const privateNames: readonly string[] = [
  'File',
  'FILE_NAME',
  'fileName',
  'filename',
  'Hostname',
  'HostComputer',
  'Artist',
  '*[hH]ost*',
  '*HOST*',
  '*[uU]ser[nN]ame*',
  '*USER*',
  '*[uU]ser',
  'user',
  'input/filename',
  'nuke/input/filename',
  '*[wW]orking[dD]ir*',
  '*[sS]cene[fF]ile*',
  '*[hH]ip[fF]ile*',
];

/** Absolute paths of any system, file addresses, and mail addresses, alone or within other text. */
const privateText =
  /(?:^|[\s"'=,;([])(?:file:\/\/|~[^\s/]*\/|\/[^/\s]+\/|[A-Za-z]:[\\/]|\\\\[^\\\s]+\\)|[^\s@]+@[^\s@]+\.[a-z]{2,}/;

/** The texts in a value that people may have written; none for Cryptomattes, whose names are not about machines. */
export function textsOf(name: string, { type, value }: Attribute): readonly string[] {
  if (isSetAttribute(name) || (type !== 'string' && type !== 'stringvector')) return [];
  try {
    const parsed = parseAttribute(type, value);
    const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return list.filter((one) => typeof one === 'string');
  } catch {
    return []; // A damaged list holds no text that could be read.
  }
}

export function isPrivateText(text: string): boolean {
  return privateText.test(text);
}
