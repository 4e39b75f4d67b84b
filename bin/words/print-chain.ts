/** The inverse of the grammar: a chain as the words of a command line. */

import { type FilterStep, type FilterTable, type OptionSpec, type OptionSpecs, takesList } from '../../lib/index.js';
import { kebabCase } from '../../lib/program.js';
import { type CommonOptions, commonOptions } from './common-options.js';
import { isInput } from './grammar.js';
import { letters, optionWord } from './option-words.js';
import { shellLine } from './shell-line.js';
import { usageError } from './usage.js';

/** A chain to print. What is not given, or is as it would be without being given, is left out. */
export interface PrintableChain {
  readonly steps: readonly Pick<FilterStep, 'filter' | 'options'>[];
  readonly inputs?: readonly string[] | undefined;
  readonly common?: Partial<CommonOptions>;
}

/** Option values of unknown origin, by their names in the definition. */
type Values = Readonly<Record<string, unknown>>;

/**
 * The words that parseChain makes this chain of. Throws `usage` for a filter or an option that is not there; whether values
 * are right is for the filter to check.
 */
export function chainWords({ steps, inputs = [], common = {} }: PrintableChain, filters: FilterTable): string[] {
  const printed = steps.map((step) => stepWords(step, filters));
  const options = optionWords('options', commonOptions, common);
  const last = printed.at(-1);
  const end = needDashes(inputs, last?.open ?? false) ? [...options, '--', ...inputs] : [...inputs, ...options];
  return [...printed.flatMap(({ words }, index) => (index === 0 ? words : ['then', ...words])), ...end];
}

/** A chain with the plug-ins that it takes, named on the command line or in a pipeline file. */
export function withPlugins(
  { steps, inputs, common, plugins = [] }: PrintableChain & { readonly plugins?: readonly string[] },
  session: { readonly plugins: readonly string[] },
): PrintableChain {
  return { steps, inputs, common: { ...common, plugin: [...session.plugins, ...plugins] } };
}

/** The chain as somebody would type it, in one line for a POSIX shell. Throws `usage` as {@link chainWords} does. */
export function commandLine(chain: PrintableChain, filters: FilterTable): string {
  return shellLine(['exrpipe', ...chainWords(chain, filters)]);
}

interface PrintedStep {
  readonly words: readonly string[];
  /** Whether the filter would take a bare word that follows, unless it is an input for sure. */
  readonly open: boolean;
}

function stepWords({ filter: name, options }: PrintableChain['steps'][number], filters: FilterTable): PrintedStep {
  const filter = filters.get(name);
  if (!filter) throw usageError(`there is no filter "${name}"`);
  const specs = filter.definition.options;
  const bare = bareOptions(specs, options);
  const named = Object.fromEntries(Object.entries(options).filter(([option]) => !bare.has(option)));
  const open = Object.entries(specs).some(
    ([option, spec]) => spec.positional && (bare.has(option) ? takesList(spec) : isDefault(spec, named[option])),
  );
  return { words: [name, ...[...bare.values()].flat(), ...optionWords(name, specs, named)], open };
}

/**
 * Positional options whose values can be printed as bare words, with these words. That is so while no option without a
 * value and no list comes before, which would take them. All others are printed by their names.
 */
function bareOptions(specs: OptionSpecs, values: Values): Map<string, readonly string[]> {
  const bare = new Map<string, readonly string[]>();
  for (const [option, spec] of Object.entries(specs)) {
    if (!spec.positional) continue;
    if (isDefault(spec, values[option])) break;
    const words = [values[option]].flat().map(String);
    if (!words.every((word) => isBare(word, spec))) continue;
    bare.set(option, words);
    if (takesList(spec)) break;
  }
  return bare;
}

/** Whether the grammar takes a word for a value of a positional option. */
function isBare(word: string, spec: OptionSpec): boolean {
  return optionWord(word) === undefined && word !== 'then' && !isInput(word, spec);
}

/** Whether inputs are taken for something else unless `--` stands before them. */
function needDashes(inputs: readonly string[], open: boolean): boolean {
  const [first] = inputs;
  if (first === undefined) return false;
  return (
    (open && (!isInput(first) || first.includes('='))) ||
    inputs.some((input) => optionWord(input) !== undefined || input === 'then')
  );
}

function optionWords(owner: string, specs: OptionSpecs, values: Values): string[] {
  return Object.entries(values).flatMap(([option, value]) => {
    const spec = Object.hasOwn(specs, option) ? specs[option] : undefined;
    if (!spec) throw usageError(`${owner}: there is no option "${option}"`);
    const name = kebabCase(option);
    if (isDefault(spec, value)) return [];
    if (spec.type === 'flag') return [`--${name}`];
    return [value].flat().flatMap((one) => valueWords(name, String(one)));
  });
}

/** Whether an option has the value that it has without being given. */
function isDefault(spec: OptionSpec, value: unknown): boolean {
  if (value === undefined) return true;
  if (spec.type === 'flag') return value === false;
  if (Array.isArray(value)) return value.length === 0;
  return 'default' in spec && value === spec.default;
}

/** `-o out.exr`, `--part a`. A value that one might read as something else is joined to its option: `--add-prefix=-x`. */
function valueWords(name: string, value: string): string[] {
  if (value === '' || value === 'then' || value.startsWith('-')) return [`--${name}=${value}`];
  const letter = Object.entries(letters).find(([, long]) => long === name)?.[0];
  return [letter === undefined ? `--${name}` : `-${letter}`, value];
}
