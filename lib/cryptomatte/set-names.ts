/** Which names the IDs of a Cryptomatte have, from the file or its sidecar. */
import type { CryptomatteSet } from '../layers/sets.js';
import { type Manifest, possibleNames, readManifest } from './manifest.js';

/** Reads the sidecar of an image by the name that the image has for it. */
export type ReadSidecar = (name: string) => Promise<Uint8Array>;

/** The names of a set with the IDs that pixels have. Throws what keeps one from reading a sidecar. */
export async function namesOfSet(
  { manifest, manifestFile }: Pick<CryptomatteSet, 'manifest' | 'manifestFile'>,
  readSidecar: ReadSidecar,
): Promise<Manifest> {
  const bytes = manifestFile === undefined ? manifest : await readSidecar(manifestFile);
  return bytes ? possibleNames(readManifest(bytes)).names : new Map();
}

/** The first name of each ID. */
export function namesById(names: Manifest): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const [name, bits] of names) if (!found.has(bits)) found.set(bits, name);
  return found;
}
