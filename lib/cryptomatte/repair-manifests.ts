/** Manifests rewritten as strict JSON, and reports of what was wrong with them. */

import { headerSets } from '../layers/sets.js';
import type { Header } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { NoticeReporter } from './carry.js';
import { formatManifest, type PossibleNames, possibleNames, type ReadManifest, storedManifest } from './manifest.js';
import { mapAttributes } from './map-attributes.js';

/** CM-B02 to CM-B10: manifests rewritten as strict JSON, with the IDs that pixels have. */
export function repairManifests(header: Header, report: NoticeReporter): Header {
  return headerSets(header).reduce((current, set) => {
    if (!set.manifest) return current;
    const reading = storedManifest(set.manifest);
    const possible = possibleNames(reading);
    if (reading.problems.size === 0 && possible.changed === 0 && possible.nothing.length === 0) return current;
    reportMended(set.name, reading, possible, report);
    const attribute = { type: 'string', value: formatManifest(possible.names) };
    return mapAttributes(current, (attributes, part) =>
      set.parts.includes(part) ? attributes.with(`${set.prefix}${set.key}/manifest`, attribute) : attributes,
    );
  }, header);
}

/** Reports what was wrong with a manifest, and warns of names that differ from what its writer meant. */
function reportMended(
  set: string | undefined,
  { problems, encoding, valueless }: ReadManifest,
  { names, changed, nothing }: PossibleNames,
  report: NoticeReporter,
): void {
  const what = [...problems].map(([problem, { count }]) => (count > 1 ? `${problem} (${count})` : problem));
  if (changed > 0) what.push(`wrong hash (${changed})`);
  if (nothing.length > 0) what.push(`without ${listed(nothing)}, whose ID 00000000 means no object`);
  // JSON has no other way to write them.
  const odd = problems.has('control-character')
    ? '; Blender shows names with control characters as escapes when they are picked'
    : '';
  report.note('REPAIRED_MANIFEST', `rewrote the manifest of "${set}", ${names.size} names: ${what.join(', ')}${odd}`);
  const foreign = problems.get('not-utf8');
  if (foreign && encoding !== undefined)
    report.warn(
      'NAMES_NOT_UTF8',
      `${foreign.count} names of "${set}" are not UTF-8; read as ${encoding}, the first is "${foreign.first}"; their IDs stay as they were`,
    );
  const several = problems.get('several-ids');
  if (several)
    report.warn(
      'NAME_HAS_SEVERAL_IDS',
      `${several.count} IDs of "${set}" share their name with another one, "${several.first}" first; their names now end with the ID`,
    );
  if (valueless.length > 0)
    report.warn(
      'VALUES_UNREADABLE',
      `${valueless.length} values in the manifest of "${set}" cannot be read, that of "${valueless[0]}" first; these names got the IDs that their hashes give`,
    );
  if (problems.has('unreadable'))
    report.warn('NAMES_LOST', `the manifest of "${set}" held no names at all; "inject-manifest" can give it some`);
  if (problems.has('truncated'))
    report.warn('NAMES_MISSING', `the manifest of "${set}" was cut off; "inject-manifest" can add the missing names`);
}
