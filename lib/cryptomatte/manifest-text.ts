/**
 * Finds the entries in a manifest's text. Two readings are tried: as JSON, with some tolerance, and as what Cycles writes,
 * which escapes nothing, so that only the hash reveals where a name ends.
 */
import { readJson } from './manifest-json.js';
import { readPieces } from './manifest-pieces.js';
import { harmlessProblems, shownLetters } from './manifest-problems.js';
import { type FoundEntries, Reading } from './manifest-reading.js';

/** The entries of a text, from the reading that more hashes prove. Never throws; takes time linear in the text's length. */
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
