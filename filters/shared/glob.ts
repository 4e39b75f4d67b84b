import picomatch from 'picomatch';
import { ExrError } from '../../lib/index.js';

/** A glob over names, and whether a name fits it. */
export interface Glob {
  readonly pattern: string;
  matches(name: string): boolean;
}

/**
 * Globs over EXR names: `*` and `?` match any characters, dots included, `[abc]` and `{a,b}` for a choice.
 * Names are no paths and may hold anything ("Bäume (木)", "a/b"), so slashes and round brackets are plain characters here,
 * and a pattern always fits the name that is spelled the same.
 */
export function compileGlobs(patterns: readonly string[]): Glob[] {
  return patterns.map((pattern) => {
    if (pattern === '') return { pattern, matches: (name) => name === '' };
    const fits = compile(pattern);
    return { pattern, matches: (name) => name === pattern || fits(withoutSlashes(name)) };
  });
}

/** True when at least one of the globs fits. */
export function matchesAny(globs: readonly Glob[], name: string): boolean {
  return globs.some((glob) => glob.matches(name));
}

function compile(pattern: string): (name: string) => boolean {
  try {
    return picomatch(forNames(pattern), { bash: true, dot: true, nonegate: true, noextglob: true, flags: 's' });
  } catch (cause) {
    throw new ExrError('usage', 'BAD_GLOB', `"${pattern}" cannot be used as a pattern`, {
      hint: 'A pattern is a name in which * and ? match any characters, for example "*.CryptoObject*".',
      cause,
    });
  }
}

/** Takes the path meaning out of a pattern: round brackets become plain, `[!a]` is spelled the way the library knows. */
function forNames(pattern: string): string {
  return withoutSlashes(pattern).replace(/\\.|[()]|\[!/gs, (found) =>
    found === '[!' ? '[^' : found.length === 1 ? `\\${found}` : found,
  );
}

/** The library gives slashes a meaning of their own; a private character has none. */
function withoutSlashes(text: string): string {
  return text.includes('/') ? text.replaceAll('/', '\uf8ff') : text;
}
