/** A manifest's text read as JSON, with some forgiveness. */

import { Reading } from './manifest-reading.js';

/**
 * Reads an object of strings. Tolerates control characters, accidental escapes, values of other types, nested objects, and
 * missing or superfluous text at the end. Undefined if the text has another shape.
 */
export function readJson(text: string): Reading | undefined {
  const reading = new Reading();
  const scanner = new Scanner(text);
  if (!scanner.take('{')) return undefined;
  let depth = 1;
  let state: 'opened' | 'after entry' | 'after comma' = 'opened';
  while (depth > 0) {
    if (scanner.take('}')) {
      if (state === 'after comma') reading.problems.report('trailing-comma', '');
      depth -= 1;
      state = 'after entry';
    } else if (state === 'after entry') {
      if (scanner.atEnd) break;
      if (!scanner.take(',')) return undefined;
      state = 'after comma';
    } else {
      const found = readEntry(reading, scanner);
      if (found === 'other') return undefined;
      if (found === 'cut') break;
      if (found === 'object') depth += 1;
      state = found === 'object' ? 'opened' : 'after entry';
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

/** Scans a text, skipping blanks before tokens. */
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

  /** The beginning of the rest, for messages. */
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

  /**
   * The text between the next two quotes, not counting a quote after a backslash. Escapes are kept. Undefined, with nothing
   * consumed, if there is no such text or no end of it.
   */
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
