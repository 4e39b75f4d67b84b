/** `exrpipe info`: what is in files, from their headers alone. */
import { stat } from 'node:fs/promises';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import type { OptionSpecs } from '../../lib/engine/options.js';
import { describeError, isExrError, withPlace } from '../../lib/model/error.js';
import type { Header } from '../../lib/model/header.js';
import { readExrHeader } from '../../lib/node/read-header.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const options = {
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'info',
  summary: 'Show what is in EXR files',
  description:
    "Shows parts, layers, channels, windows, codecs, Cryptomattes and attributes. Reads only the files' headers, so it is quick on files of any size. A file that cannot be read gives its error on stderr, the others are shown, and the exit code is 1.",
  usage: 'FILE…',
  examples: [
    { command: 'info shot.0001.exr', what: 'one file, for people' },
    { command: "info 'shots/hero.####.exr'", what: 'all frames of a sequence; a folder or a glob will do as well' },
    { command: "info --json renders/*.exr | jq -r '.cryptomattes[].name'", what: 'many files, for programs' },
  ],
  options,
  async run(words, { signal, reporter }) {
    const { json, inputs } = parse(words);
    let shown = 0;
    let failed = 0;
    /** What goes wrong with one file or input is said, and the others are shown all the same. */
    const attempt = async (file: string, action: () => Promise<void>): Promise<void> => {
      try {
        await action();
      } catch (error) {
        signal.throwIfAborted();
        if (isExrError(error) && error.where.file === 'stdout') throw error;
        failed += 1;
        reporter.error(error);
        if (json) await writeStdout(jsonLine({ file, error: jsonError(error) }));
      }
    };
    const show = async (file: string): Promise<void> => {
      signal.throwIfAborted();
      const header = await readHeader(file);
      await writeStdout(json ? jsonLine({ file, ...describeHeader(header) }) : await asText(file, header, shown > 0));
      shown += 1;
    };
    for (const input of inputs)
      await attempt(input, async () => {
        for (const file of await filesOf(input)) await attempt(file, () => show(file));
      });
    return failed === 0 ? exitCodes.ok : exitCodes.failed;
  },
};

function parse(words: readonly string[]): { json: boolean; inputs: readonly string[] } {
  const { named, bare: inputs } = splitWords(words, options, 'info');
  if (inputs.length === 0) throw usageError('info: name one or more files', 'A single - stands for stdin.');
  return { json: checkValues(options, optionValues(named, options, 'info'), 'info').json, inputs };
}

/** The files an input stands for. What finds patterns is loaded only for an input that is no file itself. */
async function filesOf(input: string): Promise<readonly string[]> {
  const stats = await stat(input).catch(() => undefined);
  if (input === '-' || (stats && !stats.isDirectory())) return [input];
  const { inputFiles } = await import('./input-files.js');
  return (await inputFiles(input)).map(({ path }) => path);
}

async function readHeader(file: string): Promise<Header> {
  return file === '-' ? (await import('./info-stream.js')).readStdinHeader() : readExrHeader(file);
}

/** Only people's output needs to be laid out. */
async function asText(file: string, header: Header, apart: boolean): Promise<string> {
  const { infoText } = await import('./info-text.js');
  return `${apart ? '\n' : ''}${infoText(file === '-' ? 'stdin' : file, describeHeader(header))}\n`;
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function jsonError(error: unknown): object {
  const { kind, code } = withPlace(error, {});
  return { kind, code, message: describeError(error) };
}
