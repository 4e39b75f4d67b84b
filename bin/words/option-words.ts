/** From the words of a command line to option values, by the definitions of the options. */
import parseWords from 'yargs-parser';
import { kebabCase, typedValue } from '../../lib/engine/option-text.js';
import {
  checkOptions,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  takesList,
} from '../../lib/engine/options.js';
import { isExrError } from '../../lib/model/error.js';
import { suggest } from '../../lib/model/near.js';
import { usageError } from './usage.js';

/** Options that have a letter of their own. */
export const letters: Readonly<Record<string, string>> = { o: 'output', h: 'help', v: 'verbose' };

export interface OptionWord {
  readonly name: string;
  readonly value: string | undefined;
}

/** The option a word names: `--strip-prefix`, `--strip-prefix=x`, `-o`, `-ofile`. Undefined for a word that is no option. */
export function optionWord(word: string): OptionWord | undefined {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word.slice(2), value: undefined }
      : { name: word.slice(2, equals), value: word.slice(equals + 1) };
  }
  if (!word.startsWith('-') || word === '-') return undefined;
  const name = letters[word[1] as string] ?? word.slice(1, 2);
  const value = word.slice(word[2] === '=' ? 3 : 2);
  return { name, value: value === '' ? undefined : value };
}

/** The definition of an option by its name on the command line. */
export function findOption(specs: OptionSpecs, name: string): OptionSpec | undefined {
  return Object.entries(specs).find(([own]) => kebabCase(own) === name)?.[1];
}

/**
 * Takes one option and, where it needs one, its value off the front of `words`, and gives it as one word `--name="value"`.
 * In that form a value may begin with a dash (`--frames -10-20`) and yargs cannot take it for something else. The quotes
 * are ours: yargs takes one pair off, and without them it would take off a pair that belongs to the value.
 */
export function takeOption(words: string[], specs: OptionSpecs, owner: string): string {
  const word = words.shift() as string;
  const { name, value } = optionWord(word) as OptionWord;
  const spec = findOption(specs, name);
  if (!spec) throw unknownOption(word, specs, owner);
  if (spec.type === 'flag') {
    if (value !== undefined) throw usageError(`${owner}: --${name} takes no value`);
    return `--${name}`;
  }
  const given = value ?? words.shift();
  if (given === undefined) throw usageError(`${owner}: --${name} needs a value (${spec.placeholder ?? spec.type})`);
  return `--${name}="${given}"`;
}

/** All words of a command: its options as `--name=value`, and the bare ones; after `--` every word is bare. */
export function splitWords(
  words: readonly string[],
  specs: OptionSpecs,
  owner: string,
): { readonly named: readonly string[]; readonly bare: readonly string[] } {
  const left = [...words];
  const named: string[] = [];
  const bare: string[] = [];
  while (left.length > 0) {
    const word = left[0] as string;
    if (word === '--') bare.push(...left.splice(0).slice(1));
    else if (optionWord(word)) named.push(takeOption(left, specs, owner));
    else bare.push(left.shift() as string);
  }
  return { named, bare };
}

function unknownOption(word: string, specs: OptionSpecs, owner: string): Error {
  const wrong = word.replace(/=.*$/s, '');
  const known = Object.entries(specs).flatMap(([name, spec]) => (spec.positional ? [] : [`--${kebabCase(name)}`]));
  return usageError(`${owner}: there is no option ${wrong}`, suggest(wrong, known));
}

/** Values of options given as words that {@link takeOption} made, by their names in the definition. */
export function optionValues(words: readonly string[], specs: OptionSpecs, owner: string): Record<string, unknown> {
  const entries = Object.entries(specs);
  const keys = (fits: (spec: OptionSpec) => boolean): string[] =>
    entries.flatMap(([name, spec]) => (fits(spec) ? [kebabCase(name)] : []));
  const parsed = parseWords([...words], {
    boolean: keys((spec) => spec.type === 'flag'),
    array: keys(takesList).map((key) => ({ key, string: true })),
    string: keys((spec) => spec.type !== 'flag' && !takesList(spec)),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    },
  });
  return Object.fromEntries(
    entries.flatMap(([name, spec]): [string, unknown][] => {
      const value: unknown = parsed[kebabCase(name)];
      if (value === undefined) return [];
      if (Array.isArray(value) && !takesList(spec))
        throw usageError(`${owner}: --${kebabCase(name)} is given ${value.length} times`);
      return [[name, typeof value === 'string' ? typedValue(value, spec) : value]];
    }),
  );
}

/** Option values of a command, checked and with defaults filled in. */
export function checkValues<Specs extends OptionSpecs>(
  specs: Specs,
  values: Readonly<Record<string, unknown>>,
  owner: string,
): OptionValues<Specs> {
  return spelled(specs, () => checkOptions(owner, specs, values));
}

/** Runs something that checks options, and has its errors name them as the command line does: `--strip-prefix`. */
export function spelled<Result>(specs: OptionSpecs, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!isExrError(error) || error.code !== 'BAD_OPTION') throw error;
    const message = error.message.replace(/the option "(\w+)"/, (whole, name: string) => {
      const spec = specs[name];
      return spec?.positional ? (spec.placeholder ?? name) : spec ? `--${kebabCase(name)}` : whole;
    });
    throw usageError(message, error.hint);
  }
}
