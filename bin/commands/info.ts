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
import type { Session } from '../terminal/session.js';
import { isRedirected } from '../terminal/stdin.js';
import { writeStdout } from '../terminal/stdout.js';
import { terminalWidth } from '../terminal/table.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
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
    'Several frames of a sequence are summarised: which exist and which are missing, their sizes, and what changes where; the page of the first one follows. --each shows them one by one.',
    '--diff pairs channels by layer, view and component, whether channels or parts have the names, and finds renamed or moved layers by their pixels. It reads both files once, and channels that are not the same bit for bit a second time. Pixels outside of a data window are 0.',
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
    { command: 'info --diff before.0001.exr after.0001.exr', what: 'the differences between two files' },
    { command: "info --json renders/*.exr | jq -r '.cryptomattes[].name'", what: 'many files, for programs' },
  ],
  options,
  async run(words, session) {
    const { inputs, ...settings } = parse(words);
    if (settings.diff) return (await import('./info-diff.js')).compareInputs(inputs, settings, session);
    if (settings.tolerance !== undefined) throw usageError('--tolerance requires --diff');
    const pages = new Pages(settings, session);
    const found: InputFile[] = [];
    for (const input of await filesOf(inputs, settings)) found.push(...(await pages.filesIn(input)));
    const several = inputs.length > 1 || found.length > 1;
    for (const files of isSummary(settings) ? shotsOf(found) : found.map((file) => [file]))
      await pages.showShot(files, several);
    return pages.end();
  },
};

/** Shows files one after the other; of one that cannot be read only the fault. */
class Pages {
  readonly #settings: Settings;
  readonly #session: Session;
  readonly #manifests = new ShotManifests();
  #shown = 0;
  #failed = 0;

  constructor(settings: Settings, session: Session) {
    this.#settings = settings;
    this.#session = session;
  }

  /** Tells what is wrong with an input, and gives the files that it has. */
  async filesIn({ input, files, gaps, error }: InputFiles): Promise<readonly InputFile[]> {
    if (error !== undefined) await this.#fail(input, error);
    if (gaps.length === 0) return files;
    const { framesMissing, gapText } = await import('./input-files.js');
    for (const gap of gaps) {
      if (this.#settings.frames !== undefined) await this.#fail(gap.input, framesMissing(gap));
      // The summary of a shot has them already.
      else if (!isSummary(this.#settings))
        this.#session.reporter.notice({ level: 'note', code: 'FRAMES_MISSING', message: gapText(gap) });
    }
    return files;
  }

  /** The frames of a shot as a summary and the page of the first that can be read; a single file as its page. */
  async showShot(files: readonly InputFile[], several: boolean): Promise<void> {
    const [first] = files;
    if (!first) return;
    if (files.length === 1) return this.#showOne(first, several);
    const { ShotInfo } = await import('./info-shot.js');
    const shot = new ShotInfo(shotName(first));
    let readable: InputFile | undefined;
    for (const file of files) {
      const isRead = await this.#attempt(file, async () => {
        const read = await readFacts(file.path, this.#settings);
        await this.#manifests.add(file, read.header, false);
        shot.add(file.frame ?? 0, read.header, describe(read));
      });
      if (isRead) readable ??= file;
      else shot.addUnreadable(file.frame ?? 0);
    }
    await writeStdout(`${this.#shown > 0 ? '\n' : ''}${shot.text()}\n`);
    this.#shown += 1;
    if (readable) await this.#showOne(readable, several);
  }

  /** Tells what only all files together show, and gives the exit code. */
  end(): number {
    const { reporter } = this.#session;
    if (!this.#settings.json) for (const notice of this.#manifests.notices()) reporter.notice(notice);
    return this.#failed === 0 ? exitCodes.ok : exitCodes.failed;
  }

  async #showOne(file: InputFile, several: boolean): Promise<void> {
    await this.#attempt(file, () => this.#show(file, several));
  }

  async #show(found: InputFile, several: boolean): Promise<void> {
    const settings = this.#settings;
    const { path } = found;
    const isNext = this.#shown > 0;
    if (settings.stats) await writeStdout(await asStats(path, isNext, settings, this.#session.signal));
    else {
      const read = await readFacts(path, settings);
      await this.#manifests.add(found, read.header, settings.names);
      if (settings.json) await writeStdout(await asJson(path, read, settings));
      else if (settings.names) await writeStdout(await asNames(path, read, several));
      else await writeStdout(await asText(path, read, isNext, settings));
    }
    this.#shown += 1;
  }

  /** Whether it went well. A fault is reported, and what follows is done all the same. */
  async #attempt({ path }: InputFile, action: () => Promise<void>): Promise<boolean> {
    const { signal } = this.#session;
    try {
      signal.throwIfAborted();
      await action();
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (isExrError(error) && error.where.file === 'stdout') throw error;
      await this.#fail(path, error);
      return false;
    }
  }

  async #fail(file: string, error: unknown): Promise<void> {
    this.#failed += 1;
    this.#session.reporter.error(error);
    if (this.#settings.json) await writeStdout(jsonLine({ file, format: jsonFormat, error: jsonError(error) }));
  }
}

interface Settings extends Omit<OptionValues<typeof options>, 'help' | 'limit'> {
  readonly limits: Partial<Limits> | undefined;
}

function parse(words: readonly string[]): Settings & { readonly inputs: readonly string[] } {
  const { values, bare } = readWords(words, options, 'info');
  const inputs = bare.length === 0 && isRedirected() ? ['-'] : bare;
  if (inputs.length === 0) throw usageError('info: name one or more files', 'A single - stands for stdin.');
  const { limit, ...settings } = values;
  return { ...settings, limits: limitsOf(limit), inputs };
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
