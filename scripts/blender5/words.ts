/** Command lines as trials spell them: words, 'quoted words', and placeholders. */

/** Placeholders for whole words: `IN`, `OUT` and the like; each may be several words. */
export type WholeWords = Readonly<Record<string, readonly string[]>>;
/** Placeholders within words, in angle brackets: `<crypto>`. */
export type Pieces = Readonly<Record<string, string | undefined>>;

/**
 * The words of a line, placeholders replaced.
 * @throws Error on an unknown placeholder
 */
export function wordsOf(line: string, whole: WholeWords, pieces: Pieces): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].flatMap(([word]) => {
    const bare = word.replaceAll("'", '');
    if (Object.hasOwn(whole, bare)) return whole[bare] as readonly string[];
    return [
      bare.replace(/<(\w+)>/g, (_, key: string) => {
        const piece = pieces[key];
        if (piece === undefined) throw new Error(`no <${key}> for "${line}"`);
        return piece;
      }),
    ];
  });
}

/** The placeholders of a line. */
export function piecesIn(line: string): string[] {
  return [...line.matchAll(/<(\w+)>/g)].map(([, key]) => key as string);
}
