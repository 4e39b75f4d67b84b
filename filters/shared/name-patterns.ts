import { ExrError } from '../../lib/index.js';
import { compileGlobs } from './glob.js';

/** A pattern for names in Cryptomattes: a glob, or a regular expression between slashes. */
export interface NamePattern {
  readonly text: string;
  fits(name: string): boolean;
}

/** Throws `usage` for what is no pattern. */
export function compileNamePatterns(patterns: readonly string[]): NamePattern[] {
  return patterns.map((text) => {
    const regex = /^\/(.+)\/([iu]*)$/s.exec(text);
    if (!regex) {
      const globs = compileGlobs([text]);
      return { text, fits: (name) => globs.some((glob) => glob.matches(name)) };
    }
    const expression = compileRegex(text, regex[1] as string, regex[2] as string);
    return { text, fits: (name) => expression.test(name) };
  });
}

function compileRegex(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new ExrError('usage', 'BAD_REGEX', `${pattern} is not a regular expression`, { cause });
  }
}

/** What stands for a name in the names of channels, where it is in braces. */
const nameToken = '{name}';

export function hasNameToken(pattern: string): boolean {
  return pattern.includes(nameToken);
}

/**
 * A channel's name for each of some names. Dots in them would make layers, and zero bytes and ends of lines no names, so these become
 * `_`; where two names come to be one, the second gets a number.
 */
export function channelNames(pattern: string, names: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
      const plain = pattern.replaceAll(nameToken, () => name.replace(/[.\u0000-\u001f]/g, '_') || '_');
      let free = plain;
      for (let number = 2; taken.has(free); number++) free = `${plain}_${number}`;
      taken.add(free);
      return [name, free];
    }),
  );
}
