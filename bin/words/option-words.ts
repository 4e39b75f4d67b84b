/**
 * From the words of a command line to option values, by the definitions of the options.
 *
 * yargs lays out the help and does not parse, for three reasons that test/bin/option-words.test.ts shows:
 * - One option may stand in several filters of a chain: `drop --layer a then pick --layer b`. yargs knows one set of options and
 *   gives `layer: [a, b]`. And where a chain divides only the definitions tell, since `then` may be a value: `--layer then`. So
 *   words must be taken apart by the options before yargs could be asked about any of them.
 * - It refuses values that look like options, such as `--add-prefix -x`, and takes a pair of quotes off values: the name `"a"`
 *   in `--part='"a"'` becomes `a`.
 * - To load it takes longer than most commands run (some 30 ms).
 */

import {
  checkOptions,
  isExrError,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  takesList,
} from '../../lib/index.js';
import { kebabCase, suggest, typedValue } from '../../lib/program.js';
import { inOptionWords } from '../terminal/option-hints.js';
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

/** An option that is given, by its name in the definition, with its value as text; a flag has none. */
export interface Given {
  readonly option: string;
  readonly text: string | undefined;
}

/** The name of an option in its definition, and its definition, by its name on the command line. */
export function findOption(specs: OptionSpecs, name: string): readonly [string, OptionSpec] | undefined {
  return Object.entries(specs).find(([own]) => kebabCase(own) === name);
}

/** Takes one option and, where it needs one, its value off the front of `words`. A value may look like anything. */
export function takeOption(words: string[], specs: OptionSpecs, owner: string): Given {
  const word = words.shift() as string;
  const { name, value } = optionWord(word) as OptionWord;
  const found = findOption(specs, name);
  if (!found) throw unknownOption(word, specs, owner);
  const [option, spec] = found;
  if (spec.type === 'flag') {
    if (value !== undefined) throw usageError(`${owner}: --${name} takes no value`);
    return { option, text: undefined };
  }
  const text = value ?? words.shift();
  if (text === undefined) throw usageError(`${owner}: --${name} needs a value (${spec.placeholder ?? spec.type})`);
  return { option, text };
}

/** All words of a command: its options, and the bare ones; after `--` every word is bare. */
export function splitWords(
  words: readonly string[],
  specs: OptionSpecs,
  owner: string,
): { readonly named: readonly Given[]; readonly bare: readonly string[] } {
  const left = [...words];
  const named: Given[] = [];
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

/** Values of options by their names in the definition: a list has all that are given, everything else may be given once. */
export function optionValues(all: readonly Given[], specs: OptionSpecs, owner: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]): [string, unknown][] => {
      const given = all.filter(({ option }) => option === name);
      const [first] = given;
      if (!first) return [];
      if (takesList(spec)) return [[name, given.map(({ text }) => text)]];
      if (spec.type === 'flag') return [[name, true]];
      if (given.length > 1) throw usageError(`${owner}: --${kebabCase(name)} is given ${given.length} times`);
      return [[name, typedValue(first.text ?? '', spec)]];
    }),
  );
}

/** What the words of a command say: its option values, checked and with defaults filled in, and the bare words. */
export function readWords<Specs extends OptionSpecs>(
  words: readonly string[],
  specs: Specs,
  owner: string,
): { readonly values: OptionValues<Specs>; readonly bare: readonly string[] } {
  const { named, bare } = splitWords(words, specs, owner);
  return { values: checkValues(specs, optionValues(named, specs, owner), owner), bare };
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
    const worded = inOptionWords(error);
    const message = worded.message.replace(/the option "(\w+)"/, (whole, name: string) => {
      const spec = specs[name];
      return spec?.positional ? (spec.placeholder ?? name) : spec ? `--${kebabCase(name)}` : whole;
    });
    throw usageError(message, worded.hint);
  }
}
