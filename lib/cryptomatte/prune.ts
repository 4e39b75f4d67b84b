/** Manifests without the names that nothing in the image has. */
import { type Advice, advise, stepOf } from '../model/advice.js';
import type { Manifest } from './manifest.js';
import type { OccurringIds } from './occurring.js';

/** Why names cannot be told by the IDs in the pixels; undefined where they can. */
export function pruningProblem(names: Manifest, ids: OccurringIds): Advice | undefined {
  if (ids.overflow) return advise`its pixels hold too many different IDs to be IDs of objects`;
  if (ids.size === 0) return undefined;
  if (ids.areRounded)
    return advise`its IDs are rounded or destroyed; ${stepOf('repair')} restores what can be restored`;
  for (const bits of names.values()) if (ids.has(bits)) return undefined;
  return advise`none of the IDs in its pixels has a name; ${stepOf('inject-manifest', { rehash: true })} or other names may fit`;
}

/** The names whose IDs occur, and those that are to be kept whatever the pixels hold. Their order stays. */
export function pruned(
  names: Manifest,
  occurs: (bits: number) => boolean,
  keep: (name: string) => boolean,
): Map<string, number> {
  const kept = new Map<string, number>();
  for (const [name, bits] of names) if (occurs(bits) || keep(name)) kept.set(name, bits);
  return kept;
}
