/** Rules about manifests: the names behind the IDs. */

import { isFloat } from '../../layers/rank-groups.js';
import type { CryptomatteSet } from '../../layers/sets.js';
import { bitsToHex, eeveeName, nameBits, pixelBits } from '../hash.js';
import type { ManifestProblem, ReadManifest } from '../manifest.js';
import { sidecarProblem } from '../sidecar.js';
import { type Breach, everywhere, type HeaderFacts, type HeaderRule, nameOf, type RuleInfo } from './rule.js';
import { seenRule } from './seen.js';

/** Manifests beyond this size are refused by some readers. */
const largeManifest = 16 << 20;

/** One breach for each set whose manifest has one of these problems. */
function* problems(
  facts: HeaderFacts,
  wanted: Partial<Record<ManifestProblem, (set: CryptomatteSet, count: number, first: string) => Omit<Breach, 'set'>>>,
): Generator<Breach> {
  for (const set of facts.sets)
    for (const [problem, { count, first }] of facts.manifest(set)?.problems ?? []) {
      const describe = wanted[problem];
      if (describe) yield { ...describe(set, count, first), set: set.name };
    }
}

const hasNames = seenRule({
  id: 'CM-B01',
  meaning:
    'A set has a manifest or names a sidecar; without either it is legal, but no matte can be picked by name, and Blender and Fusion see none.',
  severity: 'warning',
  targets: {
    ...everywhere('warning'),
    fusion: 'error',
    blender: 'error',
    blender3: 'error',
  },
  mendedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  remark: ({ set, label, layers }) =>
    set && !set.manifest && set.manifestFile === undefined && layers.length > 0
      ? {
          message: `${label} has no names`,
          others: everywhere('warning'),
          // IDs stored as half are gone: there is nothing that names could be given to.
          ...(!layers.every(isFloat) && { mendedBy: 'render', command: undefined }),
        }
      : undefined,
});

const inlineForBlender = seenRule({
  id: 'CM-B16',
  meaning: 'Blender reads manifests inside the file only.',
  severity: 'info',
  targets: { blender: 'error', blender3: 'error' },
  mendedBy: 'header',
  command: 'repair --embed',
  remark: ({ set, label }) => ({
    message: `the names of ${label} lie in "${set?.manifestFile}", which Blender does not open`,
  }),
});

/** Blender finds a matte by the hash of a name as it is typed, whatever the manifest says; only picking gives other names. */
const unreadable: RuleInfo['targets'] = { ...everywhere('error'), blender: 'warning', blender3: 'warning' };

const isJson: HeaderRule = {
  id: 'CM-B02',
  meaning: 'A manifest is a JSON object of strings in UTF-8, each name once.',
  severity: 'error',
  targets: unreadable,
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      unreadable: (set, _, first) => ({
        message: `the manifest of ${nameOf(set)} is not JSON: it begins with "${first}"`,
      }),
      'not-json': (set, _, first) => ({
        message: `the manifest of ${nameOf(set)} is not JSON: braces or commas are missing or misplaced in "${first}"`,
      }),
      'byte-order-mark': (set) => ({ message: `the manifest of ${nameOf(set)} begins with a byte order mark` }),
      'not-utf8': (set, count, first) => ({
        message:
          first === ''
            ? `the manifest of ${nameOf(set)} is not valid UTF-8`
            : `${count} of the names of ${nameOf(set)} are not valid UTF-8; the first reads "${first}"`,
      }),
      nested: (set, _, first) => ({
        message: `the manifest of ${nameOf(set)} holds another object, "${first}", where a name should stand`,
      }),
      'trailing-text': (set, _, first) => ({
        message: `text follows the end of the manifest of ${nameOf(set)}: "${first}"`,
      }),
      'duplicate-name': (set, count, first) => ({
        message: `${count} names of ${nameOf(set)} occur twice, "${first}" first`,
        severity: 'warning',
        targets: everywhere('warning'),
      }),
      'several-ids': (set, count, first) => ({
        message: `${count} IDs of ${nameOf(set)} share their name with another one, "${first}" first; readers see one of them`,
        severity: 'warning',
        targets: everywhere('warning'),
      }),
      // Fusion's and Blender's readers let control characters pass, strict ones do not.
      'control-character': (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} hold control characters that are not escaped, "${first}" first`,
        targets: { ...everywhere('error'), fusion: 'info', blender: 'info', blender3: 'info' },
      }),
    }),
};

const values: HeaderRule = {
  id: 'CM-B03',
  meaning: 'The values of a manifest are eight lower-case hexadecimal digits.',
  severity: 'error',
  targets: unreadable,
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'bad-value': (set, count, first) => ({
        message: `${count} values in the manifest of ${nameOf(set)} cannot be read, that of "${first}" first`,
      }),
      'odd-value': (set, count, first) => ({
        message: `${count} values in the manifest of ${nameOf(set)} are not eight hexadecimal digits in quotes, that of "${first}" first`,
      }),
      'upper-case': (set, count, first) => ({
        message: `${count} values in the manifest of ${nameOf(set)} are in upper case, that of "${first}" first`,
        severity: 'warning',
        targets: everywhere('warning'),
      }),
    }),
};

const rightHash: HeaderRule = {
  id: 'CM-B04',
  meaning:
    'The values of a manifest are those the pixels have: the hash with its exponent changed where it is no normal float.',
  severity: 'warning',
  // Psyop's plugin for Nuke counts such a layer as broken when it tests manifests; picking works.
  targets: {
    'after-effects': 'warning',
    nuke: 'warning',
    fusion: 'info',
    blender: 'info',
    blender3: 'info',
    arnold: 'info',
  },
  mendedBy: 'header',
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

/** Whether a name shows why its ID is not its hash: EEVEE cut it, it was hashed in another encoding, or it is a stand-in of ours. */
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
  mendedBy: 'render',
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
  // Blender and Fusion do not mind; Psyop's plugin for Nuke and After Effects' count it as a mistake.
  targets: {
    nuke: 'warning',
    'after-effects': 'warning',
    fusion: 'info',
    blender: 'info',
    blender3: 'info',
    arnold: 'info',
  },
  mendedBy: 'header',
  command: 'repair',
  *check(facts) {
    for (const set of facts.sets)
      for (const [name, bits] of facts.manifest(set)?.names ?? [])
        if (bits === 0) yield { message: `"${name}" of ${nameOf(set)} has the ID 00000000`, set: set.name };
  },
};

const emptyObject: HeaderRule = {
  id: 'CM-B07',
  meaning: 'A set without names has the manifest {}.',
  severity: 'warning',
  targets: everywhere('warning'),
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'empty-text': (set, _, first) => ({
        message: `the empty manifest of ${nameOf(set)} is "${first}" instead of {}`,
      }),
    }),
};

const escaped: HeaderRule = {
  id: 'CM-B08',
  meaning: 'Quotes, backslashes and control characters in names are escaped; Cycles does not.',
  severity: 'error',
  targets: unreadable,
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      unescaped: (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} are not escaped, "${first}" first; strict readers lose all of them`,
      }),
    }),
};

const completeText: HeaderRule = {
  id: 'CM-B09',
  meaning: 'A manifest is whole; Arnold stops after 100,000 names and leaves a comma.',
  severity: 'error',
  targets: unreadable,
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      truncated: (set, _, first) => ({ message: `the manifest of ${nameOf(set)} is cut off and ends with "${first}"` }),
      'trailing-comma': (set) => ({ message: `the manifest of ${nameOf(set)} has a comma before its end` }),
    }),
};

const plainEscapes: HeaderRule = {
  id: 'CM-B10',
  meaning: 'Only quotes, backslashes and control characters are escaped: Blender knows no \\u escapes.',
  severity: 'info',
  targets: { blender: 'warning', blender3: 'warning' },
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'needless-escape': (set, count, first) => ({
        message: `${count} names of ${nameOf(set)} hold \\u escapes, which Blender reads as letters, "${first}" first`,
      }),
    }),
};

const safeSidecar: HeaderRule = {
  id: 'CM-B11',
  meaning: 'A sidecar is named relative to the picture, with / and .json, and does not lead out of its folder.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
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
  meaning: 'A sidecar must be copied along with its picture.',
  severity: 'info',
  targets: everywhere('info'),
  mendedBy: 'header',
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
  mendedBy: 'nothing needed',
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
