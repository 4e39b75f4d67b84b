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
import { isRedirected } from '../terminal/stdin.js';
import { writeStdout } from '../terminal/stdout.js';
import { terminalWidth } from '../terminal/table.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { ShotManifests } from './info-manifests.js';
import type { InputFile, InputFiles } from './input-files.js';

const options = {
  as: {
    type: 'choice',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'what this program sees: layers and channels by its own names, and which Cryptomattes work',
  },
  frames: {
    ...sequenceOptions.frames,
    summary: 'frames to show, such as 1-100,120-200x2; one that is missing is an error (default: all that exist)',
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
  diff: {
    type: 'flag',
    summary:
      'compare two files, or the frames of two sequences: header, layers and pixels; the exit code is 1 where layers or pixels differ',
  },
  tolerance: {
    type: 'number',
    min: 0,
    placeholder: 'X',
    summary: 'with --diff: samples that are no further apart are the same (default: 0)',
  },
  each: { type: 'flag', summary: 'show every frame of a sequence by itself instead of a summary' },
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'info',
  summary: 'Show what is in EXR files',
  description: [
    "Shows a table of parts, layers, views, channels, types and codecs, with each part's share of the file, then the Cryptomattes and the most useful attributes; --verbose shows everything. Only headers and offset tables are read, so it is fast on files of any size. A file that cannot be read is reported on stderr, the others are shown, and the exit code is 1.",
    'Several frames of a sequence are summarized: which there are and which are missing, their sizes, and what changes where; the page of the first one follows. --each shows them one by one.',
    '--diff pairs channels by layer, view and component, whether channels or parts have the names, and finds layers that were renamed or moved by their pixels. It reads both files once, and what is not the same bit for bit once more. Pixels outside of a data window are 0.',
    '--as shows how a program reads the file: Nuke, Blender and others have their own names for layers, and ignore some. For each Cryptomatte it reports whether the program finds it, and if not, why; codecs and pixels are not examined. `arnold` stands for scripts that use OpenImageIO.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'info shot.0001.exr', what: 'one file, for people' },
    {
      command: "info 'shots/hero.####.exr'",
      what: 'a sequence: its frames and what changes; a folder or a glob works as well',
    },
    {
      command: 'info --as nuke shot.0001.exr',
      what: 'the layers by their names in Nuke, and whether Cryptomattes work there',
    },
    {
      command: 'info --names shot.0001.exr | cut -f2 | grep -i hero',
      what: 'names of objects, materials and assets, including those in sidecars',
    },
    { command: 'info --stats shot.0001.exr', what: 'what values each channel has' },
    { command: 'info --diff before.0001.exr after.0001.exr', what: 'what is not the same in two files' },
    { command: "info --json renders/*.exr | jq -r '.cryptomattes[].name'", what: 'many files, for programs' },
  ],
  options,
  async run(words, session) {
    const { signal, reporter } = session;
    const { inputs, ...settings } = parse(words);
    if (settings.diff) return (await import('./info-diff.js')).compareInputs(inputs, settings, session);
    if (settings.tolerance !== undefined) throw usageError('--tolerance requires --diff');
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
    const found: InputFile[] = [];
    for (const { input, files, gaps, error } of await filesOf(inputs, settings))
      await attempt(input, async () => {
        if (error !== undefined) throw error;
        found.push(...files);
        for (const gap of gaps) {
          const { framesMissing, gapText } = await import('./input-files.js');
          if (settings.frames !== undefined)
            await attempt(gap.input, async () => {
              throw framesMissing(gap);
            });
          // The summary of a shot has them already.
          else if (!isSummary(settings))
            reporter.notice({ level: 'note', code: 'FRAMES_MISSING', message: gapText(gap) });
        }
      });
    const several = inputs.length > 1 || found.length > 1;
    for (const files of isSummary(settings) ? shotsOf(found) : found.map((file) => [file])) {
      const [first] = files;
      if (files.length === 1 && first) await attempt(first.path, () => show(first, several));
      else if (first) {
        const { ShotInfo } = await import('./info-shot.js');
        const shot = new ShotInfo(shotName(first));
        let begun: (() => Promise<void>) | undefined;
        for (const file of files)
          await attempt(file.path, async () => {
            try {
              signal.throwIfAborted();
              const read = await readFacts(file.path, settings);
              await manifests.add(file, read.header, false);
              shot.add(file.frame ?? 0, read.header, describe(read));
              begun ??= () => show(file, several);
            } catch (error) {
              shot.addUnreadable(file.frame ?? 0);
              throw error;
            }
          });
        await writeStdout(`${shown > 0 ? '\n' : ''}${shot.text()}\n`);
        shown += 1;
        await begun?.();
      }
    }
    if (!json) for (const notice of manifests.notices()) reporter.notice(notice);
    return failed === 0 ? exitCodes.ok : exitCodes.failed;
  },
};

interface Settings extends Omit<OptionValues<typeof options>, 'help' | 'limit'> {
  readonly limits: Partial<Limits> | undefined;
}

function parse(words: readonly string[]): Settings & { readonly inputs: readonly string[] } {
  const { named, bare } = splitWords(words, options, 'info');
  const inputs = bare.length === 0 && isRedirected() ? ['-'] : bare;
  if (inputs.length === 0) throw usageError('info: name one or more files', 'A single - stands for stdin.');
  const { limit, ...values } = checkValues(options, optionValues(named, options, 'info'), 'info');
  return { ...values, limits: limitsOf(limit), inputs };
}

/** The files that inputs stand for. What finds patterns is loaded only for inputs that are no files themselves. */
async function filesOf(inputs: readonly string[], settings: Settings): Promise<readonly InputFiles[]> {
  const stats = await Promise.all(inputs.map((input) => stat(input).catch(() => undefined)));
  const areFiles = inputs.every((input, number) => input === '-' || stats[number]?.isDirectory() === false);
  // Several files may be frames of a shot.
  const mayBeShot = inputs.length > 1 && isSummary(settings);
  if (areFiles && settings.frames === undefined && !mayBeShot)
    return inputs.map((input) => ({ input, files: [{ path: input, stem: '', frame: undefined }], gaps: [] }));
  return (await import('./input-files.js')).findFiles(inputs, settings.frames);
}

/** Whether frames of a shot are summarized: where pages for people are asked for. */
function isSummary({ json, names, stats, as, verbose, each }: Settings): boolean {
  return !(json || names || stats || as !== undefined || verbose || each);
}

function shotName({ path, stem }: InputFile): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${stem}`;
}

/** Files in the order they come, the frames of a shot together. */
function shotsOf(files: readonly InputFile[]): readonly (readonly InputFile[])[] {
  const shots = new Map<string, InputFile[]>();
  for (const file of files) {
    const key = file.frame === undefined ? file.path : `${shotName(file)}\n`;
    const shot = shots.get(key);
    if (shot) shot.push(file);
    else shots.set(key, [file]);
  }
  return [...shots.values()];
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

function describe({ header, chunks }: FileFacts): FileDescription {
  return describeHeader(header, chunks?.sizes, chunks?.state);
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
  const description = describe({ header, chunks });
  if (all) return (await import('./info-text.js')).infoText(file, description);
  return (await import('./info-table.js')).infoTable(file, description, width);
}

function jsonError(error: unknown): object {
  const { kind, code } = asExrError(error);
  return { kind, code, message: describeError(error) };
}
