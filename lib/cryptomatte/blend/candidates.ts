import type { CryptomatteKind } from '../../layers/kinds.js';
import { decodeText, encodeText } from '../../model/text.js';
import type { BlendNames } from './read.js';

/**
 * Names that Cycles' material manifests hold besides the materials': five default shaders, and `shader` for every
 * shader without a name of its own, lights and worlds among them (blender/intern/cycles/scene/shader.cpp,
 * `ShaderManager::add_default`; seen in every file Blender 3.4 rendered).
 */
export const cyclesInternalMaterials: readonly string[] = [
  'default_surface',
  'default_volume',
  'default_light',
  'default_background',
  'default_empty',
  'shader',
];

/**
 * Every name that an ID of that kind may have in a frame rendered from these files: the .blend file and, where
 * it links to libraries, theirs. Each name once, in the order of the files. It is a superset: only the pixels tell which
 * of them are in a frame.
 */
export function candidateNames(files: BlendNames | readonly BlendNames[], kind: CryptomatteKind): string[] {
  const names = new Set<string>(kind === 'material' ? cyclesInternalMaterials : []);
  const all: readonly BlendNames[] = 'objects' in files ? [files] : files;
  for (const file of all) for (const name of namesOf(file, kind)) names.add(name);
  for (const file of all)
    for (const name of namesOf(file, kind)) for (const cut of eeveeCuts(name, file.nameBytes)) names.add(cut);
  return [...names];
}

function namesOf(file: BlendNames, kind: CryptomatteKind): string[] {
  if (kind === 'material') return file.materials.map(({ name }) => name);
  if (kind === 'object') return file.objects.map(({ name }) => name);
  // The parents of a linked object are not known here; it may be a root itself.
  return file.objects.map(({ name, topParent }) => topParent ?? name);
}

/**
 * EEVEE hashes two bytes less than a name's array holds, so it cuts the longest names
 * (blender/source/blender/blenkernel/intern/cryptomatte.cc, `CryptomatteLayer::add_ID`: `MAX_NAME - 2` of 64 bytes).
 * Whether Blender 5 raised that limit along with its names is not settled, so both cuts are offered there.
 */
function eeveeCuts(name: string, nameBytes: number): string[] {
  const bytes = encodeText(name);
  return [62, nameBytes - 1].filter((cut) => bytes.length > cut).map((cut) => decodeText(bytes.subarray(0, cut)));
}
