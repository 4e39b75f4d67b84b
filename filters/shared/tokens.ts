import { partView } from '../../lib/format/index.js';
import { ExrError, type Part } from '../../lib/index.js';
import { listTokens, replaceTokens, type TokenWord } from '../../lib/layers/index.js';

/** What a name pattern may speak of: the same words as in the pattern of an output's path. */
export interface NameSource {
  /** File name without folder, frame number and `.exr`. */
  readonly stem: string;
  /** Number of the part, counted over all inputs. */
  readonly number: number;
  readonly part: Part;
}

const known: readonly (readonly [TokenWord, (source: NameSource) => string])[] = [
  ['stem', ({ stem }) => stem],
  ['layer', ({ part }) => part.name ?? ''],
  ['name', ({ part }) => part.name ?? ''],
  ['part', ({ number }) => String(number)],
  ['view', ({ part }) => viewName(part)],
];

const values: ReadonlyMap<string, (source: NameSource) => string> = new Map(known);

/** Throws `usage` for a pattern with a word that has no meaning. */
export function checkNamePattern(pattern: string): void {
  replaceTokens(pattern, (word, whole) => {
    if (values.has(word)) return whole;
    throw new ExrError('usage', 'UNKNOWN_TOKEN', `${whole} has no meaning in a name`, {
      hint: `Known: ${listTokens(known.map(([word]) => word))}.`,
    });
  });
}

/** A pattern filled in. Pieces between dots that come out empty are left out, so `{stem}.{layer}` suits parts without a name. */
export function fillName(pattern: string, source: NameSource): string {
  return replaceTokens(pattern, (word, whole) => values.get(word)?.(source) ?? whole)
    .split('.')
    .filter((piece) => piece !== '')
    .join('.');
}

/** The stereo view a part belongs to, '' for none. */
export function viewName(part: Pick<Part, 'attributes'> | undefined): string {
  return partView(part) ?? '';
}
