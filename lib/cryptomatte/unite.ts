/** Cryptomattes of one name that come from several files, as the eyes of a stereo frame do: one Cryptomatte with all the names. */
import { distinctRanks } from '../layers/rank-groups.js';
import { conversionName, hashName, withSet } from '../layers/set-attributes.js';
import { type CryptomatteSet, headerSets } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import type { Header, Part } from '../model/header.js';
import { listed } from '../model/listed.js';
import { freeKey } from './keys.js';
import { formatManifest, possibleNames, readManifest } from './manifest.js';
import type { NoticeReporter } from './report.js';

/**
 * The header with the same metadata for all Cryptomattes of one name, where their ranks have different views or numbers, so that
 * together they are one, and no name has two IDs. Programs identify a Cryptomatte by its name and would see only one of them.
 * Others are left unchanged.
 */
export function uniteSameNames(header: Header, report: NoticeReporter): Header {
  const united: string[] = [];
  const named = headerSets(header).filter(({ name, layers }) => name !== undefined && layers.length > 0);
  const parts = [...header.parts];
  for (const [name, sets] of groupBy(named, (set) => set.name as string)) {
    const manifest = sets.length > 1 ? commonManifest(sets) : undefined;
    if (!manifest) continue;
    united.push(name);
    const others = new Set(named.filter((set) => !sets.includes(set)).map((set) => set.key));
    const key = freeKey(name, others, sets[0]?.key);
    for (const { attributes: fields, parts: homes } of sets)
      for (const number of homes) {
        const part = parts[number] as Part;
        const old = new Set(fields.values());
        const attributes = part.attributes.filter((attribute) => !old.has(attribute));
        parts[number] = { ...part, attributes: withSet(attributes, { key, name, manifest }) };
      }
  }
  if (united.length === 0) return header;
  report.note('UNITED', `joined the Cryptomattes called ${listed(united)}, with the names of all files`);
  return { ...header, parts };
}

/** The names of all sets, or undefined if they are not one Cryptomatte. */
function commonManifest(sets: readonly CryptomatteSet[]): Uint8Array | undefined {
  if (!distinctRanks(sets.flatMap(({ layers }) => layers))) return undefined;
  const isPlain = ({ manifest, hash, conversion, manifestFile }: CryptomatteSet): boolean =>
    manifest !== undefined && manifestFile === undefined && hash === hashName && conversion === conversionName;
  if (!sets.every(isPlain)) return undefined;
  const names = new Map<string, number>();
  for (const { manifest = new Uint8Array() } of sets)
    for (const [name, bits] of possibleNames(readManifest(manifest)).names) {
      if ((names.get(name) ?? bits) !== bits) return undefined;
      names.set(name, bits);
    }
  return formatManifest(names);
}
