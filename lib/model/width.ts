/**
 * How many columns of a terminal text takes. The package string-width would replace `wide` and `displayWidth`, not the cutting of
 * texts; it counts two columns for ©, ™ and other signs that terminals show in one.
 */

/** Beyond this, every letter may be wide, combine with others, or be invisible. */
const plain = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f]*$/;

/** East Asian Width W and F of the Unicode Standard (annex 11), by blocks, and emoji in pictorial form. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]|\p{Extended_Pictographic}\ufe0f/u;

let segmenter: Intl.Segmenter | undefined;

/** What people see as one letter: with its accents, or an emoji of several characters. */
export function lettersOf(text: string): string[] {
  if (plain.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns of one letter. A combining character without a base takes a column of its own. */
export function letterWidth(letter: string): number {
  return wide.test(letter) ? 2 : 1;
}

/** Columns that text takes in a terminal: two for wide letters, none for marks that are set on others. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  return lettersOf(text).reduce((sum, letter) => sum + letterWidth(letter), 0);
}

/** As much of the beginning of a text as fits into `columns` columns. */
export function startWithin(text: string, columns: number): string {
  if (text.length <= columns && plain.test(text)) return text;
  let left = columns;
  let start = '';
  for (const letter of lettersOf(text)) {
    left -= letterWidth(letter);
    if (left < 0) break;
    start += letter;
  }
  return start;
}

/** The same for its end. */
export function endWithin(text: string, columns: number): string {
  let left = columns;
  let end = '';
  for (const letter of lettersOf(text).reverse()) {
    left -= letterWidth(letter);
    if (left < 0) break;
    end = letter + end;
  }
  return end;
}
