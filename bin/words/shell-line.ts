import { usageError } from './usage.js';

/** What no shell takes for anything but itself: letters and digits of any script, and a few signs that mean nothing. */
const plain = /^[\p{L}\p{M}\p{N}_@%+:,./-][\p{L}\p{M}\p{N}_@%+=:,./-]*$/u;

/** Words as one line for a POSIX shell. Only what needs it is quoted. Throws `usage` for what no program can be given as a word. */
export function shellLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  // The system ends words at a zero byte, and takes them as UTF-8, which has no halves of surrogate pairs.
  if (word.includes('\0') || !word.isWellFormed())
    throw usageError(`${JSON.stringify(word)} cannot be written on a command line`, 'Use a pipeline file.');
  if (plain.test(word)) return word;
  // The name of an option reads better outside of the quotes.
  const [, option = '', value = ''] = /^(--[a-z-]+=)?(.*)$/s.exec(word) ?? [];
  return `${option}${plain.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`;
}
