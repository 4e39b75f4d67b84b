/** Rules about the text of manifests. */

import type { CryptomatteSet } from '../../layers/sets.js';
import type { ManifestProblem } from '../manifest.js';
import { type Breach, everywhere, type HeaderFacts, type HeaderRule, nameOf, type RuleInfo } from './rule.js';

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

/** Blender finds a matte by the hash of the typed name, whatever the manifest holds; only picking gives other names. */
const unreadable: RuleInfo['targets'] = { ...everywhere('error'), blender: 'warning', blender3: 'warning' };

export const isJson: HeaderRule = {
  id: 'CM-B02',
  meaning: 'A manifest is a JSON object of strings in UTF-8, each name once.',
  severity: 'error',
  targets: unreadable,
  fixedBy: 'header',
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
        message: `the manifest of ${nameOf(set)} holds a nested object, "${first}", where a name is expected`,
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
      // Fusion's and Blender's readers accept control characters, strict ones do not.
      'control-character': (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} hold control characters that are not escaped, "${first}" first`,
        targets: { ...everywhere('error'), fusion: 'info', blender: 'info', blender3: 'info' },
      }),
    }),
};

export const values: HeaderRule = {
  id: 'CM-B03',
  meaning: 'The values of a manifest are eight lower-case hexadecimal digits.',
  severity: 'error',
  targets: unreadable,
  fixedBy: 'header',
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

export const emptyObject: HeaderRule = {
  id: 'CM-B07',
  meaning: 'A Cryptomatte without names has the manifest {}.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'empty-text': (set, _, first) => ({
        message: `the empty manifest of ${nameOf(set)} is "${first}" instead of {}`,
      }),
    }),
};

export const escaped: HeaderRule = {
  id: 'CM-B08',
  meaning: 'Quotes, backslashes and control characters in names are escaped; Cycles does not.',
  severity: 'error',
  targets: unreadable,
  fixedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      unescaped: (set, count, first) => ({
        message: `${count} of the names of ${nameOf(set)} are not escaped, "${first}" first; strict readers lose all of them`,
      }),
    }),
};

export const completeText: HeaderRule = {
  id: 'CM-B09',
  meaning: 'A manifest is whole; Arnold stops after 100,000 names and leaves a comma.',
  severity: 'error',
  targets: unreadable,
  fixedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      truncated: (set, _, first) => ({ message: `the manifest of ${nameOf(set)} is cut off and ends with "${first}"` }),
      'trailing-comma': (set) => ({ message: `the manifest of ${nameOf(set)} has a comma before its end` }),
    }),
};

export const plainEscapes: HeaderRule = {
  id: 'CM-B10',
  meaning: 'Only quotes, backslashes and control characters are escaped: Blender knows no \\u escapes.',
  severity: 'info',
  targets: { blender: 'warning', blender3: 'warning' },
  fixedBy: 'header',
  command: 'repair',
  check: (facts) =>
    problems(facts, {
      'needless-escape': (set, count, first) => ({
        message: `${count} names of ${nameOf(set)} hold \\u escapes, which Blender reads as letters, "${first}" first`,
      }),
    }),
};
