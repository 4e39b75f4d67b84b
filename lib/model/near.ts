/** Names that the user may have meant. */

/** The most letters that are compared, and the most names: comparing takes the product of their lengths. */
const mostLetters = 120;
const mostNames = 2000;

/** The known name that is most similar to a wrong one; undefined if none is similar. */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > mostLetters) return undefined;
  // With more than a third of the letters wrong, it is not a typing mistake.
  const most = Math.max(2, Math.ceil(wrong.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  let looked = 0;
  for (const name of known) {
    if (++looked > mostNames) break;
    if (Math.abs(name.length - wrong.length) > most) continue;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name;
}

/** Letters of which a name may have been begun rather than mistyped, and how many names they may begin. */
const fewestLetters = 2;
const mostBegun = 3;

/** A hint with the names that a wrong one begins, or else the nearest of the known names, or else all of them. */
export function suggest(wrong: string, known: readonly string[]): string {
  const begun = wrong.replace(/^-+/, '').length < fewestLetters ? [] : known.filter((name) => name.startsWith(wrong));
  if (begun.length > 0 && begun.length <= mostBegun) return `Did you mean ${begun.join(' or ')}?`;
  const near = nearest(wrong, known);
  return near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${near}?`;
}

/** Letters to insert, remove or replace to get from one text to the other (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= b.length; column++) {
      const replace = (row[column - 1] as number) + (b[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replace, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
