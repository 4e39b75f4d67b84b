/**
 * Words in braces that are placeholders in the patterns of output paths, names and sidecars: `out/{layer}.{frame}.exr`.
 * Which of them a pattern may use, and where their values come from, is up to the code that fills it in.
 */
export const tokenWords = ['layer', 'part', 'name', 'stem', 'frame', 'view'] as const;
/** A word that stands in braces: `{layer}`. */
export type TokenWord = (typeof tokenWords)[number];

export function isTokenWord(word: string): word is TokenWord {
  return tokenWords.some((known) => known === word);
}

/** Words as messages list them: `{stem} {frame}`. */
export function listTokens(words: readonly TokenWord[], separator = ' '): string {
  return words.map((word) => `{${word}}`).join(separator);
}

/** Replaces every `{word}` of a pattern, whatever the word. */
export function replaceTokens(pattern: string, replace: (word: string, whole: string) => string): string {
  return pattern.replace(/\{([^{}]*)\}/g, (whole, word: string) => replace(word, whole));
}
