/** `info --names`: the names in a file's Cryptomattes, with their IDs. */

import { bitsToHex, type Manifest, namesOfSet } from '../../lib/cryptomatte/index.js';
import { printable } from '../../lib/format/index.js';
import { type Header, readSidecar } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';

/**
 * The names of each Cryptomatte with the IDs that pixels have, in the order of {@link headerSets}; those of sidecars are read.
 * Throws what keeps one from that.
 */
export function namesOfSets(header: Header, image: string): Promise<readonly Manifest[]> {
  return Promise.all(headerSets(header).map((set) => namesOfSet(set, (name) => readSidecar(image, name))));
}

/** The fields of `--json` for one Cryptomatte. */
export function nameFields(names: Manifest = new Map()): { nameList: string[]; idList: string[] } {
  return { nameList: [...names.keys()], idList: [...names.values()].map(bitsToHex) };
}

/** A line for each name, behind its Cryptomatte and before its ID, and behind its file where there are several. */
export async function nameLines(header: Header, image: string, withFile: boolean): Promise<string> {
  const sets = headerSets(header);
  const names = await namesOfSets(header, image);
  return sets
    .flatMap(({ name, key }, number) => {
      const before = [...(withFile ? [image] : []), name ?? key];
      return Array.from(
        names[number] ?? [],
        ([one, bits]) => `${[...before, one, bitsToHex(bits)].map(printable).join('\t')}\n`,
      );
    })
    .join('');
}
