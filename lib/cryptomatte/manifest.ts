/**
 * Manifests: the names behind a Cryptomatte's IDs, as a JSON object `{"name":"hhhhhhhh",…}` (specification 1.2.0,
 * "Manifest"). Written by us they are strict; read they are what programs made of them. Cycles escapes nothing,
 * EEVEE only quotes and backslashes, Arnold stops after 100,000 names with a comma, and an empty set of Cycles is `}`.
 * Since a value is its name's hash, a doubtful reading can be proved.
 */
import { ExrError } from '../model/error.js';
import { decodeText, encodeText } from '../model/text.js';
import { bitsToHex, nameBits, pixelBits } from './hash.js';
import type { LegacyEncoding } from './legacy-text.js';
import { escapeName, findEntries, harmlessProblems, type ManifestProblems } from './manifest-text.js';
import { settleNames } from './settle-names.js';

export type { ManifestProblem, ManifestProblems } from './manifest-text.js';

/** Names and the bits they stand for. A Map, since names come from strangers: `__proto__` is one like any other. */
export type Manifest = ReadonlyMap<string, number>;

/** What was read of a manifest, and what is wrong with its text. */
export interface ReadManifest {
  /** Every name with its ID; each is valid Unicode. See `settleNames` for names that have several IDs. */
  readonly names: Manifest;
  /** Names whose values cannot be read. */
  readonly valueless: readonly string[];
  /** What names were taken for that are not UTF-8; undefined when all are. */
  readonly encoding: LegacyEncoding | undefined;
  readonly problems: ManifestProblems;
}

/** True when every reader that expects JSON can read the text. */
export function isStrictManifest({ problems }: Pick<ReadManifest, 'problems'>): boolean {
  return [...problems.keys()].every((problem) => harmlessProblems.has(problem));
}

/** Reads a manifest as well as it can be read; never throws. Time grows with the text's length only. */
export function readManifest(bytes: Uint8Array): ReadManifest {
  const { text, marked } = decodeManifest(bytes);
  const { entries, valueless, problems } = findEntries(text);
  if (marked) problems.report('byte-order-mark', '');
  const { names, encoding, foreign, repeated, contested } = settleNames(entries);
  for (const name of foreign) problems.report('not-utf8', name);
  if (foreign.length === 0 && !text.isWellFormed()) problems.report('not-utf8', '');
  for (const name of repeated) problems.report('duplicate-name', name);
  for (const name of contested) problems.report('several-ids', name);
  return { names, valueless, encoding, problems: problems.counts };
}

const read = new WeakMap<Uint8Array, ReadManifest>();

/** The same for a manifest that is in a header, whose values never change: however many steps ask for it, it is read once. */
export function storedManifest(bytes: Uint8Array): ReadManifest {
  const known = read.get(bytes) ?? readManifest(bytes);
  read.set(bytes, known);
  return known;
}

/** UTF-8, or UTF-16 with its mark, as Windows' shell writes it into sidecars. */
function decodeManifest(bytes: Uint8Array): { text: string; marked: boolean } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), marked: true };
  const text = decodeText(bytes);
  return text.startsWith('\ufeff') ? { text: text.slice(1), marked: true } : { text, marked: false };
}

/**
 * The text of a manifest: strict JSON in UTF-8, sorted by name so that frames can be compared. Names that are not
 * Unicode are written as `settleNames` makes them readable.
 */
export function formatManifest(names: Iterable<readonly [string, number]>): Uint8Array {
  const entries = [...names];
  const settled = entries.every(([name]) => name.isWellFormed())
    ? entries
    : [...settleNames(entries.map(([name, bits]) => ({ name, bits, proved: false }))).names];
  const sorted = settled.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return encodeText(`{${sorted.map(([name, bits]) => `"${escapeName(name)}":"${bitsToHex(bits)}"`).join(',')}}`);
}

/** One manifest with the names of several. Throws `invalid` when a name has two IDs. */
export function joinManifests(manifests: Iterable<Manifest>): Manifest {
  const joined = new Map<string, number>();
  for (const manifest of manifests) {
    for (const [name, bits] of manifest) {
      const other = joined.get(name) ?? bits;
      if (other !== bits)
        throw new ExrError(
          'invalid',
          'MANIFEST_CONFLICT',
          `the name "${name}" has the ID ${bitsToHex(other)} in one manifest and ${bitsToHex(bits)} in another`,
        );
      joined.set(name, bits);
    }
  }
  return joined;
}

/** Names with IDs that pixels can have. */
export interface PossibleNames {
  readonly names: Manifest;
  /** How many names got another ID. */
  readonly changed: number;
  /** Names of nothing, which are not among the names any more. */
  readonly nothing: readonly string[];
}

/** What C prints for a name that is not there. Blender 4.5 lists it in CryptoAsset, with the ID 00000000. */
const noName = '(null)';

/**
 * The names with the IDs that they have in pixels. A value that no pixel has (exponent 0 or 255) is a hash that was
 * not mended, be it of this spelling or another one. The ID 0 stands for no object: `(null)` names none and goes, any
 * other name gets its own hash, as do names without a readable value. A value that pixels can have is never changed.
 */
export function possibleNames({ names, valueless }: Pick<ReadManifest, 'names' | 'valueless'>): PossibleNames {
  const possible = new Map<string, number>();
  const nothing: string[] = [];
  let changed = 0;
  for (const [name, bits] of names) {
    if (bits === 0 && name === noName) {
      nothing.push(name);
      continue;
    }
    const right = bits === 0 ? nameBits(name) : pixelBits(bits);
    if (right !== bits) changed += 1;
    possible.set(name, right);
  }
  for (const name of valueless) if (!possible.has(name)) possible.set(name, nameBits(name));
  return { names: possible, changed, nothing };
}
