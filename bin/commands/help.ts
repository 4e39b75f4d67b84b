/** Help for people, laid out by yargs from the definitions of filters and commands. */

import type { Argv } from 'yargs';
import { type FilterExample, type OptionSpec, type OptionSpecs, takesList, version } from '../../lib/index.js';
import { loadFilters } from '../filters.js';
import { exitCodes, type Reporter } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { alignColumns, lineWidth } from '../terminal/table.js';
import { commonOptions } from '../words/common-options.js';
import { kebabCase, letters } from '../words/option-words.js';
import { suggest, usageError } from '../words/usage.js';
import type { CommandTable } from './command.js';

/** What help needs to know of a filter or a command. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly FilterExample[];
  readonly options: OptionSpecs;
  /** What follows the options. */
  readonly usage: string;
  /** Shown in a group of their own. */
  readonly common?: OptionSpecs;
}

/** Without any words: where to go from here. */
export async function showHint(reporter: Reporter): Promise<number> {
  reporter.line('usage: exrpipe FILTER [options] [then FILTER [options]]… [INPUT…] [-o OUTPUT]');
  reporter.line('       exrpipe COMMAND [options]');
  reporter.line('"exrpipe --help" lists filters and commands.');
  return exitCodes.usage;
}

export async function showVersion(): Promise<number> {
  await writeStdout(`${version}\n`);
  return exitCodes.ok;
}

/** The help of a filter or command, or the overview. Throws a `usage` error for a name that is neither. */
export async function showHelp(name: string | undefined, commands: CommandTable): Promise<number> {
  await writeStdout(
    name === undefined || name.startsWith('-')
      ? await overview(commands)
      : await topicHelp(await findTopic(name, commands)),
  );
  return exitCodes.ok;
}

async function findTopic(name: string, commands: CommandTable): Promise<Topic> {
  const load = commands.get(name);
  if (load) return (await load()).command;
  const filters = await loadFilters();
  const filter = filters.get(name);
  if (!filter)
    throw usageError(`there is no command or filter "${name}"`, suggest(name, [...filters.keys(), ...commands.keys()]));
  return { ...filter.definition, usage: '[then FILTER…] [INPUT…] [-o OUTPUT]', common: commonOptions };
}

async function overview(commands: CommandTable): Promise<string> {
  const filters = [...(await loadFilters()).values()].map(({ definition }) => definition);
  const others = await Promise.all([...commands.values()].map(async (load) => (await load()).command));
  const row = ({ name, summary }: { name: string; summary: string }): string[] => [name, summary];
  return `exrpipe ${version}: streaming transforms for OpenEXR pictures and their Cryptomattes

exrpipe FILTER [options] [then FILTER [options]]… [INPUT…] [-o OUTPUT]
exrpipe COMMAND [options]

Filters:
${alignColumns(filters.map(row), '  ').join('\n')}

Commands:
${alignColumns(others.map(row), '  ').join('\n')}

Without INPUT, or with -, the picture comes from stdin; without -o it goes to stdout.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some frames failed,
            4 a file that was to be replaced was changed by another program meanwhile.
Examples:
  exrpipe info shot.0001.exr
  exrpipe rename --strip-prefix ViewLayer shot.0001.exr -o renamed.0001.exr
  exrpipe drop --layer '*.Noisy*' then split --by view-layer shot.0001.exr -o 'out/{layer}.0001.exr'
  exrpipe pick --layer Chars < shot.0001.exr | exrpipe compress --to dwaa > chars.0001.exr

"exrpipe FILTER --help" and "exrpipe COMMAND --help" tell more.
`;
}

const commonTitle = 'Common options:';

async function topicHelp(topic: Topic): Promise<string> {
  const { name, summary, description, examples, options, usage, common = {} } = topic;
  const bare = Object.values(options).filter(({ positional }) => positional);
  const words = bare.map((spec) => `${spec.placeholder}${takesList(spec) ? '…' : ''}`);
  const width = Math.min(100, lineWidth(process.stdout));
  const { default: yargs } = await import('yargs');
  const page = yargs([])
    .scriptName('exrpipe')
    .locale('en')
    .wrap(width)
    .help(false)
    .version(false)
    .usage(['exrpipe', name, ...words, '[options]', usage].join(' '));
  addOptions(page, options, 'Options:');
  addOptions(page, common, commonTitle);
  const texts = [`${summary}.`, ...description.split('\n\n')].map((text) => wrap(text, width));
  const [first, ...rest] = (await page.getHelp()).split('\n\n');
  // What all have alike comes last: it is long, and known to whoever has read another page.
  const isShared = (section: string): boolean => section.startsWith(commonTitle);
  const rows = bare.map((spec) => [spec.placeholder ?? '', spec.summary]);
  const sections = [
    first,
    ...texts,
    ...(rows.length > 0 ? [['Arguments:', ...alignColumns(rows, '  ')].join('\n')] : []),
    ...rest.filter((section) => !isShared(section)),
    ['Examples:', ...examples.flatMap(({ command, what }) => [`  exrpipe ${command}`, `      ${what}`])].join('\n'),
    ...rest.filter(isShared),
  ];
  return `${sections.join('\n\n')}\n`;
}

/**
 * yargs only lays these options out; it never parses with them. So their names may carry the placeholder for the value,
 * and they need no types, which it would show in brackets.
 */
function addOptions(page: Argv, specs: OptionSpecs, group: string): void {
  for (const [own, spec] of Object.entries(specs)) {
    if (spec.positional) continue;
    const name = kebabCase(own);
    const letter = Object.entries(letters).find(([, long]) => long === name)?.[0];
    page.option(spec.type === 'flag' ? name : `${name} ${spec.placeholder ?? spec.type.toUpperCase()}`, {
      describe: spec.summary,
      group,
      ...(letter !== undefined && { alias: letter }),
      ...remarks(spec),
    });
  }
}

function remarks(spec: OptionSpec): { choices?: readonly string[]; default?: string | number; demandOption?: boolean } {
  return {
    ...('choices' in spec && spec.choices && { choices: spec.choices }),
    ...('default' in spec && spec.default !== undefined && { default: spec.default }),
    ...('required' in spec && spec.required && { demandOption: true }),
  };
}

/** Breaks a paragraph into lines at blanks. */
function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
