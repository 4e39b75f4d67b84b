import { advise, ExrError, optionNamed } from '../../lib/index.js';

/**
 * A substitution as sed writes it, `s/pattern/replacement/flags`, with any character for the slash. The pattern is a
 * JavaScript regular expression over Unicode text; groups are `$1` or `\1` in the replacement. Throws `usage` errors.
 */
export function parseSubstitution(text: string): (name: string) => string {
  const [pattern, replacement, flags, ...rest] = pieces(text);
  if (pattern === undefined || replacement === undefined || flags === undefined || rest.length > 0) throw bad(text);
  if (!/^(gi?|ig?)?$/.test(flags)) throw bad(text, `the flags can be g and i, not "${flags}"`);
  try {
    const expression = new RegExp(pattern, `${flags}u`);
    const replacer = template(replacement);
    return (name) => name.replace(expression, replacer);
  } catch (cause) {
    throw bad(text, cause instanceof Error ? cause.message : undefined);
  }
}

/** The text between delimiters; a delimiter after a backslash is part of the text. */
function pieces(text: string): string[] {
  const delimiter = text[1];
  if (text[0] !== 's' || delimiter === undefined || /[\w\s\\]/.test(delimiter)) return [];
  const found: string[] = [];
  let piece = '';
  for (let at = 2; at < text.length; at++) {
    const character = text[at] as string;
    if (character === delimiter) {
      found.push(piece);
      piece = '';
    } else if (character === '\\') {
      at++;
      piece += text[at] === delimiter ? delimiter : character + (text[at] ?? '');
    } else piece += character;
  }
  return [...found, piece];
}

/** sed's `\1` as JavaScript's `$1`; any other character after a backslash is meant as it is. */
function template(replacement: string): string {
  return replacement.replace(/\\(.)/gs, (_, character: string) =>
    /\d/.test(character) || character === '$' ? `$${character}` : character,
  );
}

function bad(text: string, why = 'it must look like s/PATTERN/REPLACEMENT/ or s/PATTERN/REPLACEMENT/gi'): ExrError {
  return new ExrError('usage', 'BAD_REGEX', `cannot use "${text}": ${why}`, {
    hint: advise`Quote it for a shell, as in ${optionNamed('regex', 's/^ViewLayer\\.//')}.`,
  });
}
