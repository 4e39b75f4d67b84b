/** The result of reading a manifest's text, whatever its syntax. */

import { bitsToHex, nameBits, nameHash } from './hash.js';
import { hasNeedlessEscape, unescapeName } from './manifest-escapes.js';
import { ProblemCount } from './manifest-problems.js';
import { type ReadValue, readValue } from './manifest-value.js';
import type { NamedId } from './settle-names.js';

/** The contents of a text, as written. */
export interface FoundEntries {
  readonly entries: readonly NamedId[];
  /** Names whose values cannot be read. */
  readonly valueless: readonly string[];
  readonly problems: ProblemCount;
}

/**
 * Possible meanings of the text between quotes: unescaped as JSON, as is, or with only quotes and backslashes unescaped, as
 * EEVEE writes it.
 */
function readingsOf(raw: string): (string | undefined)[] {
  if (!raw.includes('\\')) return [raw];
  return [unescapeName(raw), raw, raw.replace(/\\(["\\])/g, '$1')];
}

/** A name with its value, as read from the text between two quotes and what follows. */
interface ReadEntry {
  readonly name: string;
  readonly value: ReadValue | undefined;
}

/** The reading of a name that its value proves; undefined if there is none. */
export function provedEntry(raw: string, text: string, bare: boolean): ReadEntry | undefined {
  for (const name of readingsOf(raw)) {
    const value = name === undefined ? undefined : readValue(name, text, bare);
    // The empty name's hash is 0, which may also occur within a name.
    if (name !== undefined && value?.proved && value.bits !== 0) return { name, value };
  }
  return undefined;
}

export class Reading implements FoundEntries {
  readonly entries: NamedId[] = [];
  readonly valueless: string[] = [];
  readonly problems = new ProblemCount();
  proved = 0;

  /** Adds an entry, given its name as written between quotes, and its value without them. */
  add(raw: string, text: string, bare: boolean): void {
    // Hardly any name has escapes, and names without are hashed only once.
    if (!raw.includes('\\')) this.addRead(raw, { name: raw, value: readValue(raw, text, bare) });
    else this.addRead(raw, provedEntry(raw, text, bare) ?? likeliest(raw, text, bare));
  }

  /**
   * Adds an entry with a truncated value, if its remaining digits are the first ones of the name's hash. Returns whether it
   * did.
   */
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

/** An entry that no hash proves: its name is read as JSON. */
export function likeliest(raw: string, text: string, bare: boolean): ReadEntry {
  const name = unescapeName(raw) ?? raw;
  return { name, value: readValue(name, text, bare) };
}
