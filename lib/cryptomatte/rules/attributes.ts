/** Rules about the attributes that make up a set's metadata. */
import { longestShortName } from '../../format/limits.js';
import {
  conversionName,
  hashName,
  isSetAttribute,
  parseSetAttribute,
  setFields,
  setPrefix,
} from '../../layers/set-attributes.js';
import { groupBy } from '../../model/group-by.js';
import { textLength } from '../../model/text.js';
import { layerKey, rawLayerKey } from '../hash.js';
import { everywhere, type HeaderRule, nameOf } from './rule.js';

const wellFormedNames: HeaderRule = {
  id: 'CM-A01',
  meaning: 'Cryptomatte attributes are named cryptomatte/<key>/<what>, with exactly two slashes.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ header }) {
    for (const [part, { attributes }] of header.parts.entries())
      for (const attribute of attributes.names())
        if (isSetAttribute(attribute) && !parseSetAttribute(attribute))
          yield { message: `"${attribute}" does not have the form cryptomatte/<key>/<what>`, part, attribute };
  },
};

const stringType: HeaderRule = {
  id: 'CM-A02',
  meaning: 'Cryptomatte attributes have the type string.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
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
  meaning: 'A set has no attributes but name, hash, conversion, manifest and manif_file.',
  severity: 'warning',
  targets: everywhere('warning'),
  mendedBy: 'header',
  command: "drop-attribute 'cryptomatte/*/NAME'",
  *check({ sets }) {
    const known: ReadonlySet<string> = new Set(setFields);
    for (const set of sets)
      for (const [field, attribute] of set.attributes)
        if (!known.has(field))
          yield {
            message: `${nameOf(set)} has an attribute "${field}", over which strict readers stumble`,
            set: set.name,
            attribute,
          };
  },
};

const requiredFields: HeaderRule = {
  id: 'CM-A04',
  meaning: 'Every set has a name, a hash and a conversion.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets) {
      const missing = (['name', 'hash', 'conversion'] as const).filter((field) => !set.attributes.has(field));
      if (missing.length > 0) yield { message: `${nameOf(set)} lacks ${missing.join(' and ')}`, set: set.name };
    }
  },
};

const knownAlgorithms: HeaderRule = {
  id: 'CM-A05',
  meaning: 'The hash is MurmurHash3_32 and the conversion uint32_to_float32, spelt exactly so.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets) {
      if (set.hash !== undefined && set.hash !== hashName)
        yield { message: `the hash of ${nameOf(set)} is "${set.hash}" instead of ${hashName}`, set: set.name };
      if (set.conversion !== undefined && set.conversion !== conversionName)
        yield {
          message: `the conversion of ${nameOf(set)} is "${set.conversion}" instead of ${conversionName}`,
          set: set.name,
        };
    }
  },
};

const keyLength: HeaderRule = {
  id: 'CM-A06',
  meaning: 'A key has at most seven characters.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets)
      if (set.key.length > 7)
        yield { message: `the key "${set.key}" of ${nameOf(set)} is longer than seven characters`, set: set.name };
  },
};

const keyCharacters: HeaderRule = {
  id: 'CM-A07',
  meaning: 'A key consists of lower-case letters and digits, since Fusion overlooks others.',
  severity: 'warning',
  targets: { fusion: 'error' },
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets)
      if (!/^[a-z0-9]+$/.test(set.key))
        yield { message: `Fusion overlooks the key "${set.key}" of ${nameOf(set)}`, set: set.name };
  },
};

const keyOfName: HeaderRule = {
  id: 'CM-A08',
  meaning: "A key is the beginning of its name's hash; another one is legal, and usual after a rename.",
  severity: 'info',
  targets: everywhere('info'),
  mendedBy: 'nothing needed',
  *check({ sets }) {
    for (const { name, key } of sets)
      if (name !== undefined && key !== layerKey(name) && key !== rawLayerKey(name))
        yield { message: `the key ${key} of "${name}" is not made from its name`, set: name };
  },
};

const distinctNames: HeaderRule = {
  id: 'CM-A09',
  meaning: 'No two sets of a part have the same name.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    const named = sets.flatMap((set) => (set.name === undefined ? [] : set.parts.map((part) => ({ set, part }))));
    for (const twins of groupBy(named, ({ set, part }) => `${part} ${set.name}`).values()) {
      const [first] = twins;
      const keys = [...new Set(twins.map(({ set }) => set.prefix + set.key))];
      if (first && keys.length > 1)
        yield {
          message: `${keys.length} keys name "${first.set.name}", "${keys[0]}" and "${keys[1]}" among them`,
          set: first.set.name,
          part: first.part,
        };
    }
  },
};

const plainPrefix: HeaderRule = {
  id: 'CM-A11',
  meaning: 'Attribute names begin with cryptomatte/, not with what Nuke puts before it.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
  command: 'repair',
  *check({ sets }) {
    for (const set of sets)
      if (set.prefix !== setPrefix)
        // Nuke reads exr/ itself; it is its own alias.
        yield set.prefix === `exr/${setPrefix}`
          ? {
              message: `${nameOf(set)} stands under "${set.prefix}", which only Nuke reads`,
              set: set.name,
              targets: { ...everywhere('error'), nuke: 'info' },
            }
          : { message: `${nameOf(set)} stands under "${set.prefix}", where readers do not look`, set: set.name };
  },
};

const longNameFlag: HeaderRule = {
  id: 'CM-A12',
  meaning: 'Attribute names of more than 31 bytes need the long-name flag.',
  severity: 'error',
  targets: everywhere('error'),
  mendedBy: 'header',
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
  meaning: 'A set has its names inside the file or beside it; where both are, the file beside it counts.',
  severity: 'info',
  targets: everywhere('info'),
  mendedBy: 'header',
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
