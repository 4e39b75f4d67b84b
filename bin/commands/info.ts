/** `exrpipe info`: what is in files, from their headers alone. */

import { stat } from 'node:fs/promises';
import {
  describeError,
  describeHeader,
  type FileDescription,
  type FileFacts,
  type Header,
  isExrError,
  jsonFormat,
  type Limits,
  type OptionSpecs,
  type OptionValues,
  readExrFacts,
} from '../../lib/index.js';
import { programs } from '../../lib/layers/index.js';
import { asExrError } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { terminalWidth } from '../terminal/table.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { ShotManifests } from './info-manifests.js';
import type { InputFile } from './input-files.js';

const options = {
  as: {
    type: 'choice',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'what this program sees: layers and channels by its own names, and which Cryptomattes work',
  },
  verbose: { type: 'flag', summary: 'list every part, channel and attribute separately' },
  names: {
    type: 'flag',
    summary:
      'print only the names in Cryptomattes, one per line: Cryptomatte, tab, name, tab, ID (for several files: file, tab, ...)',
  },
  stats: {
    type: 'flag',
    summary: 'smallest, largest and mean value of each channel, and how many are NaN or infinite; reads the pixels',
  },
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'info',
  summary: 'Show what is in EXR files',
  description: [
    "Shows a table of parts, layers, views, channels, types and codecs, with each part's share of the file, then the Cryptomattes and the most useful attributes; --verbose shows everything. Only headers and offset tables are read, so it is fast on files of any size. A file that cannot be read is reported on stderr, the others are shown, and the exit code is 1.",
    '--as shows how a program reads the file: Nuke, Blender and others have their own names for layers, and ignore some. For each Cryptomatte it reports whether the program finds it, and if not, why; codecs and pixels are not examined. `arnold` stands for scripts that use OpenImageIO.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'info shot.0001.exr', what: 'one file, for people' },
    { command: "info 'shots/hero.####.exr'", what: 'all frames of a sequence; a folder or a glob works as well' },
    {
      command: 'info --as nuke shot.0001.exr',
      what: 'the layers by their names in Nuke, and whether Cryptomattes work there',
    },
    {
      command: 'info --names shot.0001.exr | cut -f2 | grep -i hero',
      what: 'names of objects, materials and assets, including those in sidecars',
    },
    { command: 'info --stats shot.0001.exr', what: 'what values each channel has' },
    { command: "info --json renders/*.exr | jq -r '.cryptomattes[].name'", what: 'many files, for programs' },
  ],
  options,
  async run(words, { signal, reporter }) {
    const { inputs, ...settings } = parse(words);
    const { json } = settings;
    let shown = 0;
    let failed = 0;
    /** What goes wrong with one file or input is reported, and the others are shown all the same. */
    const attempt = async (file: string, action: () => Promise<void>): Promise<void> => {
      try {
        await action();
      } catch (error) {
        signal.throwIfAborted();
        if (isExrError(error) && error.where.file === 'stdout') throw error;
        failed += 1;
        reporter.error(error);
        if (json) await writeStdout(jsonLine({ file, format: jsonFormat, error: jsonError(error) }));
      }
    };
    const manifests = new ShotManifests();
    const show = async (found: InputFile, several: boolean): Promise<void> => {
      signal.throwIfAborted();
      const file = found.path;
      if (settings.stats) {
        await writeStdout(await asStats(file, shown > 0, settings, signal));
        shown += 1;
        return;
      }
      const read = await readFacts(file, settings);
      await manifests.add(found, read.header, settings.names);
      if (json) await writeStdout(await asJson(file, read, settings));
      else if (settings.names) await writeStdout(await asNames(file, read, several));
      else await writeStdout(await asText(file, read, shown > 0, settings));
      shown += 1;
    };
    for (const input of inputs)
      await attempt(input, async () => {
        const files = await filesOf(input);
        const several = inputs.length > 1 || files.length > 1;
        for (const file of files) await attempt(file.path, () => show(file, several));
      });
    if (!json) for (const notice of manifests.notices()) reporter.notice(notice);
    return failed === 0 ? exitCodes.ok : exitCodes.failed;
  },
};

interface Settings extends Omit<OptionValues<typeof options>, 'help' | 'limit'> {
  readonly limits: Partial<Limits> | undefined;
}

function parse(words: readonly string[]): Settings & { readonly inputs: readonly string[] } {
  const { named, bare: inputs } = splitWords(words, options, 'info');
  if (inputs.length === 0) throw usageError('info: name one or more files', 'A single - stands for stdin.');
  const { limit, ...values } = checkValues(options, optionValues(named, options, 'info'), 'info');
  return { ...values, limits: limitsOf(limit), inputs };
}

/** The files an input stands for. What finds patterns is loaded only for an input that is no file itself. */
async function filesOf(input: string): Promise<readonly InputFile[]> {
  const stats = await stat(input).catch(() => undefined);
  if (input === '-' || (stats && !stats.isDirectory())) return [{ path: input, stem: '', frame: undefined }];
  const { inputFiles } = await import('./input-files.js');
  return inputFiles(input);
}

async function readFacts(file: string, { limits }: Settings): Promise<FileFacts> {
  return file === '-' ? (await import('./info-stream.js')).readStdinFacts(limits) : readExrFacts(file, limits);
}

async function asStats(file: string, apart: boolean, { json, limits }: Settings, signal: AbortSignal): Promise<string> {
  const { statsOf, statsText } = await import('./info-stats.js');
  if (json) return jsonLine({ file, stats: (await statsOf(file, limits, signal)).channels });
  return `${apart ? '\n' : ''}${await statsText(file, limits, signal)}\n`;
}

async function asNames(file: string, { header }: FileFacts, several: boolean): Promise<string> {
  return (await import('./info-names.js')).nameLines(header, file, several);
}

async function asJson(file: string, { header, chunks }: FileFacts, { as, names }: Settings): Promise<string> {
  const described = { file, format: jsonFormat, ...describeHeader(header, chunks?.sizes, chunks?.state) };
  const description = names ? await withNames(described, header, file) : described;
  if (as === undefined) return jsonLine(description);
  const { describeSeen } = await import('../../lib/cryptomatte/index.js');
  return jsonLine({ ...description, seen: describeSeen(header, as) });
}

async function withNames(description: FileDescription, header: Header, file: string): Promise<object> {
  const { nameFields, namesOfSets } = await import('./info-names.js');
  const names = await namesOfSets(header, file);
  const cryptomattes = description.cryptomattes.map((one, number) => ({ ...one, ...nameFields(names[number]) }));
  return { ...description, cryptomattes };
}

/** Only people's output needs to be laid out. */
async function asText(file: string, facts: FileFacts, apart: boolean, settings: Settings): Promise<string> {
  return `${apart ? '\n' : ''}${await page(file === '-' ? 'stdin' : file, facts, settings)}\n`;
}

async function page(file: string, { header, chunks }: FileFacts, { as, verbose: all }: Settings): Promise<string> {
  const width = terminalWidth();
  if (as !== undefined) {
    const { describeSeen } = await import('../../lib/cryptomatte/index.js');
    const { seenText } = await import('./info-seen.js');
    return seenText(file, describeSeen(header, as), { ...(width !== undefined && { width }), all });
  }
  const description = describeHeader(header, chunks?.sizes, chunks?.state);
  if (all) return (await import('./info-text.js')).infoText(file, description);
  return (await import('./info-table.js')).infoTable(file, description, width);
}

function jsonError(error: unknown): object {
  const { kind, code } = asExrError(error);
  return { kind, code, message: describeError(error) };
}
