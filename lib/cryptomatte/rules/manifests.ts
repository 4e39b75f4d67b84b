/** Rules about manifests: the names behind the IDs. */

import type { CryptomatteSet } from '../../layers/sets.js';
import { decodeText } from '../../model/text.js';
import { bitsToHex, nameBits, nameHash } from '../hash.js';
import type { ManifestProblem } from '../manifest.js';
import { sidecarProblem } from '../sidecar.js';
import { type Breach, everywhere, type HeaderFacts, type HeaderRule, nameOf } from './rule.js';

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

const hasNames: HeaderRule = {
  id: 'CM-B01',
  meaning: 'A set has a manifest or names a sidecar; without either it is legal, but no matte can be picked by name.',
  severity: 'warning',
  targets: { nuke: 'warning', fusion: 'error', 'after-effects': 'warning', blender: 'warning', arnold: 'warning' },
  mendedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
  *check({ sets }) {
    for (const set of sets) {
      if (set.manifest || set.manifestFile !== undefined || set.layers.length === 0) continue;
      yield { message: `${nameOf(set)} has no names`, set: set.name };
    }
  },
};

const inlineForBlender: HeaderRule = {
  id: 'CM-B16',
  meaning: 'Blender reads manifests inside the file only.',
  severity: 'info',
  targets: { blender: 'error' },
  mendedBy: 'header',
  command: 'repair --embed',
  *check({ sets }) {
    for (const set of sets)
      if (set.manifestFile !== undefined && !set.manifest)
        yield {
          message: `the names of ${nameOf(set)} lie in "${set.manifestFile}", which Blender does not open`,
          set: set.name,
        };
  },
};

const isJson: HeaderRule = {
  id: 'CM-B02',
  meaning: 'A manifest is a JSON object of strings in UTF-8.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      unreadable: (set, _, first) => ({
        message: `the manifest of ${nameOf(set)} is not JSON: it begins with "${first}"`,
      }),
      'byte-order-mark': (set) => ({ message: `the manifest of ${nameOf(set)} begins with a byte order mark` }),
      'not-utf8': (set) => ({ message: `the manifest of ${nameOf(set)} is not valid UTF-8` }),
      // Fusion's and Blender's readers let control characters pass, strict ones do not.
      'control-character': (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} hold control characters that are not escaped, "${first}" first`,
        targets: { nuke: 'error', 'after-effects': 'error', arnold: 'error' },
      }),
    }),
};

const values: HeaderRule = {
  id: 'CM-B03',
  meaning: 'The values of a manifest are eight lower-case hexadecimal digits.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'bad-value': (set, count, first) => ({
        message: `${count} values in the manifest of ${nameOf(set)} are not eight hexadecimal digits, that of "${first}" first`,
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
    'The values of a manifest are those the pixels have: the hash with its exponent mended where it is no normal float.',
  severity: 'warning',
  targets: { 'after-effects': 'warning', nuke: 'info', fusion: 'info', blender: 'info', arnold: 'info' },
  mendedBy: 'header',
  command: 'repair',
  *check(facts) {
    for (const set of facts.sets) {
      const names = [...(facts.manifest(set)?.names ?? [])];
      const raw = names.filter(([name, bits]) => bits !== nameBits(name) && bits === nameHash(name));
      if (raw.length > 0)
        yield {
          message: `${raw.length} names of ${nameOf(set)} have their plain hash, which no pixel has; After Effects cannot pick them ("${raw[0]?.[0]}")`,
          set: set.name,
        };
      const foreign = names.filter(([name, bits]) => bits !== nameBits(name) && bits !== nameHash(name));
      if (foreign.length > 0)
        yield {
          message: `${foreign.length} names of ${nameOf(set)} were hashed from another spelling ("${foreign[0]?.[0]}")`,
          set: set.name,
          severity: 'info',
          targets: everywhere('info'),
        };
    }
  },
};

const uniqueIds: HeaderRule = {
  id: 'CM-B05',
  meaning: 'No two names share an ID, and no name occurs twice.',
  severity: 'warning',
  targets: everywhere('warning'),
  mendedBy: 'render',
  *check(facts) {
    yield* problems(facts, {
      'duplicate-name': (set, count, first) => ({
        message: `${count} names of ${nameOf(set)} occur twice, "${first}" first`,
      }),
    });
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
  meaning: 'No name has the ID 00000000, which stands for nothing.',
  severity: 'warning',
  targets: everywhere('warning'),
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
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      unescaped: (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} are not escaped, "${first}" first; readers lose all of them`,
      }),
    }),
};

const completeText: HeaderRule = {
  id: 'CM-B09',
  meaning: 'A manifest is whole; Arnold stops after 100,000 names and leaves a comma.',
  severity: 'error',
  targets: everywhere('error'),
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
  targets: { blender: 'warning' },
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets) {
      if (!set.manifest?.includes(0x5c)) continue;
      const found = /\\u(?!00[01])[0-9a-fA-F]{4}/.exec(decodeText(set.manifest))?.[0];
      if (found !== undefined)
        yield { message: `names of ${nameOf(set)} hold ${found}, which Blender reads as letters`, set: set.name };
    }
  },
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
