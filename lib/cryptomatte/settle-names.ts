import { bitsToHex, provesName } from './hash.js';
import { type LegacyEncoding, legacyEncoding, readableName } from './legacy-text.js';

/** A name as found, and its ID's bits. Bytes that are not UTF-8 are lone surrogates. */
export interface NamedId {
  readonly name: string;
  readonly bits: number;
  /** Whether the bits are the name's hash. */
  readonly proved: boolean;
}

/** Names with one ID each, and all of them Unicode. */
export interface SettledNames {
  readonly names: ReadonlyMap<string, number>;
  /** Names among them whose IDs have not been found to be their hashes. */
  readonly unproved: ReadonlySet<string>;
  /** The encoding assumed for names that are not UTF-8; undefined if all are. */
  readonly encoding: LegacyEncoding | undefined;
  /** Those names, as they now read. */
  readonly foreign: readonly string[];
  /** Names that occurred again with the same ID. */
  readonly repeated: readonly string[];
  /** Names that occurred again with another ID. */
  readonly contested: readonly string[];
}

/**
 * Gives every ID its own name if several share one, which strict JSON cannot express: the name stays with the ID that is its
 * hash, else with the first, and the others get it with their ID appended: `tree (5a1f03c2)`. Takes time linear in the number
 * of entries.
 */
export function settleNames(entries: readonly NamedId[]): SettledNames {
  const broken = entries.filter(({ name }) => !name.isWellFormed());
  const encoding = broken.length === 0 ? undefined : legacyEncoding(broken.map(({ name }) => name));
  const names = new Map<string, number>();
  /** Names of entries that are not UTF-8; any other entry takes precedence over them. */
  const weak = new Set<string>();
  const unproved = new Set<string>();
  const losers: { text: string; bits: number }[] = [];
  const repeated: string[] = [];
  const contested: string[] = [];
  const foreign: string[] = [];
  for (const entry of entries) {
    const wellFormed = encoding === undefined || entry.name.isWellFormed();
    const text = wellFormed ? entry.name : readableName(entry.name, encoding);
    if (!wellFormed) foreign.push(text);
    if (!wellFormed || !entry.proved) unproved.add(text);
    const owner = names.get(text);
    if (owner === undefined) {
      names.set(text, entry.bits);
      if (!wellFormed) weak.add(text);
    } else if (owner === entry.bits) repeated.push(text);
    else {
      contested.push(text);
      unproved.add(text);
      const wins = wellFormed && (weak.has(text) || (entry.proved && !provesName(text, owner)));
      if (wins) {
        names.set(text, entry.bits);
        weak.delete(text);
      }
      losers.push({ text, bits: wins ? owner : entry.bits });
    }
  }
  for (const { text, bits } of losers) unproved.add(addBeside(names, text, bits));
  return { names, unproved, encoding, foreign, repeated, contested };
}

/** No two texts have a candidate in common, so all searches together look at each name once at most. */
function addBeside(names: Map<string, number>, text: string, bits: number): string {
  const base = `${text} (${bitsToHex(bits)})`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? base : `${base} ${number}`;
    const other = names.get(candidate);
    if (other === bits) return candidate;
    if (other !== undefined) continue;
    names.set(candidate, bits);
    return candidate;
  }
}
