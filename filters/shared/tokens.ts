import { ExrError, type Part, stringAttribute } from '../../lib/index.js';

/** What a name pattern may speak of: the same words as in the pattern of an output's path. */
export interface NameSource {
  /** File name without folder, frame number and `.exr`. */
  readonly stem: string;
  /** Number of the part, counted over all inputs. */
  readonly number: number;
  readonly part: Part;
}

const tokens: ReadonlyMap<string, (source: NameSource) => string> = new Map(
  Object.entries<(source: NameSource) => string>({
    stem: ({ stem }) => stem,
    layer: ({ part }) => part.name ?? '',
    name: ({ part }) => part.name ?? '',
    part: ({ number }) => String(number),
    view: ({ part }) => viewName(part),
  }),
);

/** Throws `usage` for a pattern with a word that has no meaning. */
export function checkNamePattern(pattern: string): void {
  for (const [whole, token] of pattern.matchAll(/\{([^{}]*)\}/g))
    if (!tokens.has(token ?? ''))
      throw new ExrError('usage', 'UNKNOWN_TOKEN', `${whole} has no meaning in a name`, {
        hint: `Known: ${[...tokens.keys()].map((known) => `{${known}}`).join(' ')}.`,
      });
}

/** A pattern filled in. Pieces between dots that come out empty are left out, so `{stem}.{layer}` suits parts without a name. */
export function fillName(pattern: string, source: NameSource): string {
  return pattern
    .replace(/\{([^{}]*)\}/g, (whole, token: string) => tokens.get(token)?.(source) ?? whole)
    .split('.')
    .filter((piece) => piece !== '')
    .join('.');
}

/** The stereo view a part belongs to, '' for none. */
export function viewName(part: Pick<Part, 'attributes'> | undefined): string {
  return stringAttribute(part?.attributes.get('view')) ?? '';
}
