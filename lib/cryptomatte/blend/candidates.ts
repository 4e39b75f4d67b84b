import type { CryptomatteKind } from '../../layers/kinds.js';
import { decodeText, encodeText } from '../../model/text.js';
import type { BlendNames } from './read.js';

/**
 * Names that Cycles' material manifests hold besides the materials': its default shaders
 * (blender/intern/cycles/scene/shader.cpp, `ShaderManager::add_default`; `default_gsplat` is in frames of 5.3).
 */
export const cyclesInternalMaterials: readonly string[] = [
  'default_surface',
  'default_volume',
  'default_light',
  'default_background',
  'default_empty',
  'default_gsplat',
];

/** Every shader without a name of its own, lights and worlds among them: in frames of 3.4 and 4.5, and not of 5.3. */
const namelessShader = 'shader';

/** EEVEE's material of surfaces without one (seen in frames of 4.5 and 5.3: 16 % of one). */
const eeveeDefaultMaterial = 'Default Surface';

/** The background where it lights a scene (frames of 5.3). */
const cyclesBackground = 'object';

/** From Blender 5 on lights have the names of their data in CryptoMaterial, and the world is in CryptoAsset. */
const namesLights = 500;

/**
 * Every name that may stand behind an ID of that kind in a frame rendered from these files: the .blend file and, where
 * it links to libraries, theirs. Each name once, in the order of the files. It is a superset: which of them are in a
 * frame only its pixels tell. A file may be rendered by a later version than the one that saved it, so what only later
 * versions name is there too; what they have given up is not.
 */
export function candidateNames(files: BlendNames | readonly BlendNames[], kind: CryptomatteKind): string[] {
  const all: readonly BlendNames[] = 'objects' in files ? [files] : files;
  const names = new Set<string>(internalNames(all, kind));
  for (const file of all) for (const name of namesOf(file, kind)) names.add(name);
  for (const file of all)
    for (const name of namesOf(file, kind)) for (const cut of eeveeCuts(name, file.nameBytes)) names.add(cut);
  return [...names];
}

function internalNames(files: readonly BlendNames[], kind: CryptomatteKind): readonly string[] {
  if (kind === 'asset') return [];
  if (kind === 'object') return [cyclesBackground];
  const nameless = files.some(({ version }) => version < namesLights) ? [namelessShader] : [];
  return [...cyclesInternalMaterials, ...nameless, eeveeDefaultMaterial];
}

function namesOf(file: BlendNames, kind: CryptomatteKind): string[] {
  if (kind === 'material') return [...file.materials, ...file.lights].map(({ name }) => name);
  if (kind === 'object') return file.objects.map(({ name }) => name);
  // The parents of a linked object are not known here; it may be a top itself.
  const tops = file.objects.map(({ name, topParent }) => topParent ?? name);
  return [...tops, ...file.worlds.map(({ name }) => name)];
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
