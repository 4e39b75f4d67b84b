/**
 * Manifests: the names behind a Cryptomatte's IDs, as a JSON object `{"name":"hhhhhhhh",…}` (specification 1.2.0,
 * "Manifest"). Written by us they are strict; read they are what programs made of them. Cycles escapes nothing,
 * EEVEE only quotes and backslashes, Arnold stops after 100,000 names with a comma, and an empty set of Cycles is `}`.
 * Since a value is its name's hash, a doubtful reading can be proved.
 */
import { ExrError } from '../model/error.js';
import { decodeText, encodeText } from '../model/text.js';
import { bitsToHex, hexToBits, nameHash, pixelBits } from './hash.js';

/** Names and the bits they stand for. A Map, since names come from strangers: `__proto__` is one like any other. */
export type Manifest = ReadonlyMap<string, number>;

/** What is wrong with a manifest's text. */
export type ManifestProblem =
  | 'byte-order-mark'
  | 'not-utf8'
  | 'unescaped'
  | 'control-character'
  | 'truncated'
  | 'trailing-comma'
  | 'empty-text'
  | 'unreadable'
  | 'duplicate-name'
  | 'bad-value'
  | 'upper-case';

export interface ReadManifest {
  readonly names: Manifest;
  /** How often each problem occurs, and where first: the name or the text concerned. */
  readonly problems: ReadonlyMap<ManifestProblem, { readonly count: number; readonly first: string }>;
}

/** Problems after which the text is still strict JSON of the right shape. */
const harmless: ReadonlySet<ManifestProblem> = new Set(['duplicate-name', 'upper-case']);

/** True when every reader that expects JSON can read the text. */
export function isStrict({ problems }: Pick<ReadManifest, 'problems'>): boolean {
  return [...problems.keys()].every((problem) => harmless.has(problem));
}

/** Reads a manifest as well as it can be read; never throws. Time grows with the text's length only. */
export function readManifest(bytes: Uint8Array): ReadManifest {
  const decoded = decodeText(bytes);
  const marked = decoded.startsWith('\ufeff');
  const text = marked ? decoded.slice(1) : decoded;
  const reading = bestReading(text);
  if (marked) reading.report('byte-order-mark', '');
  if (!text.isWellFormed()) reading.report('not-utf8', '');
  return reading;
}

/** The text of a manifest, sorted by name so that frames can be compared. Escapes what JSON demands, and nothing else: Blender's reader knows no `\u`. */
export function formatManifest(names: Iterable<readonly [string, number]>): Uint8Array {
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
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

/** Whether a value is its name's: as it stands in pixels, or as the plain hash that Cycles writes. */
export function provesName(name: string, bits: number): boolean {
  const hash = nameHash(name);
  return bits === pixelBits(hash) || bits === hash;
}

function escapeName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  return name.replace(/["\\\u0000-\u001f]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

class Reading implements ReadManifest {
  readonly names = new Map<string, number>();
  readonly problems = new Map<ManifestProblem, { count: number; first: string }>();
  /** Entries whose value is not their name's hash. */
  unproved = 0;

  add(name: string, value: string, proved: boolean): void {
    const bits = hexToBits(value);
    if (bits === undefined) {
      this.report('bad-value', name);
      return;
    }
    if (/[A-F]/.test(value)) this.report('upper-case', name);
    if (!proved) this.unproved += 1;
    if (this.names.has(name)) this.report('duplicate-name', name);
    else this.names.set(name, bits);
  }

  report(problem: ManifestProblem, first: string): void {
    const entry = this.problems.get(problem);
    if (entry) entry.count += 1;
    else this.problems.set(problem, { count: 1, first });
  }
}

/**
 * Text that has the shape of JSON may still mean something else, when names with backslashes or quotes went in
 * unescaped. So unless every entry is proved by its hash, the other reading is tried, and the one that proves more wins.
 */
function bestReading(text: string): Reading {
  const whole = text.trim();
  if (whole === '' || whole === '}' || whole === '"}"') {
    const empty = new Reading();
    empty.report('empty-text', whole);
    return empty;
  }
  const asJson = readJson(text);
  if (asJson && asJson.unproved === 0) return asJson;
  const asPieces = readPieces(text);
  if (!asJson) return asPieces;
  return proved(asPieces) > proved(asJson) ? asPieces : asJson;
}

function proved(reading: Reading): number {
  return reading.names.size - reading.unproved;
}

/** Reads an object of strings; only control characters and accidental escapes are forgiven. Undefined when it is none. */
function readJson(text: string): Reading | undefined {
  const reading = new Reading();
  const scanner = new Scanner(text);
  if (!scanner.take('{')) return undefined;
  if (scanner.take('}')) return scanner.atEnd() ? reading : undefined;
  do {
    const key = scanner.string();
    if (key === undefined || !scanner.take(':')) return undefined;
    const value = scanner.string();
    if (value === undefined) return undefined;
    addVerified(reading, key, value);
  } while (scanner.take(','));
  return scanner.take('}') && scanner.atEnd() ? reading : undefined;
}

/** Adds an entry whose name was found between quotes in the text: escaped, or as it is where only that gives the hash. */
function addVerified(reading: Reading, raw: string, value: string): void {
  const name = unescapeName(raw);
  const bits = hexToBits(value);
  if (bits !== undefined && raw.includes('\\') && !(name !== undefined && provesName(name, bits))) {
    const found = [raw, raw.replace(/\\(["\\])/g, '$1')].find((candidate) => provesName(candidate, bits));
    if (found !== undefined || name === undefined) {
      reading.report('unescaped', found ?? raw);
      reading.add(found ?? raw, value, found !== undefined);
      return;
    }
  }
  const shown = name ?? raw;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  if (/[\u0000-\u001f]/.test(raw)) reading.report('control-character', shown);
  reading.add(shown, value, bits !== undefined && provesName(shown, bits));
}

/** The name an escaped one stands for, undefined when the escapes are not JSON's. */
function unescapeName(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw;
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
    const quoted = raw.replace(/[\u0000-\u001f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const parsed: unknown = JSON.parse(`"${quoted}"`);
    return typeof parsed === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  atEnd(): boolean {
    this.#skipBlanks();
    return this.#at === this.#text.length;
  }

  /** What stands between the next two quotes, a quote after a backslash not counting. Escapes are left in. */
  string(): string | undefined {
    if (!this.take('"')) return undefined;
    for (let end = this.#at; ; end++) {
      const code = this.#text.charCodeAt(end);
      if (Number.isNaN(code)) return undefined;
      if (code === 0x5c) end += 1;
      else if (code === 0x22) {
        const found = this.#text.slice(this.#at, end);
        this.#at = end + 1;
        return found;
      }
    }
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }
}

/** How many `":"hhhhhhhh"` inside one name are looked through, and how many such looks a whole text may cost. */
const nestedEnds = 8;
const nestedLooks = 10_000;

/**
 * Reads text with unescaped names: an entry ends with `":"hhhhhhhh"`, and its name is all that stands before, back to
 * the entry before it. A name may hold such an ending itself; then the one that proves the name by its hash counts.
 */
function readPieces(text: string): Reading {
  const reading = new Reading();
  const ends = [...text.matchAll(/"\s*:\s*"([0-9a-fA-F]{8})"/g)];
  let from = entryStart(text, 0);
  let index = 0;
  let looks = nestedLooks;
  while (index < ends.length) {
    const candidates = ends.slice(index, index + (looks > 0 ? nestedEnds : 1));
    const found = candidates.findIndex((end) => provedName(text.slice(from, end.index), end[1] as string));
    looks -= found < 0 ? candidates.length - 1 : found;
    const end = candidates[Math.max(found, 0)] as RegExpExecArray;
    const raw = text.slice(from, end.index);
    const name = found < 0 ? (unescapeName(raw) ?? raw) : (provedName(raw, end[1] as string)?.name ?? raw);
    if (escapeName(name) !== raw) reading.report('unescaped', name);
    reading.add(name, end[1] as string, found >= 0);
    from = entryStart(text, end.index + end[0].length);
    index += Math.max(found, 0) + 1;
  }
  reportTail(reading, text, ends.at(-1));
  return reading;
}

/** Where the name of the entry that begins at or after `at` begins: behind blanks, a comma or brace, and a quote. */
function entryStart(text: string, at: number): number {
  const opening = /[\s,{]*"?/y;
  opening.lastIndex = at;
  opening.exec(text);
  return opening.lastIndex;
}

/** The name that some text between quotes stands for, when its hash says so. */
function provedName(raw: string, value: string): { name: string } | undefined {
  const bits = hexToBits(value) ?? 0;
  const readings = raw.includes('\\') ? [raw, unescapeName(raw), raw.replace(/\\(["\\])/g, '$1')] : [raw];
  const name = readings.find((reading) => reading !== undefined && provesName(reading, bits));
  return name === undefined ? undefined : { name };
}

function reportTail(reading: Reading, text: string, last: RegExpExecArray | undefined): void {
  if (!last) {
    reading.report('unreadable', text.slice(0, 40));
    return;
  }
  const tail = text.slice(last.index + last[0].length).trim();
  if (tail === '}') return;
  reading.report(/^,\s*\}$/.test(tail) ? 'trailing-comma' : 'truncated', tail.slice(0, 40));
}
