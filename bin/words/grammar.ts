/** The grammar of a chain: `FILTER [options] [then FILTER [options]]… [INPUT…]`. */

import {
  type AnyFilter,
  type FilterStep,
  type FilterTable,
  isExrError,
  type OptionSpec,
  type OptionSpecs,
  takesList,
} from '../../lib/index.js';
import { suggest } from '../../lib/program.js';
import { inOptionWords } from '../terminal/option-hints.js';
import { type CommonOptions, commonOptions } from './common-options.js';
import { checkValues, findOption, type Given, optionValues, optionWord, spelled, takeOption } from './option-words.js';
import { usageError } from './usage.js';

export interface Chain {
  readonly steps: readonly FilterStep[];
  /** As given; empty for stdin. */
  readonly inputs: readonly string[];
  readonly common: CommonOptions;
  /** Names of the plug-ins that filters come from. */
  readonly plugins?: readonly string[];
  /** Bare words that filters took for values, of each that did. */
  readonly taken?: readonly TakenWords[];
  /** Options of the command that the chain is given to. */
  readonly more?: readonly Given[];
}

/** Words that a filter took as it takes all that are no inputs for sure, though they may have been meant as inputs. */
export interface TakenWords {
  readonly filter: string;
  /** What they are there, as the help calls it. */
  readonly as: string;
  readonly words: readonly string[];
}

/** One filter's words, taken apart. */
interface Segment {
  readonly filter: AnyFilter;
  /** Options of the filter's own, and those common to all. */
  readonly own: readonly Given[];
  readonly common: readonly Given[];
  /** Options of the command that the chain is given to. */
  readonly more: readonly Given[];
  /** Words that are no options. */
  readonly bare: readonly string[];
  /** Words after `--`: inputs, whatever they look like. */
  readonly inputs: readonly string[];
}

/** A request for the help of one filter. */
export interface HelpWanted {
  readonly help: AnyFilter;
}

/**
 * Reads a whole chain. A command that is given one may have options of its own, which stand before it or in it; there an option of
 * the filter that has the same name comes first. Throws `usage` errors.
 */
export function parseChain(words: readonly string[], filters: FilterTable, own: OptionSpecs = {}): Chain | HelpWanted {
  const left = [...words];
  const segments: Segment[] = [];
  do segments.push(takeSegment(left, filters, own));
  while (left.shift() === 'then');
  const asked = segments.find(({ common }) => common.some(({ option }) => option === 'help'));
  if (asked) return { help: asked.filter };

  const common = commonValues(segments.flatMap((segment) => segment.common));
  const last = segments.length - 1;
  const parsed = segments.map((segment, index) => parseSegment(segment, index === last));
  return {
    steps: parsed.map(({ step }) => step),
    inputs: parsed.flatMap(({ inputs }) => inputs),
    common,
    more: segments.flatMap(({ more }) => more),
    taken: parsed.flatMap(({ taken }) => taken ?? []),
  };
}

/** Values of common options, checked. */
export function commonValues(given: readonly Given[]): CommonOptions {
  return checkValues(commonOptions, optionValues(given, commonOptions, 'options'), 'options');
}

/** Values of the common option `for` that are no programs, and mean an option of one filter. */
const spellings: readonly { readonly of: string; readonly text: string; readonly means: Given }[] = [
  { of: 'split', text: 'viewers', means: { option: 'as', text: 'viewers' } },
];

/** Takes words up to the next `then` that is not an option's value. */
function takeSegment(words: string[], filters: FilterTable, command: OptionSpecs): Segment {
  const own: Given[] = [];
  const common: Given[] = [];
  const more: Given[] = [];
  const bare: string[] = [];
  let filter: AnyFilter | undefined;
  while (words.length > 0 && words[0] !== 'then') {
    const word = words[0] as string;
    if (word === '--') {
      if (!filter) break;
      return { filter, own, common, more, bare, inputs: words.splice(0).slice(1) };
    }
    const option = optionWord(word);
    if (option && findOption(commonOptions, option.name)) {
      const given = takeOption(words, commonOptions, filter?.definition.name ?? 'options');
      const meant = spellings.find(
        ({ of, text }) => of === filter?.definition.name && given.option === 'for' && given.text === text,
      );
      if (meant) own.push(meant.means);
      else common.push(given);
    } else if (
      option &&
      findOption(command, option.name) &&
      !findOption(filter?.definition.options ?? {}, option.name)
    ) {
      more.push(takeOption(words, command, 'options'));
    } else if (option) {
      const options: OptionSpecs = { ...filter?.definition.options, ...commonOptions };
      own.push(takeOption(words, options, filter?.definition.name ?? 'options'));
    } else if (filter) {
      bare.push(words.shift() as string);
    } else {
      filter = findFilter(words.shift() as string, filters);
    }
  }
  if (!filter) throw usageError('a filter is missing', 'Write "exrpipe FILTER [options] then FILTER [options] INPUT".');
  return { filter, own, common, more, bare, inputs: [] };
}

function findFilter(name: string, filters: FilterTable): AnyFilter {
  const filter = filters.get(name);
  if (!filter) throw unknownName(name, [...filters.keys()]);
  return filter;
}

/** The error for a word that is neither a filter nor a command. */
export function unknownName(name: string, known: readonly string[]): Error {
  // A user who begins with a file wants to know what there is.
  const hint = /[./\\]/.test(name)
    ? `Begin with what to do with it, as in "exrpipe info ${name}"; "exrpipe help" lists filters and commands.`
    : suggest(name, known);
  return usageError(`there is no command or filter "${name}"`, hint);
}

interface ParsedSegment {
  readonly step: FilterStep;
  readonly inputs: readonly string[];
  readonly taken: TakenWords | undefined;
}

function parseSegment(segment: Segment, last: boolean): ParsedSegment {
  const { name, options } = segment.filter.definition;
  const named = optionValues(segment.own, options, name);
  const { values, rest } = takePositionals(segment.bare, options, named);
  const inputs = [...rest, ...segment.inputs];
  if (inputs.length > 0 && !last)
    throw usageError(
      `${name}: unexpected "${inputs[0]}"`,
      'Put inputs at the end of the chain, after its last filter.',
    );
  const [list] = Object.entries(options).filter(([option, spec]) => takesList(spec) && Object.hasOwn(values, option));
  const words = list ? (values[list[0]] as readonly string[]) : [];
  const taken = list && { filter: name, as: list[1].placeholder ?? '', words };
  const create = () => segment.filter.create({ ...named, ...values });
  const step = spelled(options, inputs.length > 0 ? create : () => hinted(create, words));
  return { step, inputs, taken };
}

/** What makes something of words, the last of which may have been meant as an input: where it is refused, the error mentions that. */
function hinted<Result>(make: () => Result, words: readonly string[]): Result {
  try {
    return make();
  } catch (error) {
    const word = words.at(-1);
    if (!isExrError(error) || words.length < 2 || word === undefined || !error.message.includes(`"${word}"`))
      throw error;
    const { message, hint } = inOptionWords(error);
    throw usageError(message, [hint, dashesHint(word)].filter((text) => text !== undefined).join(' '));
  }
}

/** How to name an input that does not look like one. */
export function dashesHint(word: string): string {
  const which = isInput(word) ? 'that look like NAME=VALUE' : 'that do not end in .exr';
  return `Put inputs ${which} after two dashes: -- ${word}`;
}

/**
 * Takes bare words for positional options. A text takes one word. A list takes all words up to the first that is an
 * input for sure: `-`, or a name that ends in `.exr`, unless it is a `NAME=VALUE` where such are expected. Other inputs (a
 * folder, a pipe's number) come after `--`. An option that is given by its name takes none: what a bare word cannot express
 * (`--attributes=-x`) is given that way.
 */
function takePositionals(
  words: readonly string[],
  specs: OptionSpecs,
  named: Readonly<Record<string, unknown>>,
): { values: Record<string, unknown>; rest: readonly string[] } {
  const rest = [...words];
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (!spec.positional || Object.hasOwn(named, name) || rest.length === 0) continue;
    if (takesList(spec)) {
      const end = rest.findIndex((word) => isInput(word, spec));
      const taken = rest.splice(0, end < 0 ? rest.length : end);
      if (taken.length > 0) values[name] = taken;
    } else if (!isInput(rest[0] as string, spec)) {
      values[name] = rest.shift();
    }
  }
  return { values, rest };
}

/** A word that is an input wherever it stands, or where the values of a positional option may stand. */
export function isInput(word: string, spec?: OptionSpec): boolean {
  return word === '-' || (/\.exr$/i.test(word) && !(spec?.placeholder?.includes('=') && isPair(word)));
}

/** `reference=/shots/a.exr` is; `shots/take=2.exr` is a path. */
function isPair(word: string): boolean {
  return /^[^=/\\]+=/.test(word);
}
