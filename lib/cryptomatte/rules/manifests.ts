/** Rules about manifests, the names of IDs, and the table of all rules about manifests. */

import { isFloat } from '../../layers/rank-groups.js';
import { bitsToHex, eeveeName, nameBits, pixelBits } from '../hash.js';
import type { ReadManifest } from '../manifest.js';
import { sidecarProblem } from '../sidecar.js';
import { completeText, emptyObject, escaped, isJson, plainEscapes, values } from './manifest-text.js';
import { everywhere, type HeaderRule, nameOf } from './rule.js';
import { seenRule } from './seen.js';

/** Manifests beyond this size are refused by some readers. */
const largeManifest = 16 << 20;

const hasNames = seenRule({
  id: 'CM-B01',
  meaning:
    'A Cryptomatte has a manifest or names a sidecar; without either it is legal, but no matte can be picked by name, and Blender and Fusion see none.',
  severity: 'warning',
  targets: {
    ...everywhere('warning'),
    fusion: 'error',
    blender: 'error',
    blender3: 'error',
  },
  fixedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  remark: ({ set, label, layers }) =>
    set && !set.manifest && set.manifestFile === undefined && layers.length > 0
      ? {
          message: `${label} has no names`,
          others: everywhere('warning'),
          // IDs stored as half are lost: there is nothing left to name.
          ...(!layers.every(isFloat) && { fixedBy: 'render', command: undefined }),
        }
      : undefined,
});

const inlineForBlender = seenRule({
  id: 'CM-B16',
  meaning: 'Blender reads manifests inside the file only.',
  severity: 'info',
  targets: { blender: 'error', blender3: 'error' },
  fixedBy: 'header',
  command: 'repair --embed',
  remark: ({ set, label }) => ({
    message: `the names of ${label} lie in "${set?.manifestFile}", which Blender does not open`,
  }),
});

const rightHash: HeaderRule = {
  id: 'CM-B04',
  meaning:
    'The values of a manifest are those the pixels have: the hash with its exponent changed where it is no normal float.',
  severity: 'warning',
  // Psyop's plug-in for Nuke reports such a layer as broken when it tests manifests; picking works.
  targets: {
    'after-effects': 'warning',
    nuke: 'warning',
    fusion: 'info',
    blender: 'info',
    blender3: 'info',
    arnold: 'info',
  },
  fixedBy: 'header',
  command: 'repair',
  *check(facts) {
    for (const set of facts.sets) {
      const reading = facts.manifest(set);
      if (!reading) continue;
      const { impossible, foreign, odd, named } = sortValues(reading);
      if (impossible.length > 0)
        yield {
          message: `${impossible.length} names of ${nameOf(set)} have IDs that no pixel has, as Cycles writes them; After Effects cannot pick them ("${impossible[0]}")`,
          set: set.name,
        };
      // Where nearly all values are hashes of their names, another one is a mistake rather than another spelling.
      const suspect = odd.length * 4 <= named;
      const spelt = suspect ? foreign : [...odd, ...foreign];
      if (suspect && odd.length > 0)
        yield {
          message: `${odd.length} names of ${nameOf(set)} do not have their hash as ID, as ${named} others do ("${odd[0]}")`,
          set: set.name,
          targets: everywhere('warning'),
          command: rehash,
        };
      if (spelt.length > 0)
        yield {
          message: `${spelt.length} names of ${nameOf(set)} were hashed from another spelling ("${spelt[0]}")`,
          set: set.name,
          severity: 'info',
          targets: everywhere('info'),
          command: rehash,
        };
    }
  },
};

/** The pixels decide which IDs it changes. */
const rehash = 'inject-manifest --rehash';

/** Names by what their IDs are: the hash (counted in `named`), none that a pixel can have, or one that the spelling does not explain. */
function sortValues({ names, unproved }: Pick<ReadManifest, 'names' | 'unproved'>): {
  impossible: string[];
  foreign: string[];
  odd: string[];
  named: number;
} {
  const impossible: string[] = [];
  const foreign: string[] = [];
  const odd: string[] = [];
  let named = 0;
  for (const [name, bits] of names) {
    if (bits === 0) continue;
    const isPossible = bits === pixelBits(bits);
    // Hashing takes long, and the reader has done it.
    if (isPossible && (!unproved.has(name) || bits === nameBits(name))) named += 1;
    else if (!isPossible) impossible.push(name);
    else if (isOtherSpelling(name, bits)) foreign.push(name);
    else odd.push(name);
  }
  return { impossible, foreign, odd, named };
}

/** Whether a name explains why its ID is not its hash: EEVEE cut it, it was hashed in another encoding, or it is our substitute. */
function isOtherSpelling(name: string, bits: number): boolean {
  return (
    bits === nameBits(eeveeName(name)) || /[^ -~]|%[89A-F][0-9A-F]/.test(name) || name.includes(`(${bitsToHex(bits)})`)
  );
}

const uniqueIds: HeaderRule = {
  id: 'CM-B05',
  meaning: 'No two names share an ID.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'render',
  *check(facts) {
    for (const set of facts.sets) {
      const seen = new Map<number, string>();
      for (const [name, bits] of facts.manifest(set)?.names ?? []) {
        const other = seen.get(bits);
        if (other !== undefined)
          yield {
            message: `"${other}" and "${name}" of ${nameOf(set)} share the ID ${bitsToHex(bits)}`,
            set: set.name,
          };
        seen.set(bits, name);
      }
    }
  },
};

const noZero: HeaderRule = {
  id: 'CM-B06',
  meaning: 'No name has the ID 00000000, which stands for nothing; Blender 4.5 writes one, "(null)".',
  severity: 'info',
  // Blender and Fusion are not affected; Psyop's plug-in for Nuke and the one for After Effects treat it as a mistake.
  targets: {
    nuke: 'warning',
    'after-effects': 'warning',
    fusion: 'info',
    blender: 'info',
    blender3: 'info',
    arnold: 'info',
  },
  fixedBy: 'header',
  command: 'repair',
  *check(facts) {
    for (const set of facts.sets)
      for (const [name, bits] of facts.manifest(set)?.names ?? [])
        if (bits === 0) yield { message: `"${name}" of ${nameOf(set)} has the ID 00000000`, set: set.name };
  },
};

const safeSidecar: HeaderRule = {
  id: 'CM-B11',
  meaning: 'A sidecar is named relative to the image, with / and .json, and does not lead out of its folder.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair --embed',
  *check({ sets }) {
    for (const set of sets) {
      const problem = set.manifestFile === undefined ? undefined : sidecarProblem(set.manifestFile);
      if (problem !== undefined)
        yield {
          message: `the sidecar "${set.manifestFile}" of ${nameOf(set)} is not opened: ${problem}`,
          set: set.name,
        };
    }
  },
};

const sidecarTravels: HeaderRule = {
  id: 'CM-B13',
  meaning: 'A sidecar must be copied along with its image.',
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'header',
  command: 'repair --embed',
  *check({ sets }) {
    for (const set of sets)
      if (set.manifestFile !== undefined)
        yield { message: `the names of ${nameOf(set)} lie in "${set.manifestFile}"`, set: set.name };
  },
};

const size: HeaderRule = {
  id: 'CM-B14',
  meaning: 'A manifest has at most 16 MiB.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'nothing needed',
  *check({ sets }) {
    for (const set of sets)
      if (set.manifest && set.manifest.length > largeManifest)
        yield {
          message: `the manifest of ${nameOf(set)} has ${(set.manifest.length / (1 << 20)).toFixed(1)} MiB`,
          set: set.name,
        };
  },
};

export const manifestRules: readonly HeaderRule[] = [
  hasNames,
  inlineForBlender,
  isJson,
  values,
  rightHash,
  uniqueIds,
  noZero,
  emptyObject,
  escaped,
  completeText,
  plainEscapes,
  safeSidecar,
  sidecarTravels,
  size,
];
