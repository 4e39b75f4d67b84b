/** `exrpipe validate`: the Cryptomatte linter, over files and sequences. */

import { dirname } from 'node:path';
import {
  ManifestCheck,
  SequenceCheck,
  validateChunks,
  validateHeader,
  validatePixels,
  validateSequence,
  validateSidecars,
} from '../../lib/cryptomatte/index.js';
import { fileState } from '../../lib/format/index.js';
import {
  checkOptions,
  describeError,
  type ExrDocument,
  type FileState,
  type Header,
  isExrError,
  jsonFormat,
  type Limits,
  type OptionSpecs,
  openExr,
  openExrStream,
  readSidecar,
} from '../../lib/index.js';
import { headerSets, orphanGroups, type Program, programs } from '../../lib/layers/index.js';
import { asExrError, filterContext, findPackedAsSamples, withPlace } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { optionValues, splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { type InputFile, inputFiles } from './input-files.js';
import { ValidationSummary } from './validate-summary.js';
import { type FileReport, reportText, type SequenceReport } from './validate-text.js';

const options = {
  pixels: { type: 'flag', summary: 'also read the pixels: IDs without names, destroyed IDs, coverage' },
  target: {
    type: 'list',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'report only what affects this program (repeatable)',
  },
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  all: { type: 'flag', summary: 'include information, not only errors and warnings' },
  quiet: { type: 'flag', summary: 'only the summary of several files; for one file nothing but the exit code' },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'validate',
  summary: 'Check whether Cryptomattes work in Nuke, Fusion, After Effects and Blender',
  description: [
    'Checks each file against all rules for Cryptomattes and reports what is wrong, which programs are affected, and which exrpipe command fixes it. Only headers are read, unless --pixels is given, which also finds IDs without a name, IDs that were destroyed by half floats or lossy codecs, and wrong coverage.',
    'For several files a summary comes first: how many are sound, which frames are missing, and which rules are broken where.',
    'Files of a sequence are also compared: keys, rank layers and the names in manifests should not change between frames; "manifest --shot" makes them one.',
    'The exit code is 1 when there is an error (with --target, an error for one of these programs); warnings do not count.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'validate shot.0001.exr', what: 'by the header alone' },
    { command: "validate --pixels --target nuke 'shots/hero.####.exr'", what: 'a sequence, for comp in Nuke' },
    { command: "validate --json renders/*.exr | jq -r '.findings[].rule'", what: 'for programs' },
  ],
  options,
  async run(words, session) {
    const { named, bare } = splitWords(words, options, 'validate');
    const settings = checkOptions('validate', options, optionValues(named, options, 'validate'));
    if (bare.length === 0) throw usageError('validate: name one or more files', 'A single - stands for stdin.');
    return validate(bare, { ...settings, limits: limitsOf(settings.limit) }, session);
  },
};

interface Settings {
  readonly pixels: boolean;
  readonly target: readonly Program[];
  readonly json: boolean;
  readonly all: boolean;
  readonly quiet: boolean;
  readonly limits: Partial<Limits> | undefined;
}

interface Sequence {
  readonly check: SequenceCheck;
  readonly manifests: ManifestCheck;
  frames: number;
}

async function validate(inputs: readonly string[], settings: Settings, session: Session): Promise<number> {
  const sequences = new Map<string, Sequence>();
  let failed = false;
  const summary = new ValidationSummary();
  /** What is printed for each file: after the summary, which is known last. */
  const details: string[] = [];
  const print = async (report: FileReport | SequenceReport): Promise<void> => {
    if (report.findings.some(({ severity }) => severity === 'error')) failed = true;
    if (settings.json) await writeStdout(jsonLine(inFormat(report)));
    else if (!settings.quiet) details.push(reportText(report, settings));
  };
  /** What goes wrong with one file or input is reported, and the others are checked all the same. */
  const attempt = async (file: string, action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      session.signal.throwIfAborted();
      if (isExrError(error) && error.where.file === 'stdout') throw error;
      failed = true;
      session.reporter.error(error);
      if (settings.json) await writeStdout(jsonLine({ file, format: jsonFormat, error: jsonError(error) }));
    }
  };
  for (const input of inputs)
    await attempt(input, async () => {
      for (const file of await inputFiles(input))
        await attempt(file.path, async () => {
          session.signal.throwIfAborted();
          const place = file.frame === undefined ? undefined : { sequence: sequenceOf(file), frame: file.frame };
          try {
            const { header, ...report } = await inspect(file, settings, session.signal);
            await print(report);
            summary.add(report, place);
            if (file.frame !== undefined) await addFrame(sequences, file, header);
          } catch (error) {
            summary.addUnreadable(file.path, place);
            throw error;
          }
        });
    });
  for (const [sequence, { check, manifests, frames }] of sequences) {
    const findings = validateSequence(check, { targets: settings.target, manifests });
    if (frames > 1 && findings.length > 0) await print({ sequence, frames, findings });
  }
  const head = !settings.json && summary.files > 1 ? [summary.lines().join('\n')] : [];
  const blocks = [...head, ...details];
  if (blocks.length > 0) await writeStdout(`${blocks.join('\n\n')}\n`);
  return failed ? exitCodes.failed : exitCodes.ok;
}

/** Folder and stem, for people. */
function sequenceOf({ path, stem }: InputFile): string {
  const folder = dirname(path);
  return folder === '.' ? stem : `${folder}/${stem}`;
}

async function addFrame(sequences: Map<string, Sequence>, file: InputFile, header: Header): Promise<void> {
  const { path } = file;
  const name = sequenceOf(file);
  const sequence = sequences.get(name) ?? { check: new SequenceCheck(), manifests: new ManifestCheck(), frames: 0 };
  sequences.set(name, sequence);
  sequence.check.add(path, header);
  await sequence.manifests.add(path, header, readSidecar);
  sequence.frames += 1;
}

async function inspect(
  { path, stem }: InputFile,
  settings: Settings,
  signal: AbortSignal,
): Promise<FileReport & { header: Header }> {
  const options = { targets: settings.target };
  const { limits } = settings;
  const document = await open(path, limits);
  try {
    const { header, source } = document;
    const sidecars = await validateSidecars(header, { image: path, readSidecar }, options);
    // What a stream lacks shows only when it is read.
    const chunks = source.random ? validateChunks(header, await stateOf(document), options) : [];
    const findings = [...chunks, ...validateHeader(header, { ...options, stem }), ...sidecars.findings];
    if (settings.pixels) {
      const { samples } = filterContext(document, { signal, limits });
      findings.push(...(await validatePixels(header, samples, { ...options, sidecars: sidecars.names })));
    }
    const names = [
      ...headerSets(header).flatMap(({ name }) => name ?? []),
      ...orphanGroups(header).map(({ name }) => name),
    ];
    return { file: path, cryptomattes: [...new Set(names)], findings, header };
  } catch (error) {
    throw withPlace(error, { file: path });
  } finally {
    await document.source.close();
  }
}

async function stateOf({ header, source }: ExrDocument): Promise<FileState> {
  return { ...fileState(header, source), packedAsSamples: await findPackedAsSamples(header, source) };
}

function open(path: string, limits: Partial<Limits> | undefined): Promise<ExrDocument> {
  const options = { limits, holes: true, leaders: true };
  return path === '-' ? openExrStream(process.stdin, options) : openExr(path, options);
}

function jsonError(error: unknown): object {
  const { kind, code } = asExrError(error);
  return { kind, code, message: describeError(error) };
}

/** A report with the version of its form behind what it is about. */
function inFormat({ findings, ...about }: FileReport | SequenceReport): object {
  return { ...about, format: jsonFormat, findings };
}
