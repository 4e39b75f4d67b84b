import { ExrError } from '../../lib/model/error.js';

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_USAGE', message, hint === undefined ? {} : { hint });
}

/** A hint with the nearest of the known names, or else all of them. */
export function suggest(wrong: string, known: readonly string[]): string {
  const best = known
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .reduce((a, b) => (b.distance < a.distance ? b : a), { name: '', distance: Number.POSITIVE_INFINITY });
  // Beyond a third of the letters it is no typing mistake any more.
  if (best.distance <= Math.max(2, Math.ceil(wrong.length / 3))) return `Did you mean ${best.name}?`;
  return `Known: ${known.join(', ')}.`;
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
