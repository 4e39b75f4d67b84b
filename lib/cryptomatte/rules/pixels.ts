/** Rules about the pixels of a set, judged by counts made in one pass. */

import { groupBy } from '../../model/group-by.js';
import { bitsToHex, nameBits, pixelBits } from '../hash.js';
import type { FoundId } from '../id-table.js';
import { type IdStatistics, judgeIds, pxr24Bits } from '../ids.js';
import { percent } from '../inject.js';
import type { Manifest } from '../manifest.js';
import { namesThenRepair } from './advice.js';
import { type Breach, everywhere, type RuleInfo } from './rule.js';

/** The input of a pixel rule. */
export interface PixelFacts {
  readonly name: string;
  readonly statistics: IdStatistics;
  /** Undefined if no names are available for the set. */
  readonly names: Manifest | undefined;
  /** The bits that have a name. */
  readonly known: ReadonlySet<number>;
}

export interface PixelRule extends RuleInfo {
  readonly check: (facts: PixelFacts) => Iterable<Omit<Breach, 'set' | 'part' | 'attribute'>>;
}

/** A pixel's position, to be spread into a breach. */
function placed(place: { x: number; y: number } | undefined): { pixel?: { x: number; y: number } } {
  return place ? { pixel: place } : {};
}

const intactIds: PixelRule = {
  id: 'CM-D12',
  meaning: 'The IDs in the pixels are whole: not rounded, filtered, premultiplied or colour-managed.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'render',
  *check({ name, statistics, known }) {
    const state = judgeIds(statistics, (bits) => known.has(bits));
    if (state === 'half')
      yield { message: `the IDs of "${name}" are destroyed: they were once stored as half or with a lossy codec` };
    if (state === 'mixed')
      yield {
        message: `the IDs of "${name}" are destroyed: they were filtered, resized, premultiplied or colour-managed`,
      };
  },
};

const unroundedIds: PixelRule = {
  id: 'CM-D13',
  meaning: 'The IDs in the pixels have 32 bits, not the 24 that PXR24 leaves.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'pixels',
  command: 'repair',
  *check({ name, statistics, known, names }) {
    if (judgeIds(statistics, (bits) => known.has(bits)) !== 'rounded') return;
    const rounded = new Set([...(names?.values() ?? [])].map(pxr24Bits));
    const share = statistics.share((bits) => rounded.has(bits));
    yield {
      message: `the IDs of "${name}" are rounded to 24 bits; the manifest determines ${percent(share)} of their coverage`,
      ...(names === undefined && { command: namesThenRepair }),
    };
  },
};

const namedIds: PixelRule = {
  id: 'CM-D09',
  meaning: 'Every ID that covers something is in the manifest.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'inject-manifest --replace --from DONOR.exr',
  *check({ name, statistics, known, names }) {
    if (!names || !['sound', 'unnamed'].includes(judgeIds(statistics, (bits) => known.has(bits)))) return;
    const unknown = [...statistics.found()].filter(({ bits }) => !known.has(bits));
    if (unknown.length === 0) return;
    unknown.sort((a, b) => b.coverage - a.coverage);
    const right = rightIds(names);
    for (const [reason, ids] of groupBy(unknown, ({ bits }) => right.get(bits)?.reason)) {
      const [largest] = ids as [FoundId];
      const bits = new Set(ids.map((one) => one.bits));
      const share = statistics.share((one) => bits.has(one));
      const owner = right.get(largest.bits)?.name ?? '';
      yield {
        message: `${percent(share)} of the coverage of "${name}" ${
          reason === undefined
            ? `has no name: ${ids.length} IDs, ${bitsToHex(largest.bits)} the largest`
            : `has a name with another ID: "${owner}" is ${bitsToHex(largest.bits)}, in the manifest it is ${bitsToHex(names.get(owner) ?? 0)}`
        }`,
        pixel: { x: largest.x, y: largest.y },
        ...(reason === undefined ? weight(share) : wrongId(reason === 'wrong' ? 1 : share)),
        ...(reason !== undefined && { command: reason === 'wrong' ? 'inject-manifest --rehash' : 'repair' }),
      };
    }
  },
};

/** Blender finds a matte by the hash of the typed name, whatever ID the manifest has; only picking gives no name. */
function wrongId(share: number): Required<Pick<RuleInfo, 'severity' | 'targets'>> {
  const { severity, targets } = weight(share);
  return {
    severity,
    targets: severity === 'error' ? { ...targets, blender: 'warning', blender3: 'warning' } : targets,
  };
}

function weight(share: number): Required<Pick<RuleInfo, 'severity' | 'targets'>> {
  const severity = share > 0.5 ? 'error' : share > 0.001 ? 'warning' : 'info';
  return { severity, targets: everywhere(severity) };
}

/** The IDs that a manifest intends: names whose values no pixel can have, and names whose values are not their hash. */
function rightIds(names: Manifest): Map<number, { name: string; reason: 'impossible' | 'wrong' }> {
  const right = new Map<number, { name: string; reason: 'impossible' | 'wrong' }>();
  for (const [name, bits] of names) {
    if (bits !== nameBits(name)) right.set(nameBits(name), { name, reason: 'wrong' });
    if (bits !== pixelBits(bits)) right.set(pixelBits(bits), { name, reason: 'impossible' });
  }
  return right;
}

const normalIds: PixelRule = {
  id: 'CM-D06',
  meaning: 'No ID is infinite, not a number or denormal.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'render',
  *check({ name, statistics: { brokenIdSamples, first } }) {
    if (brokenIdSamples > 0)
      yield { message: `${brokenIdSamples} IDs of "${name}" are not normal floats`, ...placed(first.get('brokenId')) };
  },
};

const coverage: PixelRule = {
  id: 'CM-D07',
  meaning: 'Coverage lies between 0 and 1, adds up to 1 at most, and descends with the rank.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'render',
  *check({ name, statistics: { badCoverageSamples, overfullPixels, unsortedPixels, first } }) {
    if (badCoverageSamples > 0)
      yield {
        message: `${badCoverageSamples} coverages of "${name}" are not between 0 and 1`,
        ...placed(first.get('badCoverage')),
      };
    if (overfullPixels > 0)
      yield {
        message: `the coverages of "${name}" add up to more than 1 in ${overfullPixels} pixels`,
        ...placed(first.get('overfull')),
      };
    if (unsortedPixels > 0)
      // V-Ray and Cycles also write that, and every reader sums over all ranks.
      yield {
        message: `the ranks of "${name}" are not sorted by coverage in ${unsortedPixels} pixels`,
        ...placed(first.get('unsorted')),
        severity: 'info',
        targets: everywhere('info'),
      };
  },
};

const usedNames: PixelRule = {
  id: 'CM-B15',
  meaning: 'A manifest may list names that cover nothing in this frame.',
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'nothing needed',
  *check({ name, statistics, names }) {
    if (!names) return;
    const found = new Set([...statistics.found()].map(({ bits }) => bits));
    const unused = [...names.values()].filter((bits) => !found.has(bits)).length;
    if (unused > 0) yield { message: `${unused} of ${names.size} names of "${name}" cover nothing in this frame` };
  },
};

export const pixelRules: readonly PixelRule[] = [intactIds, unroundedIds, normalIds, coverage, namedIds, usedNames];
