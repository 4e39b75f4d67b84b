/** Help for people, laid out by yargs from the definitions of filters and commands. */

import type { Argv } from 'yargs';
import {
  type FilterExample,
  type FilterTable,
  type OptionSpec,
  type OptionSpecs,
  takesList,
  version,
} from '../../lib/index.js';
import { kebabCase, suggest } from '../../lib/program.js';
import { exitCodes, type Reporter } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { alignColumns, lineWidth } from '../terminal/table.js';
import { commonOptions } from '../words/common-options.js';
import { letters } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
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
  /** Takes the options of every chain too. */
  readonly runsChain?: boolean;
}

/** What the options of every chain are shown as: there are too many to repeat them in every filter's help. */
const chainOptions: Topic = {
  name: 'FILTER',
  summary: 'The options of every chain, wherever they stand in it',
  description:
    'They apply to the whole chain, and to "exrpipe run". A chain over a pattern, a folder or several files is a sequence; the options from --frames to --report are for those.',
  examples: [
    { command: 'rename --preset nuke shot.0001.exr -o renamed.exr --dry-run', what: 'check first, write nothing' },
    {
      command: "compress --to dwaa 'shot.####.exr' -o 'small/' --frames 1-100 --skip-existing",
      what: 'a range of frames, without those that are done',
    },
    { command: 'repair --in-place renders/ --on-error skip --report report.json', what: 'a whole folder' },
  ],
  options: commonOptions,
  usage: '[then FILTER…] [INPUT…] [-o OUTPUT]',
};

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
export async function showHelp(
  name: string | undefined,
  commands: CommandTable,
  session: Pick<Session, 'filters'>,
): Promise<number> {
  await writeStdout(
    name === undefined || name.startsWith('-')
      ? await overview(commands, await session.filters())
      : await topicHelp(await findTopic(name, commands, session)),
  );
  return exitCodes.ok;
}

async function findTopic(name: string, commands: CommandTable, session: Pick<Session, 'filters'>): Promise<Topic> {
  if (name === 'options') return chainOptions;
  const load = commands.get(name);
  if (load) {
    const { command } = await load();
    // What has the options of every chain, and perhaps others.
    if (command.options === commonOptions) return { ...command, options: {}, runsChain: true };
    return { ...command, runsChain: command.leads ?? command.precedes !== undefined };
  }
  const filters = await session.filters();
  const filter = filters.get(name);
  if (!filter)
    throw usageError(`there is no command or filter "${name}"`, suggest(name, [...filters.keys(), ...commands.keys()]));
  return { ...filter.definition, usage: '[then FILTER…] [INPUT…] [-o OUTPUT]', runsChain: true };
}

async function overview(commands: CommandTable, table: FilterTable): Promise<string> {
  const filters = [...table.values()].map(({ definition }) => definition);
  const others = await Promise.all([...commands.values()].map(async (load) => (await load()).command));
  const row = ({ name, summary }: { name: string; summary: string }): string[] => [name, summary];
  return `exrpipe ${version}: streaming transforms for OpenEXR images and their Cryptomattes

exrpipe FILTER [options] [then FILTER [options]]… [INPUT…] [-o OUTPUT]
exrpipe COMMAND [options]

Filters:
${alignColumns(filters.map(row), '  ').join('\n')}

Commands:
${alignColumns(others.map(row), '  ').join('\n')}

Without INPUT, or with -, the image comes from stdin; without -o it goes to stdout.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some frames failed,
            4 another program changed a file that was to be replaced.
Examples:
  exrpipe info shot.0001.exr
  exrpipe rename --strip-prefix ViewLayer shot.0001.exr -o renamed.0001.exr
  exrpipe drop --layer '*.Noisy*' then split --by view-layer shot.0001.exr -o 'out/{layer}.0001.exr'
  exrpipe pick --layer Chars < shot.0001.exr | exrpipe compress --to dwaa > chars.0001.exr

"exrpipe help FILTER" and "exrpipe help COMMAND" show their options, with examples; "exrpipe help options" shows
the options of every chain, such as --dry-run, --frames and --in-place.
`;
}

async function topicHelp(topic: Topic): Promise<string> {
  const { name, summary, description, examples, options, usage, runsChain } = topic;
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
  const [first, ...rest] = (await page.getHelp()).split('\n\n');
  const rows = bare.map((spec) => [spec.placeholder ?? '', spec.summary]);
  const sections = [
    first,
    wrap(`${summary}.`, width),
    ...(rows.length > 0 ? [['Arguments:', ...alignColumns(rows, '  ')].join('\n')] : []),
    ...rest,
    ...description.split('\n\n').map((text) => wrap(text, width)),
    ['Examples:', ...examples.flatMap(({ command, what }) => [`  exrpipe ${command}`, `      ${what}`])].join('\n'),
    ...(runsChain ? ['"exrpipe help options" shows the options of every chain: -o, --dry-run, --frames, …'] : []),
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
