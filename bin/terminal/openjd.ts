/**
 * The messages that Open Job Description's runners look for at the beginning of lines of a task's stdout
 * (docs/progress.md). A message is one line, whatever is in it.
 */
import { printable } from '../../lib/format/index.js';

export const openJd = {
  /** Per cent that are done, with one decimal. */
  progress: (percent: number) => `openjd_progress: ${percent.toFixed(1)}\n`,
  status: (text: string) => `openjd_status: ${printable(text)}\n`,
  fail: (text: string) => `openjd_fail: ${printable(text)}\n`,
} as const;

/** Whether a command line asks for these messages. It is looked for in the words themselves: they may be what is wrong. */
export function wantsOpenJd(words: readonly string[]): boolean {
  return words.some(
    (word, at) => word === '--progress=openjd' || (word === 'openjd' && words[at - 1] === '--progress'),
  );
}
