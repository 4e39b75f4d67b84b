/** A manifest's text read as Cycles writes it, without escapes: only hashes reveal where names end. */

import { shownLetters } from './manifest-problems.js';
import { likeliest, provedEntry, Reading } from './manifest-reading.js';

/** How many endings inside one name are tried. */
const nestedEnds = 8;

/** How much text may be hashed in vain for them, as a multiple of the whole, which keeps the time linear. */
const vainShare = 4;

/**
 * The end of a name with its value, well-formed or in another form that {@link readValue} accepts. The quote after the value
 * is not part of it, as it may begin the next ending.
 */
const endings = /"\s*:\s*(?:"(\s*(?:0[xX])?[0-9a-fA-F]{1,8}\s*|-?\d{9,10})(?=")|(-?\d{1,10})(?=\s*[,}]))/g;

/** An ending in the text. */
interface Ending {
  /** Where the name ends. */
  readonly at: number;
  readonly value: string;
  readonly bare: boolean;
  /** The position after the value and its quote. */
  readonly next: number;
}

function findEndings(text: string): Ending[] {
  return Array.from(text.matchAll(endings), ({ 0: whole, 1: quoted, 2: number = '', index }) => ({
    at: index,
    value: quoted ?? number,
    bare: quoted === undefined,
    next: index + whole.length + (quoted === undefined ? 0 : 1),
  }));
}

/**
 * Reads text with unescaped names: an entry ends with `":"hhhhhhhh"`, and its name is everything before that, back to
 * the previous entry. A name may hold such an ending itself; then the one that proves the name by its hash counts.
 */
export function readPieces(text: string): Reading {
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
    from = entryStart(text, end.next);
    last = end;
  }
  readTail(reading, text.slice(last?.next ?? 0).trim(), last !== undefined);
  return reading;
}

/** Where the name of the next entry from `at` on begins: after blanks, commas or braces, and a quote. */
function entryStart(text: string, at: number): number {
  const opening = /[\s,{}]*"?/y;
  opening.lastIndex = at;
  opening.exec(text);
  return opening.lastIndex;
}

/** Reads the text after the last value: a brace if all is well. */
function readTail(reading: Reading, tail: string, afterValue: boolean): void {
  const shown = tail.slice(0, shownLetters);
  if (tail === '}') return;
  const cut = /^[\s,{}]*"(.*)"\s*:\s*"([0-9a-fA-F]*)$/s.exec(tail);
  const saved = cut !== null && reading.addCut(cut[1] ?? '', cut[2] ?? '');
  if (!afterValue && !saved) reading.problems.report('unreadable', shown);
  else if (/^,\s*\}$/.test(tail)) reading.problems.report('trailing-comma', shown);
  else reading.problems.report(tail.startsWith('}') ? 'trailing-text' : 'truncated', shown);
}
