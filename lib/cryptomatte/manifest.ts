/**
 * Manifests: the names behind a Cryptomatte's IDs, as a JSON object `{"name":"hhhhhhhh",…}` (specification 1.2.0,
 * "Manifest"). Those we write are strict; those we read are whatever programs made of them. Cycles escapes nothing,
 * EEVEE only quotes and backslashes, Arnold stops after 100,000 names with a comma, and an empty set from Cycles is `}`.
 * Since a value is its name's hash, a doubtful reading can be proved.
 */
import { equalBytes } from '../format/bytes.js';
import { ExrError } from '../model/error.js';
import { decodeText, encodeText } from '../model/text.js';
import { bitsToHex, nameBits, pixelBits } from './hash.js';
import type { LegacyEncoding } from './legacy-text.js';
import { escapeName } from './manifest-escapes.js';
import { harmlessProblems, type ManifestProblems } from './manifest-problems.js';
import { findEntries } from './manifest-text.js';
import { settleNames } from './settle-names.js';

export type { ManifestProblem, ManifestProblems } from './manifest-problems.js';

/** Names and their IDs' bits. A Map, since names come from strangers: `__proto__` is a name like any other. */
export type Manifest = ReadonlyMap<string, number>;

/** What was read of a manifest, and what is wrong with its text. */
export interface ReadManifest {
  /** Every name with its ID; each is valid Unicode. See `settleNames` for names that have several IDs. */
  readonly names: Manifest;
  /** Names among them whose IDs have not been found to be their hashes, plain or as pixels have them. */
  readonly unproved: ReadonlySet<string>;
  /** Names whose values cannot be read. */
  readonly valueless: readonly string[];
  /** The encoding assumed for names that are not UTF-8; undefined if all are. */
  readonly encoding: LegacyEncoding | undefined;
  readonly problems: ManifestProblems;
}

/** True when every reader that expects JSON can read the text. */
export function isStrictManifest({ problems }: Pick<ReadManifest, 'problems'>): boolean {
  return [...problems.keys()].every((problem) => harmlessProblems.has(problem));
}

/** Reads a manifest as well as possible; never throws. Takes time linear in the text's length. */
export function readManifest(bytes: Uint8Array): ReadManifest {
  const { text, marked } = decodeManifest(bytes);
  const { entries, valueless, problems } = findEntries(text);
  if (marked) problems.report('byte-order-mark', '');
  const { names, unproved, encoding, foreign, repeated, contested } = settleNames(entries);
  for (const name of foreign) problems.report('not-utf8', name);
  if (foreign.length === 0 && !text.isWellFormed()) problems.report('not-utf8', '');
  for (const name of repeated) problems.report('duplicate-name', name);
  for (const name of contested) problems.report('several-ids', name);
  return { names, unproved, valueless, encoding, problems: problems.counts };
}

const read = new WeakMap<Uint8Array, ReadManifest>();

/** The large ones read last, the last first. */
let recent: readonly (readonly [Uint8Array, ReadManifest])[] = [];

/** From this size on, comparing bytes with an earlier manifest is worth it; and how many bytes of these are kept. */
const large = 64 << 10;
const mostRecent = 32 << 20;

/**
 * The same for a manifest in a header, whose bytes never change: it is read once, however many steps need it. Frames of a shot
 * mostly have the manifests of the frame before, which are not read again either.
 */
export function storedManifest(bytes: Uint8Array): ReadManifest {
  const known = read.get(bytes) ?? recent.find(([other]) => equalBytes(other, bytes))?.[1] ?? readManifest(bytes);
  if (bytes.length >= large && !read.has(bytes)) remember(bytes, known);
  read.set(bytes, known);
  return known;
}

function remember(bytes: Uint8Array, reading: ReadManifest): void {
  let room = mostRecent;
  const others = recent.filter(([, other]) => other !== reading);
  recent = [[bytes, reading] as const, ...others].filter(([own]) => {
    room -= own.length;
    return room >= 0;
  });
}

/** UTF-8, or UTF-16 with a byte order mark, as Windows' shell writes it into sidecars. */
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
  const sorted = isSorted(settled) ? settled : settled.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return encodeText(`{${sorted.map(([name, bits]) => `"${escapeName(name)}":"${bitsToHex(bits)}"`).join(',')}}`);
}

/** What exrpipe has written is. */
function isSorted(entries: readonly (readonly [string, number])[]): boolean {
  return entries.every(([name], at) => at === 0 || (entries[at - 1] as readonly [string, number])[0] <= name);
}

/**
 * One manifest with the names of several.
 *
 * @throws ExrError of kind `invalid` when a name has two IDs.
 */
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
  /** Names of nothing, which have been removed from the names. */
  readonly nothing: readonly string[];
}

/** What C prints for a missing name. Blender 4.5 lists it in CryptoAsset, with the ID 00000000. */
const noName = '(null)';

/**
 * The names with the IDs that they have in pixels. A value that no pixel has (exponent 0 or 255) is a hash that was
 * not adjusted, of this spelling or another one. The ID 0 means no object: `(null)` names none and is removed, any
 * other name gets its own hash, as do names without a readable value. A value that pixels can have is never changed.
 */
export function possibleNames(reading: Pick<ReadManifest, 'names' | 'valueless'>): PossibleNames {
  const known = possibleOf.get(reading) ?? findPossible(reading);
  possibleOf.set(reading, known);
  return known;
}

/** `repair` asks in each of its rounds. */
const possibleOf = new WeakMap<object, PossibleNames>();

function findPossible({ names, valueless }: Pick<ReadManifest, 'names' | 'valueless'>): PossibleNames {
  if (valueless.length === 0 && !some(names.values(), (bits) => bits === 0 || pixelBits(bits) !== bits))
    return { names, changed: 0, nothing: [] };
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

export function sameNames(a: Manifest, b: Manifest): boolean {
  return a === b || (a.size === b.size && [...a].every(([name, bits]) => b.get(name) === bits));
}

function some(values: Iterable<number>, test: (value: number) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
