/** What can be wrong with a manifest's text, and how often it is. */

/** What is wrong with a manifest's text. */
export type ManifestProblem =
  | 'byte-order-mark'
  | 'not-utf8'
  | 'unescaped'
  | 'control-character'
  | 'needless-escape'
  | 'nested'
  | 'truncated'
  | 'trailing-comma'
  | 'trailing-text'
  | 'empty-text'
  | 'unreadable'
  | 'not-json'
  | 'duplicate-name'
  | 'several-ids'
  | 'bad-value'
  | 'odd-value'
  | 'upper-case';

/** Problems with which the text is still strict JSON of the right shape and loses nothing. */
export const harmlessProblems: ReadonlySet<ManifestProblem> = new Set([
  'duplicate-name',
  'upper-case',
  'needless-escape',
]);

/** How often each problem occurs, and the name or text where it first occurs. */
export type ManifestProblems = ReadonlyMap<ManifestProblem, { readonly count: number; readonly first: string }>;

/** Letters of a text that messages show. */
export const shownLetters = 40;

/** Counts problems. */
export class ProblemCount {
  readonly counts = new Map<ManifestProblem, { count: number; first: string }>();

  report(problem: ManifestProblem, first: string): void {
    const entry = this.counts.get(problem);
    if (entry) entry.count += 1;
    else this.counts.set(problem, { count: 1, first });
  }
}
