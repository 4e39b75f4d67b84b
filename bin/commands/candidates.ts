/** What may come next on an unfinished command line. */
import type { OptionSpecs } from '../../lib/engine/options.js';
import { type FilterTable, loadFilters } from '../filters.js';
import { commonOptions } from '../words/common-options.js';
import { findOption, kebabCase, type OptionWord, optionWord } from '../words/option-words.js';
import type { CommandTable } from './command.js';

/** What a chain or a command begins with. */
interface Tables {
  readonly filters: FilterTable;
  readonly commands: CommandTable;
}

/** Words that begin as the last of `words` does and fit there. None where the name of a file fits, or nothing known. */
export async function candidates(words: readonly string[], commands: CommandTable): Promise<string[]> {
  const start = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const tables = { filters: await loadFilters(), commands };
  return (await fitting(before, start, tables)).filter((word) => word.startsWith(start) && word !== start);
}

async function fitting(before: readonly string[], start: string, tables: Tables): Promise<string[]> {
  if (before.includes('--')) return [];
  const segment = before.slice(before.lastIndexOf('then') + 1);
  const chained = segment.length < before.length;
  const { specs: own, bare } = await readSegment(segment, chained, tables);
  const specs = own ?? commonOptions;

  const last = optionWord(segment.at(-1) ?? '');
  const awaited = last && last.value === undefined ? findOption(specs, last.name) : undefined;
  if (awaited && awaited.type !== 'flag') return awaited.type === 'choice' ? [...awaited.choices] : [];
  const begun = optionWord(start);
  if (begun?.value !== undefined) {
    const spec = findOption(specs, begun.name);
    return spec?.type === 'choice' ? spec.choices.map((choice) => `--${begun.name}=${choice}`) : [];
  }
  if (start.startsWith('-')) {
    const names = Object.entries(specs).flatMap(([name, spec]) => (spec.positional ? [] : [`--${kebabCase(name)}`]));
    return own || chained ? names : [...names, '--version'];
  }
  if (!own) return [...tables.filters.keys(), ...(chained ? [] : tables.commands.keys())];
  const [place] = Object.values(specs).filter(({ positional }) => positional);
  if (bare === 0 && place?.type === 'choice') return [...place.choices];
  // Before a picture is named the chain may go on; a beginning of "then" must not hide names of files.
  return start !== '' && tables.filters.has(segment[0] ?? '') ? ['then'] : [];
}

/** The options that a segment knows, undefined while its filter or command is missing; and how many bare words it has. */
async function readSegment(
  segment: readonly string[],
  chained: boolean,
  tables: Tables,
): Promise<{ specs: OptionSpecs | undefined; bare: number }> {
  const bare: string[] = [];
  let valueComes = false;
  let specs: OptionSpecs | undefined;
  for (const word of segment) {
    const option: OptionWord | undefined = valueComes ? undefined : optionWord(word);
    if (valueComes) valueComes = false;
    else if (option) {
      const spec = findOption(specs ?? commonOptions, option.name);
      valueComes = option.value === undefined && spec !== undefined && spec.type !== 'flag';
    } else if (specs) bare.push(word);
    else specs = await specsOf(word, chained, tables);
  }
  return { specs, bare: bare.length };
}

async function specsOf(name: string, chained: boolean, { filters, commands }: Tables): Promise<OptionSpecs> {
  const command = chained ? undefined : commands.get(name);
  if (command) return (await command()).command.options;
  return { ...filters.get(name)?.definition.options, ...commonOptions };
}
