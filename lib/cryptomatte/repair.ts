/**
 * Repairs what can be repaired in a header: every rule whose breach does not require re-rendering has its remedy here. Each
 * remedy is a separate function, reports what it did, and leaves a header alone that does not need it.
 */

import { makeStringAttribute, parseAttribute } from '../format/attribute-types.js';
import {
  conversionName,
  hashName,
  isSetAttribute,
  parseSetAttribute,
  setAttributes,
  setPrefix,
} from '../layers/set-attributes.js';
import { type CryptomatteSet, headerSets, orphanGroups, withoutSets } from '../layers/sets.js';
import { type Advice, adviceText, advise, stepOf } from '../model/advice.js';
import type { Attribute, Attributes } from '../model/attributes.js';
import { ExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import type { Header } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { NoticeReporter } from './carry.js';
import { layerKey, rawLayerKey } from './hash.js';
import { homesOf } from './inject-targets.js';
import { freeKey, keysOf } from './keys.js';
import { formatManifest, joinManifests, possibleNames, storedManifest } from './manifest.js';
import { mapAttributes } from './map-attributes.js';
import { openable } from './repair-file.js';
import { repairManifests } from './repair-manifests.js';
import { inFirstPart } from './settle.js';

export type Remedy = (header: Header, report: NoticeReporter) => Header;

/**
 * One remedy may uncover work for another, as when copies of metadata in several parts differ; more rounds than this never
 * help.
 */
const maxRounds = 8;

/** Far more sets than any renderer writes. Remedies handle sets one by one, so their number must be bounded. */
const maxSets = 4096;

/** Remedies that take a decision. */
export interface RepairOptions {
  /** Derive new keys from all names. */
  readonly rekey?: boolean;
  /** Drop metadata that leads to no channels. By default it is kept, as its names may be needed. */
  readonly dropDangling?: boolean;
}

/**
 * All remedies for a header, in an order in which each builds on what earlier ones have repaired.
 *
 * @throws ExrError of kind `limit` for a header with absurdly many sets.
 */
export function repairHeader(header: Header, report: NoticeReporter, options: RepairOptions = {}): Header {
  const once = withoutRepeats(report);
  return completeSets(repairSets(header, once), once, options);
}

/**
 * Repairs the contents of metadata: the first half of {@link repairHeader}, after which it is known whose channels are missing.
 *
 * @throws ExrError `TOO_MANY_SETS` (kind `limit`).
 */
export function repairSets(header: Header, report: NoticeReporter): Header {
  const sets = headerSets(header).length;
  if (sets > maxSets)
    throw new ExrError('limit', 'TOO_MANY_SETS', `the header has ${sets} Cryptomattes, more than ${maxSets}`);
  return rounds(header, usualRemedies, report);
}

/** The second half: metadata without channels, channels without metadata, and the place of all of it. */
export function completeSets(
  header: Header,
  report: NoticeReporter,
  { rekey = false, dropDangling = false }: RepairOptions = {},
): Header {
  const remedies: Remedy[] = [
    ...usualRemedies,
    ...(dropDangling ? [dropDanglingSets] : []),
    (current, reporter) => repairKeys(current, reporter, rekey),
    declareOrphans,
    gatherInFirstPart,
  ];
  const done = rounds(header, remedies, report);
  if (!dropDangling) warnOfDangling(done, report);
  return done;
}

const usualRemedies: readonly Remedy[] = [
  openable,
  dropMalformed,
  repairTypes,
  plainPrefixes,
  recoverNames,
  fillRequired,
  joinDuplicates,
  nameAfterChannels,
  repairManifests,
];

function rounds(header: Header, remedies: readonly Remedy[], report: NoticeReporter): Header {
  const once = withoutRepeats(report);
  let current = header;
  for (let round = 0; round < maxRounds; round++) {
    const before = current;
    for (const remedy of remedies) current = remedy(current, once);
    if (current === before) break;
  }
  return current;
}

/** Suppresses reports that an earlier round has already made. */
function withoutRepeats(report: NoticeReporter): NoticeReporter {
  const reported = new Set<string>();
  const first = (code: string, message: string | Advice): boolean => {
    const text = `${code} ${adviceText(message)}`;
    const fresh = !reported.has(text);
    reported.add(text);
    return fresh;
  };
  return {
    warn: (code, message) => void (first(code, message) && report.warn(code, message)),
    note: (code, message) => void (first(code, message) && report.note(code, message)),
  };
}

/** CM-A01: no reader can assign these to a set. */
function dropMalformed(header: Header, report: NoticeReporter): Header {
  return mapAttributes(header, (attributes) => {
    const bad = attributes.names().filter((name) => isSetAttribute(name) && !parseSetAttribute(name));
    if (bad.length === 0) return attributes;
    report.note('DROPPED_ATTRIBUTE', `dropped ${listed(bad)}: not of the form cryptomatte/<key>/<what>`);
    return attributes.filter((name) => !bad.includes(name));
  });
}

/** CM-A02: text in another type becomes a string; anything else is dropped. */
function repairTypes(header: Header, report: NoticeReporter): Header {
  return mapAttributes(header, (attributes) => {
    const wrong = [...attributes].filter(([name, { type }]) => parseSetAttribute(name) && type !== 'string');
    return wrong.reduce((current, [name, attribute]) => {
      const text = asText(attribute);
      report.note(
        'REPAIRED_TYPE',
        `"${name}" had the type ${attribute.type}: ${text === undefined ? 'dropped' : 'made a string'}`,
      );
      return text === undefined ? current.without(name) : current.with(name, makeStringAttribute(text));
    }, attributes);
  });
}

function asText({ type, value }: Attribute): string | undefined {
  try {
    const parsed = parseAttribute(type, value);
    const [only, ...others] = Array.isArray(parsed) ? parsed : [parsed];
    return typeof only === 'string' && others.length === 0 ? only : undefined;
  } catch {
    return undefined;
  }
}

/** CM-A11: removes the prefix that Nuke adds, unless the plain name also exists. */
function plainPrefixes(header: Header, report: NoticeReporter): Header {
  return mapAttributes(header, (attributes) => {
    const aliased = attributes.names().filter((name) => (parseSetAttribute(name)?.prefix ?? setPrefix) !== setPrefix);
    if (aliased.length === 0) return attributes;
    report.note(
      'REPAIRED_PREFIX',
      `${aliased.length} attributes had another prefix than ${setPrefix}; they have it now`,
    );
    return aliased.reduce((current, name) => {
      const parsed = parseSetAttribute(name);
      const attribute = current.get(name);
      if (!parsed || !attribute) return current;
      const plain = `${setPrefix}${parsed.key}/${parsed.field}`;
      return current.has(plain) ? current.without(name) : replaced(current, name, plain, attribute);
    }, attributes);
  });
}

/** The attribute under a new name, in its old position. */
function replaced(attributes: Attributes, name: string, renamed: string, attribute: Attribute): Attributes {
  const rest = attributes.filter(() => false);
  return rest.merge([...attributes].map(([other, value]) => (other === name ? [renamed, attribute] : [other, value])));
}

/** CM-A04, names: a set without one gets that of the only channels without metadata that could be its own. */
function recoverNames(header: Header, report: NoticeReporter): Header {
  const nameless = headerSets(header).filter(({ name, attributes }) => name === undefined && !attributes.has('name'));
  const orphans = [...new Set(orphanGroups(header).map(({ name }) => name))];
  return nameless.reduce((current, set) => {
    const byKey = orphans.filter((name) => layerKey(name) === set.key || rawLayerKey(name) === set.key);
    const [name, ...others] = byKey.length > 0 || nameless.length > 1 ? byKey : orphans;
    if (name === undefined || others.length > 0) {
      report.warn(
        'NO_NAME',
        `it is unknown which channels the Cryptomatte with the key ${set.key} is for; it is left as it is`,
      );
      return current;
    }
    report.note('RECOVERED_NAME', `the Cryptomatte with the key ${set.key} is for the channels "${name}"`);
    return mapAttributes(current, (attributes, part) =>
      set.parts.includes(part)
        ? attributes.with(`${set.prefix}${set.key}/name`, makeStringAttribute(name))
        : attributes,
    );
  }, header);
}

/** CM-A04 and CM-A05: hash and conversion have one legal value each. */
function fillRequired(header: Header, report: NoticeReporter): Header {
  return headerSets(header).reduce((current, set) => {
    const wanted = { hash: hashName, conversion: conversionName };
    const entries = (['hash', 'conversion'] as const).flatMap((field): [string, Attribute][] => {
      const value = set[field];
      if (value === wanted[field]) return [];
      if (value !== undefined && value.toLowerCase() !== wanted[field].toLowerCase()) {
        report.warn(
          'UNKNOWN_ALGORITHM',
          `the ${field} of "${set.name}" is "${value}", which no program knows; it is left as it is`,
        );
        return [];
      }
      report.note('FILLED_IN', `set the ${field} of "${set.name}"`);
      return [[`${set.prefix}${set.key}/${field}`, makeStringAttribute(wanted[field])]];
    });
    if (entries.length === 0) return current;
    return mapAttributes(current, (attributes, part) =>
      set.parts.includes(part) ? attributes.merge(entries) : attributes,
    );
  }, header);
}

/** CM-A09: sets of one name in one part are one set with the names of all. */
function joinDuplicates(header: Header, report: NoticeReporter): Header {
  return mapAttributes(header, (attributes, number) => {
    const here = headerSets(header).filter((set) => set.name !== undefined && set.parts.includes(number));
    return [...groupBy(here, ({ name }) => name)].reduce((current, [name, same]) => {
      const [first, ...others] = same;
      if (!first || others.length === 0) return current;
      const texts = same.flatMap(({ manifest }) => (manifest ? [possibleNames(storedManifest(manifest)).names] : []));
      try {
        const manifest = texts.length > 0 ? formatManifest(joinManifests(texts)) : undefined;
        report.note('JOINED', `joined ${same.length} Cryptomattes called "${name}" into one`);
        const joined = setAttributes({ key: first.key, name: name ?? '', manifest, manifestFile: first.manifestFile });
        return withoutSets(current, others).merge(joined);
      } catch {
        report.warn(
          'TWINS_DISAGREE',
          `${same.length} Cryptomattes are called "${name}", and their manifests contradict each other; they are left as they are`,
        );
        return current;
      }
    }, attributes);
  });
}

/** CM-C10, spelling: the channels' name decides. */
function nameAfterChannels(header: Header, report: NoticeReporter): Header {
  return headerSets(header).reduce((current, set) => {
    if (set.fit === undefined || set.fit === 'exact') return current;
    const name = channelsName(set);
    if (name === undefined) return current;
    report.note('RENAMED_SET', `renamed "${set.name}" to "${name}", the name of its channels`);
    return mapAttributes(current, (attributes, part) =>
      set.parts.includes(part)
        ? attributes.with(`${set.prefix}${set.key}/name`, makeStringAttribute(name))
        : attributes,
    );
  }, header);
}

/** The name of a set's rank layers, without their numbers. */
function channelsName({ layers: [first] }: CryptomatteSet): string | undefined {
  return first?.layer.slice(0, first.layer.length - first.text.length);
}

/** CM-C10, channels missing: metadata without channels misleads readers. */
function dropDanglingSets(header: Header, report: NoticeReporter): Header {
  const dangling = danglingSets(header);
  if (dangling.length === 0) return header;
  report.note('DROPPED_SET', `dropped the metadata of ${listed(dangling.map(setName))}: there are no such channels`);
  return mapAttributes(header, (attributes) => withoutSets(attributes, dangling));
}

function warnOfDangling(header: Header, report: NoticeReporter): void {
  const dangling = danglingSets(header);
  if (dangling.length > 0)
    report.warn(
      'DANGLING',
      advise`no channels are known to belong to ${listed(dangling.map(setName))}; the metadata is kept, and ${stepOf('repair', { dropDangling: true })} removes it`,
    );
}

function danglingSets(header: Header): CryptomatteSet[] {
  return headerSets(header).filter(({ layers, name }) => layers.length === 0 && name !== undefined);
}

function setName({ name = '' }: CryptomatteSet): string {
  return name;
}

/** CM-A06 and CM-A07: keys that some reader overlooks, or all that are not derived from their names. */
function repairKeys(header: Header, report: NoticeReporter, all: boolean): Header {
  return headerSets(header).reduce((current, set) => {
    const { name, key, prefix } = set;
    const legal = /^[a-z0-9]{1,7}$/.test(key);
    if (name === undefined || (all ? key === layerKey(name) : legal)) return current;
    return mapAttributes(current, (attributes, part) => {
      if (!set.parts.includes(part)) return attributes;
      const fresh = freeKey(name, keysOf(attributes));
      report.note('REKEYED', `"${name}" has the key ${fresh} instead of ${key}`);
      return [...set.attributes].reduce((list, [field, attribute]) => {
        const stored = list.get(attribute);
        return stored ? replaced(list, attribute, `${prefix}${fresh}/${field}`, stored) : list;
      }, attributes);
    });
  }, header);
}

/** CM-C11: rank layers without metadata get all of it except the names, which no header holds. */
function declareOrphans(header: Header, report: NoticeReporter): Header {
  return orphanGroups(header).reduce((current, { name, layers }) => {
    if (!/crypto/i.test(name)) return current;
    report.note('DECLARED', `restored the metadata of "${name}", without names; "inject-manifest" adds them`);
    const homes = homesOf(header, name, layers);
    return mapAttributes(current, (attributes, number) =>
      homes.has(number)
        ? attributes.merge(setAttributes({ key: freeKey(name, keysOf(attributes)), name }))
        : attributes,
    );
  }, header);
}

/** CM-E01: in a multi-part file, Blender and scripts read only the first part. */
function gatherInFirstPart(header: Header, report: NoticeReporter): Header {
  const gathered = inFirstPart(header, report);
  const [before, after] = [header, gathered].map(({ parts }) => parts[0]?.attributes.size ?? 0) as [number, number];
  if (after > before)
    report.note('MOVED', 'moved the metadata of all Cryptomattes to part 0, where Blender looks for it');
  return gathered;
}
