/** Which names the IDs of a Cryptomatte have, from the file or its sidecar. */
import type { CryptomatteSet } from '../layers/sets.js';
import { type Manifest, possibleNames, storedManifest } from './manifest.js';

/** Reads the sidecar of an image by the name that the image has for it. */
export type ReadSidecar = (name: string) => Promise<Uint8Array>;

/**
 * The names of a set with the IDs that pixels have, which Cycles' manifests do not show for 1 name in 128. Without `readSidecar`,
 * as for a stream, a sidecar is not looked at. Throws what keeps one from reading it.
 */
export async function namesOfSet(
  { manifest, manifestFile }: Pick<CryptomatteSet, 'manifest' | 'manifestFile'>,
  readSidecar: ReadSidecar | undefined,
): Promise<Manifest> {
  if (manifestFile !== undefined && readSidecar)
    return possibleNames(storedManifest(await readSidecar(manifestFile))).names;
  return manifest ? possibleNames(storedManifest(manifest)).names : new Map();
}

/** The first name of each ID. */
export function namesById(names: Manifest): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const [name, bits] of names) if (!found.has(bits)) found.set(bits, name);
  return found;
}
