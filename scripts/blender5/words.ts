/** Command lines as trials spell them: words, 'quoted words', and placeholders. */

/** What stands for a whole word: `IN`, `OUT` and the like; each may be several words. */
export type WholeWords = Readonly<Record<string, readonly string[]>>;
/** What stands within words, in angle brackets: `<crypto>`. */
export type Pieces = Readonly<Record<string, string | undefined>>;

/**
 * The words of a line, placeholders replaced.
 * @throws Error on a piece that is not there
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

/** The pieces that a line asks for. */
export function piecesIn(line: string): string[] {
  return [...line.matchAll(/<(\w+)>/g)].map(([, key]) => key as string);
}
