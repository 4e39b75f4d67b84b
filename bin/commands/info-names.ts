/** `info --names`: the names in a file's Cryptomattes. */

import { type Manifest, readManifest } from '../../lib/cryptomatte/index.js';
import { printable } from '../../lib/format/index.js';
import { type Header, readSidecar } from '../../lib/index.js';
import { type CryptomatteSet, headerSets } from '../../lib/layers/index.js';

/** The names of each Cryptomatte, in the order of {@link headerSets}; those of sidecars are read. Throws what keeps one from that. */
export function namesOfSets(header: Header, image: string): Promise<readonly (readonly string[])[]> {
  return Promise.all(headerSets(header).map(async (set) => [...(await manifestOf(set, image)).keys()]));
}

async function manifestOf({ manifest, manifestFile }: CryptomatteSet, image: string): Promise<Manifest> {
  if (manifestFile !== undefined) return readManifest(await readSidecar(image, manifestFile)).names;
  return manifest ? readManifest(manifest).names : new Map();
}

/** A line for each name, behind its Cryptomatte and a tab, and behind its file where there are several. */
export async function nameLines(header: Header, image: string, withFile: boolean): Promise<string> {
  const sets = headerSets(header);
  const names = await namesOfSets(header, image);
  return sets
    .flatMap(({ name, key }, number) => {
      const before = [...(withFile ? [image] : []), name ?? key];
      return (names[number] ?? []).map((one) => `${[...before, one].map(printable).join('\t')}\n`);
    })
    .join('');
}
