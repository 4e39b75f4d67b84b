/** What may come next on an unfinished command line. */

import type { FilterTable, OptionSpec, OptionSpecs } from '../../lib/index.js';
import { kebabCase } from '../../lib/program.js';
import { loadFilters } from '../filters.js';
import { commonOptions } from '../words/common-options.js';
import { findOption, type OptionWord, optionWord } from '../words/option-words.js';
import { takePlugins } from '../words/plugins.js';
import type { Command, CommandTable } from './command.js';

/** What a chain or a command begins with. */
interface Tables {
  readonly filters: FilterTable;
  readonly commands: CommandTable;
}

/** What may come next. */
export interface Candidates {
  readonly words: readonly string[];
  /** Whether the name of a file fits too. */
  readonly files: boolean;
}

/** What fits where the last of `words` stands: words that begin as it does, and whether it may be the name of a file. */
export async function candidates(words: readonly string[], commands: CommandTable): Promise<Candidates> {
  const before = words.slice(0, -1);
  const command = before[0] === undefined ? undefined : await commands.get(before[0])?.();
  if (command?.command.wraps && before.includes('--'))
    return candidates(words.slice(before.indexOf('--') + 1), commands);
  if (command?.command.leads && before.length > 1) return candidates(words.slice(2), commands);
  if (command?.command.precedes) return followed(command.command, words.slice(1), commands);
  const { plugins } = takePlugins(before.at(-1) === '--plugin' ? before.slice(0, -1) : before);
  // What is wrong with a plug-in the chain will report.
  const tables = { filters: await loadFilters(plugins).catch(() => loadFilters()), commands };
  const segment = before.slice(before.lastIndexOf('then') + 1);
  const place = await readSegment(segment, segment.length < before.length, tables);
  const last = words.at(-1) ?? '';
  const start = place.awaited && last === '=' ? '' : last;
  const fit = before.includes('--') ? { words: [], files: true } : fitting(place, start, tables);
  return { ...fit, words: fit.words.filter((word) => word.startsWith(start) && word !== start) };
}

/** What fits behind a command that a chain follows: what fits in the chain, with options of the command and its own words. */
async function followed(
  { options, precedes = [] }: Command,
  words: readonly string[],
  commands: CommandTable,
): Promise<Candidates> {
  const last = words.at(-1) ?? '';
  const value = optionWord(words.at(-2) ?? '');
  const spec = value && value.value === undefined ? findOption(options, value.name)?.[1] : undefined;
  if (spec && spec.type !== 'flag') return fittingValue(spec);
  const found = await candidates(words, words.length > 1 ? commands : new Map());
  const own = last.startsWith('-') ? Object.keys(options).map((name) => `--${kebabCase(name)}`) : [];
  const more = [...own, ...(words.length > 1 ? [] : precedes)].filter((word) => word.startsWith(last) && word !== last);
  return { ...found, words: [...new Set([...more, ...found.words])] };
}

/** Where the unfinished word stands in its part of the chain. */
interface Place {
  /** The name of the filter or command, and the options it knows; undefined while it is missing. */
  readonly name: string | undefined;
  readonly specs: OptionSpecs | undefined;
  /** Whether a `then` came before. */
  readonly chained: boolean;
  /** The option whose value comes. */
  readonly awaited: OptionSpec | undefined;
  /** How many words that are no options came before. */
  readonly bare: number;
}

function fitting({ name, specs: own, chained, awaited, bare }: Place, start: string, tables: Tables): Candidates {
  if (awaited) return fittingValue(awaited);
  const specs = own ?? commonOptions;
  const begun = optionWord(start);
  if (begun?.value !== undefined) {
    const spec = findOption(specs, begun.name)?.[1];
    const { words, files } = spec ? fittingValue(spec) : { words: [], files: true };
    return { words: words.map((word) => `--${begun.name}=${word}`), files };
  }
  if (start.startsWith('-')) {
    const names = Object.entries(specs).flatMap(([name, spec]) => (spec.positional ? [] : [`--${kebabCase(name)}`]));
    return { words: own || chained ? names : [...names, '--version'], files: false };
  }
  if (!own) return { words: [...tables.filters.keys(), ...(chained ? [] : tables.commands.keys())], files: false };
  const [positional] = Object.values(specs).filter((spec) => spec.positional);
  if (bare === 0 && positional?.type === 'choice') return fittingValue(positional);
  // Until an input is named, another filter may follow; with nothing typed yet a file is the likelier choice.
  return { words: start !== '' && tables.filters.has(name ?? '') ? ['then'] : [], files: true };
}

function fittingValue(spec: OptionSpec): Candidates {
  if (spec.type === 'file' || spec.type === 'files') return { words: spec.names ?? [], files: true };
  return { words: ('choices' in spec && spec.choices) || [], files: false };
}

async function readSegment(segment: readonly string[], chained: boolean, tables: Tables): Promise<Place> {
  let bare = 0;
  let awaited: OptionSpec | undefined;
  let name: string | undefined;
  let specs: OptionSpecs | undefined;
  for (const word of segment) {
    // bash takes --name=value apart, into three words.
    if (awaited && word === '=') continue;
    const option: OptionWord | undefined = awaited ? undefined : optionWord(word);
    if (awaited) awaited = undefined;
    else if (option) {
      const spec = option.value === undefined ? findOption(specs ?? commonOptions, option.name)?.[1] : undefined;
      awaited = spec?.type === 'flag' ? undefined : spec;
    } else if (specs) bare += 1;
    else {
      name = word;
      specs = await specsOf(word, chained, tables);
    }
  }
  return { name, specs, chained, awaited, bare };
}

async function specsOf(name: string, chained: boolean, { filters, commands }: Tables): Promise<OptionSpecs> {
  const command = chained ? undefined : commands.get(name);
  if (command) return (await command()).command.options;
  return { ...filters.get(name)?.definition.options, ...commonOptions };
}
