/** IDs recomputed from names, per the specification. */

import type { Header } from '../model/header.js';
import type { NoticeReporter } from './carry.js';
import { nameBits } from './hash.js';
import { type IdStatistics, pxr24Bits, readIds, type SampleReader } from './ids.js';
import { injectTargets, type NamedTarget, withManifests } from './inject-targets.js';
import { formatManifest, type Manifest, possibleNames, sameNames, storedManifest } from './manifest.js';
import { namedShare } from './named-share.js';

/** The same names with their IDs per the specification. */
export function rehashed(names: Manifest): Manifest {
  return new Map([...names.keys()].map((name) => [name, nameBits(name)]));
}

/**
 * The header with its own manifests' IDs recomputed from the names, per the specification. The pixels, if they are read,
 * decide for each name: an ID that they have is kept unless it is another name's hash, as names may have been hashed from
 * another spelling.
 */
export async function rehashSets(
  header: Header,
  report: NoticeReporter,
  samples: SampleReader | undefined,
): Promise<Header> {
  const targets = injectTargets(header, true).filter(({ set }) => set?.manifest !== undefined);
  const statistics = samples && (await readIds(header, new Map(targets.map((one) => [one, one.layers])), samples));
  const named = targets.flatMap((target): NamedTarget[] => {
    const reading = storedManifest(target.set?.manifest ?? new Uint8Array());
    const { names: old } = possibleNames(reading);
    const counted = statistics?.get(target);
    const { names, kept } = counted ? rehashedByPixels(old, counted) : { names: rehashed(old), kept: [] };
    if (kept.length > 0)
      report.warn(
        'NOT_REHASHED',
        `${kept.length} names of "${target.name}" keep their IDs, which are in the pixels: they were computed from other names than those in the manifest ("${kept[0]}")`,
      );
    if (sameNames(reading.names, names)) return [];
    const changed = [...names].filter(([name, bits]) => reading.names.get(name) !== bits).length;
    report.note('REHASHED', `"${target.name}": the IDs of ${changed} of ${names.size} names were wrong`);
    return [{ target, manifest: formatManifest(names) }];
  });
  return named.length === 0 ? header : withManifests(header, named);
}

/** Names with the IDs that pixels have, and those among them whose IDs are not their hash. */
function rehashedByPixels(old: Manifest, statistics: IdStatistics): { names: Manifest; kept: string[] } {
  const right = rehashed(old);
  const { rounded } = namedShare(statistics, [...old.values(), ...right.values()]);
  const found = new Set([...statistics.found()].map(({ bits }) => bits));
  const inPixels = (bits: number): boolean => found.has(rounded ? pxr24Bits(bits) : bits);
  const hashes = new Set(right.values());
  const wrong = [...old].filter(([name, bits]) => right.get(name) !== bits);
  const kept = wrong.filter(([, bits]) => inPixels(bits) && !hashes.has(bits));
  // Names that cover nothing in this frame follow the others: if those were hashed from another spelling, so were these.
  const silent =
    kept.length === 0 ? [] : wrong.filter(([name, bits]) => !inPixels(bits) && !inPixels(right.get(name) ?? 0));
  return { names: new Map([...right, ...kept, ...silent]), kept: kept.map(([name]) => name) };
}
