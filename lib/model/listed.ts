/** Lists in messages, shortened to what a person reads. */
import { displayWidth, endWithin, startWithin } from './width.js';

/** Names in one message. Further ones are counted. */
export const mostListed = 5;

/** Letters of one name. OpenEXR allows 255 bytes, and more in the names of parts. */
const mostLetters = 80;

/** Names in quotes, at most five: `"a", "b" and 3 more`. Long ones are cut in their middle. */
export function listed(names: Iterable<string>, most = mostListed): string {
  // Manifests have a hundred thousand names, of which a message shows five.
  const all = Array.isArray(names) ? names : [...names];
  const shown = all.slice(0, most).map((name) => `"${shortened(name, mostLetters)}"`);
  return withRest(shown, all.length, ', ');
}

/** Items of a message without quotes, at most five. */
export function firstFew(items: readonly string[], separator = ', ', most = mostListed): string {
  const shown = items.slice(0, most).map((item) => shortened(item, 2 * mostLetters));
  return withRest(shown, items.length, separator);
}

function withRest(shown: readonly string[], of: number, separator: string): string {
  const more = of - shown.length;
  return more > 0 ? `${shown.join(separator)} and ${more} more` : shown.join(separator);
}

/** A text of at most `most` columns, without its middle if it is longer: beginning and end distinguish most names. */
export function shortened(text: string, most: number): string {
  // A very long text is never scanned completely.
  if (text.length <= 8 * most && displayWidth(text) <= most) return text;
  const end = Math.floor((most - 1) / 2);
  const [from, to] = [text.slice(0, 8 * most), text.slice(-8 * most)];
  return `${startWithin(from, most - 1 - end)}…${endWithin(to, end)}`;
}

/** Letters of a path, or of another word without spaces, in a displayed line. Systems allow 4096. */
const mostOfWord = 300;

/** Letters of a sentence in a displayed line. */
const mostOfSentence = 1000;

/**
 * A sentence that fits a line of a terminal or a log. Names and paths that are too long are cut in the middle, and a sentence
 * that is still too long at its end, with a count.
 */
export function brief(text: string): string {
  if (text.length <= mostOfWord) return text;
  const words = text.replace(/\S+/g, (word) => (word.length > mostOfWord ? shortened(word, mostOfWord) : word));
  if (words.length <= mostOfSentence) return words;
  const start = startWithin(words.slice(0, mostOfSentence), mostOfSentence);
  return `${start}… (${words.length - start.length} more letters)`;
}
