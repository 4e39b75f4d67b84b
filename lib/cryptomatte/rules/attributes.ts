/**
 * Rules about the attributes that make up a set's metadata, from the specification. A breach is an error for the programs that
 * fail on it, and a warning for others.
 */
import { longestShortName } from '../../format/limits.js';
import type { Program } from '../../layers/seen-by/program.js';
import { conversionName, hashName, isSetAttribute, parseSetAttribute, setFields } from '../../layers/set-attributes.js';
import { groupBy } from '../../model/group-by.js';
import { textLength } from '../../model/text.js';
import { layerKey, rawLayerKey } from '../hash.js';
import { shellWord } from './advice.js';
import { type Breach, everywhere, type HeaderFacts, type HeaderRule, nameOf, severityOf } from './rule.js';
import { seenRule } from './seen.js';

/** The severity of a breach of the specification: an error for the programs that fail on it. */
function weigh({ subjects }: HeaderFacts, rule: string): Pick<Breach, 'severity' | 'targets'> {
  const minds = subjects.flatMap(({ broken }): Program[] => [...(broken.get(rule)?.keys() ?? [])]);
  const targets = { ...everywhere('warning'), ...Object.fromEntries(minds.map((one) => [one, 'error' as const])) };
  return { severity: severityOf(targets), targets };
}

const wellFormedNames: HeaderRule = {
  id: 'CM-A01',
  meaning: 'Cryptomatte attributes are named cryptomatte/<key>/<what>, with exactly two slashes.',
  severity: 'warning',
  targets: { ...everywhere('warning'), nuke: 'error', arnold: 'error' },
  fixedBy: 'header',
  command: 'repair',
  *check(facts) {
    const weight = weigh(facts, 'CM-A01');
    for (const [part, { attributes }] of facts.header.parts.entries())
      for (const attribute of attributes.names())
        if (isSetAttribute(attribute) && !parseSetAttribute(attribute))
          yield {
            message: `"${attribute}" does not have the form cryptomatte/<key>/<what>`,
            part,
            attribute,
            ...weight,
          };
  },
};

const stringType: HeaderRule = {
  id: 'CM-A02',
  meaning: 'Cryptomatte attributes have the type string.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair',
  *check({ header }) {
    for (const [part, { attributes }] of header.parts.entries())
      for (const [attribute, { type }] of attributes)
        if (parseSetAttribute(attribute) && type !== 'string')
          yield { message: `"${attribute}" has the type ${type} instead of string`, part, attribute };
  },
};

const knownFields: HeaderRule = {
  id: 'CM-A03',
  meaning: 'A Cryptomatte has no attributes but name, hash, conversion, manifest and manif_file.',
  severity: 'warning',
  targets: { ...everywhere('warning'), arnold: 'error' },
  fixedBy: 'header',
  command: "drop-attribute 'cryptomatte/*/NAME'",
  *check(facts) {
    const weight = weigh(facts, 'CM-A03');
    const known: ReadonlySet<string> = new Set(setFields);
    for (const set of facts.sets)
      for (const [field, attribute] of set.attributes)
        if (!known.has(field))
          yield {
            message: `${nameOf(set)} has an attribute "${field}", over which strict readers stumble`,
            set: set.name,
            attribute,
            ...weight,
            command: `drop-attribute ${shellWord(`${set.prefix}*/${field}`)}`,
          };
  },
};

const requiredFields: HeaderRule = {
  id: 'CM-A04',
  meaning: 'Every Cryptomatte has a name, a hash and a conversion; no program finds one without a name.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair',
  *check({ subjects }) {
    for (const { set, label, broken } of subjects) {
      if (!set) continue;
      const missing = (['name', 'hash', 'conversion'] as const).filter((field) => !set.attributes.has(field));
      const minds = broken.get('CM-A04')?.keys() ?? [];
      const targets = {
        ...everywhere('warning'),
        ...Object.fromEntries([...minds].map((one) => [one, 'error' as const])),
      };
      if (missing.length > 0)
        yield {
          message: `${label} lacks ${missing.join(' and ')}`,
          set: set.name,
          severity: severityOf(targets),
          targets,
        };
      else if (!set.name)
        yield {
          message: `${label} has a name that is empty or no text`,
          set: set.name,
          severity: severityOf(targets),
          targets,
        };
    }
  },
};

const knownAlgorithms: HeaderRule = {
  id: 'CM-A05',
  meaning: 'The hash is MurmurHash3_32 and the conversion uint32_to_float32, spelt exactly so.',
  severity: 'warning',
  targets: { ...everywhere('warning'), arnold: 'error' },
  fixedBy: 'header',
  command: 'repair',
  *check(facts) {
    const weight = weigh(facts, 'CM-A05');
    for (const set of facts.sets) {
      if (set.hash !== undefined && set.hash !== hashName)
        yield {
          message: `the hash of ${nameOf(set)} is "${set.hash}" instead of ${hashName}`,
          set: set.name,
          ...weight,
        };
      if (set.conversion !== undefined && set.conversion !== conversionName)
        yield {
          message: `the conversion of ${nameOf(set)} is "${set.conversion}" instead of ${conversionName}`,
          set: set.name,
          ...weight,
        };
    }
  },
};

const keyLength: HeaderRule = {
  id: 'CM-A06',
  meaning: 'A key has at most seven characters.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets)
      if (set.key.length > 7)
        yield { message: `the key "${set.key}" of ${nameOf(set)} is longer than seven characters`, set: set.name };
  },
};

const keyCharacters: HeaderRule = {
  id: 'CM-A07',
  meaning: 'A key consists of lower-case letters and digits, since Fusion stops at others.',
  severity: 'warning',
  targets: { fusion: 'error' },
  fixedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets)
      if (!/^[a-z0-9]+$/.test(set.key))
        yield { message: `the key "${set.key}" of ${nameOf(set)} stops Fusion`, set: set.name };
  },
};

const keyOfName: HeaderRule = {
  id: 'CM-A08',
  meaning: "A key is the beginning of its name's hash; another one is legal, and usual after a rename.",
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'nothing needed',
  *check({ sets }) {
    for (const { name, key } of sets)
      if (name !== undefined && key !== layerKey(name) && key !== rawLayerKey(name))
        yield { message: `the key ${key} of "${name}" is not made from its name`, set: name };
  },
};

const distinctNames: HeaderRule = {
  id: 'CM-A09',
  meaning: 'No two Cryptomattes of a part have the same name.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    const named = sets.flatMap((set) => (set.name === undefined ? [] : set.parts.map((part) => ({ set, part }))));
    for (const same of groupBy(named, ({ set, part }) => `${part} ${set.name}`).values()) {
      const [first] = same;
      const keys = [...new Set(same.map(({ set }) => set.prefix + set.key))];
      if (first && keys.length > 1)
        yield {
          message: `${keys.length} keys name "${first.set.name}", "${keys[0]}" and "${keys[1]}" among them`,
          set: first.set.name,
          part: first.part,
        };
    }
  },
};

const plainPrefix = seenRule({
  id: 'CM-A11',
  meaning: 'Attribute names begin with cryptomatte/, not with what Nuke puts before it.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'repair',
  remark: ({ set, label }) => ({ message: `${label} is stored under "${set?.prefix}", where programs do not look` }),
});

const longNameFlag: HeaderRule = {
  id: 'CM-A12',
  meaning: 'Attribute names of more than 31 bytes need the long-name flag.',
  severity: 'warning',
  targets: everywhere('warning'),
  fixedBy: 'header',
  command: 'repair',
  *check({ header }) {
    if (header.longNames) return;
    for (const [part, { attributes }] of header.parts.entries())
      for (const attribute of attributes.names())
        if (isSetAttribute(attribute) && textLength(attribute) > longestShortName)
          yield {
            message: `"${attribute}" is longer than ${longestShortName} bytes, and the long-name flag is not set`,
            part,
            attribute,
          };
  },
};

const oneManifest: HeaderRule = {
  id: 'CM-A13',
  meaning: 'A Cryptomatte has its names inside the file or beside it; if it has both, the file beside it counts.',
  severity: 'info',
  targets: everywhere('info'),
  fixedBy: 'header',
  command: 'repair --embed',
  *check({ sets }) {
    for (const set of sets)
      if (set.manifest && set.manifestFile !== undefined)
        yield { message: `${nameOf(set)} has a manifest and a sidecar; readers take the sidecar`, set: set.name };
  },
};

export const attributeRules: readonly HeaderRule[] = [
  wellFormedNames,
  stringType,
  knownFields,
  requiredFields,
  knownAlgorithms,
  keyLength,
  keyCharacters,
  keyOfName,
  distinctNames,
  plainPrefix,
  longNameFlag,
  oneManifest,
];
