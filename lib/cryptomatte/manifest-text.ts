/**
 * Finds the entries in a manifest's text. Two readings are tried: as JSON, with some forgiveness, and as what Cycles
 * writes, which escapes nothing, so that a name's end can be told only by its hash.
 */
import { bitsToHex, nameBits, nameHash } from './hash.js';
import { type ReadValue, readValue } from './manifest-value.js';
import type { NamedId } from './settle-names.js';

/** What is wrong with a manifest's text. */
export type ManifestProblem =
  | 'byte-order-mark'
  | 'not-utf8'
  | 'unescaped'
  | 'control-character'
  | 'needless-escape'
  | 'nested'
  | 'truncated'
  | 'trailing-comma'
  | 'trailing-text'
  | 'empty-text'
  | 'unreadable'
  | 'not-json'
  | 'duplicate-name'
  | 'several-ids'
  | 'bad-value'
  | 'odd-value'
  | 'upper-case';

/** Problems after which the text is still strict JSON of the right shape that says all it means to. */
export const harmlessProblems: ReadonlySet<ManifestProblem> = new Set([
  'duplicate-name',
  'upper-case',
  'needless-escape',
]);

/** How often each problem occurs, and where first: the name or the text concerned. */
export type ManifestProblems = ReadonlyMap<ManifestProblem, { readonly count: number; readonly first: string }>;

/** Counts problems. */
export class ProblemCount {
  readonly counts = new Map<ManifestProblem, { count: number; first: string }>();

  report(problem: ManifestProblem, first: string): void {
    const entry = this.counts.get(problem);
    if (entry) entry.count += 1;
    else this.counts.set(problem, { count: 1, first });
  }
}

/** What a text holds, as it stands there. */
export interface FoundEntries {
  readonly entries: readonly NamedId[];
  /** Names whose values cannot be read. */
  readonly valueless: readonly string[];
  readonly problems: ProblemCount;
}

/** Letters of a text that messages show. */
const shownLetters = 40;

/** The entries of a text, by the reading that more hashes prove. Never throws; time grows with the text's length only. */
export function findEntries(text: string): FoundEntries {
  const whole = text.trim();
  if (whole === '' || whole === '}' || whole === '"}"') {
    const empty = new Reading();
    empty.problems.report('empty-text', whole);
    return empty;
  }
  const asJson = readJson(text);
  if (asJson && asJson.proved === asJson.entries.length && asJson.valueless.length === 0) return asJson;
  const asPieces = readPieces(text);
  const isExplained = [...asPieces.problems.counts.keys()].some((problem) => !harmlessProblems.has(problem));
  if (!asJson && !isExplained) asPieces.problems.report('not-json', whole.slice(0, shownLetters));
  return asJson && asJson.proved >= asPieces.proved ? asJson : asPieces;
}

/** The text of a name between quotes: what JSON demands is escaped, and nothing else, since Blender's reader knows no `\u`. */
export function escapeName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  return name.replace(/["\\\u0000-\u001f]/g, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : escapeControl(character),
  );
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The name an escaped one stands for, undefined when the escapes are not JSON's. */
function unescapeName(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw.includes('"') ? undefined : raw;
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
    const parsed: unknown = JSON.parse(`"${raw.replace(/[\u0000-\u001f]/g, escapeControl)}"`);
    return typeof parsed === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Whether text between quotes holds a `\u` that JSON does not demand. A backslash that is escaped itself begins none. */
function hasNeedlessEscape(raw: string): boolean {
  for (const [, code] of raw.matchAll(/\\(?:u([0-9a-fA-F]{4})|.)/gs))
    if (code && Number.parseInt(code, 16) > 0x1f) return true;
  return false;
}

/** What the text between quotes may stand for: itself, what JSON makes of it, or with quotes and backslashes escaped only, as EEVEE writes it. */
function readingsOf(raw: string): (string | undefined)[] {
  if (!raw.includes('\\')) return [raw];
  return [unescapeName(raw), raw, raw.replace(/\\(["\\])/g, '$1')];
}

/** A name with its value, as read from the text between two quotes and what follows. */
interface ReadEntry {
  readonly name: string;
  readonly value: ReadValue | undefined;
}

/** The reading of a name that its value proves; undefined when none is. */
function provedEntry(raw: string, text: string, bare: boolean): ReadEntry | undefined {
  for (const name of readingsOf(raw)) {
    const value = name === undefined ? undefined : readValue(name, text, bare);
    // The empty name's hash is 0, which may stand within a name as well.
    if (name !== undefined && value?.proved && value.bits !== 0) return { name, value };
  }
  return undefined;
}

class Reading implements FoundEntries {
  readonly entries: NamedId[] = [];
  readonly valueless: string[] = [];
  readonly problems = new ProblemCount();
  proved = 0;

  /** Adds an entry, given its name as it stands between quotes, and its value without them. */
  add(raw: string, text: string, bare: boolean): void {
    // Hardly any name has escapes, and such names are hashed once only.
    if (!raw.includes('\\')) this.addRead(raw, { name: raw, value: readValue(raw, text, bare) });
    else this.addRead(raw, provedEntry(raw, text, bare) ?? likeliest(raw, text, bare));
  }

  /** Adds an entry whose value is cut off, when what is left of it are the first digits of the name's hash. True when it was. */
  addCut(raw: string, digits: string): boolean {
    if (digits.length < 2 || digits.length > 8) return false;
    for (const name of readingsOf(raw)) {
      const bits = name === undefined ? [] : [nameHash(name), nameBits(name)];
      const found = bits.find((one) => bitsToHex(one).startsWith(digits.toLowerCase()));
      if (name === undefined || found === undefined) continue;
      this.addRead(raw, { name, value: { bits: found, proved: true, written: 'well' } });
      return true;
    }
    return false;
  }

  addRead(raw: string, { name, value }: ReadEntry): void {
    this.#checkEscapes(raw, name);
    if (value === undefined) {
      this.problems.report('bad-value', name);
      this.valueless.push(name);
      return;
    }
    if (value.written !== 'well') this.problems.report(value.written === 'oddly' ? 'odd-value' : 'upper-case', name);
    if (value.proved) this.proved += 1;
    this.entries.push({ name, bits: value.bits, proved: value.proved });
  }

  #checkEscapes(raw: string, name: string): void {
    if (unescapeName(raw) !== name) this.problems.report('unescaped', name);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
    else if (/[\u0000-\u001f]/.test(raw)) this.problems.report('control-character', name);
    else if (raw.includes('\\') && hasNeedlessEscape(raw)) this.problems.report('needless-escape', name);
  }
}

/** An entry that no hash proves: JSON decides what its name is. */
function likeliest(raw: string, text: string, bare: boolean): ReadEntry {
  const name = unescapeName(raw) ?? raw;
  return { name, value: readValue(name, text, bare) };
}

/**
 * Reads an object of strings. Forgiven are control characters, accidental escapes, values of other types, objects
 * within the object, what is missing at the end and what is too much there. Undefined when the text has another shape.
 */
function readJson(text: string): Reading | undefined {
  const reading = new Reading();
  const scanner = new Scanner(text);
  if (!scanner.take('{')) return undefined;
  let depth = 1;
  let state: 'opened' | 'behind entry' | 'behind comma' = 'opened';
  while (depth > 0) {
    if (scanner.take('}')) {
      if (state === 'behind comma') reading.problems.report('trailing-comma', '');
      depth -= 1;
      state = 'behind entry';
    } else if (state === 'behind entry') {
      if (scanner.atEnd) break;
      if (!scanner.take(',')) return undefined;
      state = 'behind comma';
    } else {
      const found = readEntry(reading, scanner);
      if (found === 'other') return undefined;
      if (found === 'cut') break;
      if (found === 'object') depth += 1;
      state = found === 'object' ? 'opened' : 'behind entry';
    }
    if (depth === 0 && scanner.take('{')) {
      reading.problems.report('trailing-text', '{');
      depth = 1;
      state = 'opened';
    }
  }
  if (depth > 0) reading.problems.report('truncated', scanner.rest);
  else if (!scanner.atEnd) reading.problems.report('trailing-text', scanner.rest);
  return reading;
}

/** Reads `"name":value`, or `"name":{`, which opens an object. */
function readEntry(reading: Reading, scanner: Scanner): 'entry' | 'object' | 'cut' | 'other' {
  const begin = scanner.at;
  const raw = scanner.string();
  if (raw === undefined) return scanner.atEnd || scanner.ahead('"') ? 'cut' : 'other';
  if (scanner.take(':')) {
    if (scanner.take('{')) {
      reading.problems.report('nested', raw);
      return 'object';
    }
    const quoted = scanner.string();
    const text = quoted ?? scanner.bare();
    if (text !== undefined) {
      reading.add(raw, text, quoted === undefined);
      return 'entry';
    }
    if (scanner.ahead('"')) reading.addCut(raw, scanner.rest.slice(1));
    else if (!scanner.atEnd) return 'other';
  } else if (!scanner.atEnd) return 'other';
  scanner.at = begin;
  return 'cut';
}

/** Goes through a text. Blanks before what is looked for are skipped. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get at(): number {
    return this.#at;
  }

  set at(place: number) {
    this.#at = place;
  }

  get atEnd(): boolean {
    this.#skipBlanks();
    return this.#at === this.#text.length;
  }

  /** The beginning of what is left, for messages. */
  get rest(): string {
    this.#skipBlanks();
    return this.#text.slice(this.#at, this.#at + 40).trim();
  }

  ahead(character: string): boolean {
    this.#skipBlanks();
    return this.#text[this.#at] === character;
  }

  take(character: string): boolean {
    if (!this.ahead(character)) return false;
    this.#at += 1;
    return true;
  }

  /** What stands between the next two quotes, a quote after a backslash not counting. Escapes are left in. Undefined, and nothing taken, when there is no such text or no end of it. */
  string(): string | undefined {
    if (!this.ahead('"')) return undefined;
    for (let end = this.#at + 1; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === 0x5c) end += 1;
      else if (code === 0x22) {
        const found = this.#text.slice(this.#at + 1, end);
        this.#at = end + 1;
        return found;
      }
    }
    return undefined;
  }

  /** A value without quotes: a number, a word, or a list. */
  bare(): string | undefined {
    this.#skipBlanks();
    const token = /\[[^\]]*\]|[^\s,{}[\]":]+/y;
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }
}

/** How many endings inside one name are tried. */
const nestedEnds = 8;

/** How much text may be hashed in vain for them, as a multiple of the whole: what keeps the time linear. */
const vainShare = 4;

/**
 * What ends a name and is its value: as it should be, or as {@link readValue} reads it too. The quote behind the value
 * is not part of it, as it may begin the next ending.
 */
const endings = /"\s*:\s*(?:"(\s*(?:0[xX])?[0-9a-fA-F]{1,8}\s*|-?\d{9,10})(?=")|(-?\d{1,10})(?=\s*[,}]))/g;

/** An ending that was found. */
interface Ending {
  /** Where the name ends. */
  readonly at: number;
  readonly value: string;
  readonly bare: boolean;
  /** What comes behind the value and its quote. */
  readonly behind: number;
}

function findEndings(text: string): Ending[] {
  return Array.from(text.matchAll(endings), ({ 0: whole, 1: quoted, 2: number = '', index }) => ({
    at: index,
    value: quoted ?? number,
    bare: quoted === undefined,
    behind: index + whole.length + (quoted === undefined ? 0 : 1),
  }));
}

/**
 * Reads text with unescaped names: an entry ends with `":"hhhhhhhh"`, and its name is all that stands before, back to
 * the entry before it. A name may hold such an ending itself; then the one that proves the name by its hash counts.
 */
function readPieces(text: string): Reading {
  const reading = new Reading();
  const ends = findEndings(text);
  let from = entryStart(text, 0);
  let vain = vainShare * text.length;
  let last: Ending | undefined;
  for (let index = 0; index < ends.length; index++) {
    const first = ends[index] as Ending;
    if (first.at < from) continue;
    let end = first;
    let entry = provedEntry(text.slice(from, end.at), end.value, end.bare);
    for (let nested = 1; entry === undefined && nested < nestedEnds && vain > 0; nested++) {
      const next = ends[index + nested];
      if (next === undefined) break;
      vain -= next.at - from;
      entry = provedEntry(text.slice(from, next.at), next.value, next.bare);
      if (entry) end = next;
    }
    const raw = text.slice(from, end.at);
    reading.addRead(raw, entry ?? likeliest(raw, end.value, end.bare));
    from = entryStart(text, end.behind);
    last = end;
  }
  readTail(reading, text.slice(last?.behind ?? 0).trim(), last !== undefined);
  return reading;
}

/** Where the name of the entry that begins at or after `at` begins: behind blanks, commas or braces, and a quote. */
function entryStart(text: string, at: number): number {
  const opening = /[\s,{}]*"?/y;
  opening.lastIndex = at;
  opening.exec(text);
  return opening.lastIndex;
}

/** Reads what stands behind the last value: a brace if all is well. */
function readTail(reading: Reading, tail: string, behindValue: boolean): void {
  const shown = tail.slice(0, shownLetters);
  if (tail === '}') return;
  const cut = /^[\s,{}]*"(.*)"\s*:\s*"([0-9a-fA-F]*)$/s.exec(tail);
  const saved = cut !== null && reading.addCut(cut[1] ?? '', cut[2] ?? '');
  if (!behindValue && !saved) reading.problems.report('unreadable', shown);
  else if (/^,\s*\}$/.test(tail)) reading.problems.report('trailing-comma', shown);
  else reading.problems.report(tail.startsWith('}') ? 'trailing-text' : 'truncated', shown);
}
