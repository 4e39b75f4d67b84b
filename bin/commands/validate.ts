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
  describeError,
  type ExrDocument,
  type FileState,
  type Header,
  isExrError,
  jsonFormat,
  type Limits,
  type Notice,
  type OptionSpecs,
  openExr,
  openExrStream,
  readSidecar,
} from '../../lib/index.js';
import { headerSets, orphanGroups, type Program, programs, ShotLayout } from '../../lib/layers/index.js';
import { asExrError, filterContext, findPackedAsSamples, withPlace } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { openJd } from '../terminal/openjd.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { isRedirected } from '../terminal/stdin.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { findFiles, framesMissing, type Gap, gapText, type InputFile } from './input-files.js';
import { ValidationDetails } from './validate-details.js';
import { type Place, ValidationSummary } from './validate-summary.js';
import type { FileReport, SequenceReport } from './validate-text.js';

const options = {
  frames: {
    ...sequenceOptions.frames,
    summary: 'frames to check, such as 1-100,120-200x2; one that is missing is an error (default: all that exist)',
  },
  pixels: { type: 'flag', summary: 'also read the pixels: IDs without names, destroyed IDs, coverage' },
  target: {
    type: 'list',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'report only what affects this program (repeatable)',
  },
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  all: { type: 'flag', summary: 'include information, not only errors and warnings' },
  report: {
    type: 'file',
    writes: true,
    placeholder: 'FILE',
    summary: 'also write a page with images (.html), a table (.csv), text (.txt) or data (.json); docs/reports.md',
  },
  quiet: { type: 'flag', summary: 'only the summary of several files; for one file nothing but the exit code' },
  progress: {
    type: 'choice',
    choices: ['none', 'openjd'],
    default: 'none',
    placeholder: 'HOW',
    summary: 'progress for OpenJD farms, on stdout (docs/progress.md)',
  },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'validate',
  summary: 'Check whether Cryptomattes work in Nuke, Fusion, After Effects and Blender',
  description: [
    'Checks each file against all rules for Cryptomattes and reports what is wrong, which programs are affected, and which exrpipe command fixes it. Only headers are read, unless --pixels is given, which also finds IDs without a name, IDs that were destroyed by half floats or lossy codecs, and wrong coverage.',
    'For several files a summary comes first: how many are sound, which frames are missing, and which rules are broken where. Missing frames are an error only where --frames asks for them: as the last task of a farm, so that a shot with holes does not pass.',
    'Files of a sequence are also compared: layers, pixel types, codecs, windows, and the keys, rank layers and names of Cryptomattes should not change between frames; "manifest --shot" makes manifests one.',
    '--report writes all of it to one page for who decides what is rendered again: images, frames with findings, what each program sees, and the commands that fix it.',
    'The exit code is 1 when there is an error (with --target, an error for one of these programs); warnings do not count.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'validate shot.0001.exr', what: 'by the header alone' },
    { command: "validate --pixels --target nuke 'shots/hero.####.exr'", what: 'a sequence, for comp in Nuke' },
    { command: "validate --pixels --report hero.html 'shots/hero.####.exr'", what: 'a page to look at and to pass on' },
    { command: "validate --frames 1-240 'out/hero.####.exr'", what: 'whether all frames of a shot are there' },
    { command: "validate --json renders/*.exr | jq -r '.findings[].rule'", what: 'for programs' },
  ],
  options,
  async run(words, session) {
    const { values: settings, bare } = readWords(words, options, 'validate');
    const inputs = bare.length === 0 && isRedirected() ? ['-'] : bare;
    if (inputs.length === 0) throw usageError('validate: name one or more files', 'A single - stands for stdin.');
    if (settings.json && settings.progress === 'openjd')
      throw usageError('--json and --progress openjd both write to stdout', 'Choose one of them.');
    return validate(inputs, { ...settings, limits: limitsOf(settings.limit) }, session);
  },
};

interface Settings {
  readonly pixels: boolean;
  readonly target: readonly Program[];
  readonly json: boolean;
  readonly all: boolean;
  readonly quiet: boolean;
  readonly report?: string;
  readonly frames?: string;
  readonly progress: string;
  readonly limits: Partial<Limits> | undefined;
}

interface Sequence {
  readonly check: SequenceCheck;
  readonly manifests: ManifestCheck;
  readonly layout: ShotLayout;
  frames: number;
}

async function validate(inputs: readonly string[], settings: Settings, session: Session): Promise<number> {
  const writer = settings.report === undefined ? undefined : await import('../report/write.js');
  const form = settings.report === undefined ? undefined : await writer?.checkReport(settings.report);
  const collected = form && new (await import('./validate-report.js')).ValidationReport({ ...settings, inputs });
  const sequences = new Map<string, Sequence>();
  let failed = false;
  const { frames, json, progress } = settings;
  const found = await findFiles(inputs, frames);
  const total = found.reduce((sum, { files }) => sum + files.length, 0);
  const summary = new ValidationSummary();
  /** Per cent that were written last. */
  let shown = -1;
  /** What is said of each file: after the summary, which is known last. */
  const details = new ValidationDetails(settings);
  const line = async (data: object): Promise<void> => {
    collected?.addLine(data);
    if (settings.json) await writeStdout(jsonLine(data));
  };
  const print = async (report: FileReport | SequenceReport, place?: Place): Promise<void> => {
    if (report.findings.some(({ severity }) => severity === 'error')) failed = true;
    await line(inFormat(report));
    if (!settings.json && !settings.quiet) details.add(report, place);
  };
  /** What goes wrong with one file or input is reported, and the others are checked all the same. */
  const attempt = async (file: string, place: Place | undefined, action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      session.signal.throwIfAborted();
      if (isExrError(error) && error.where.file === 'stdout') throw error;
      failed = true;
      session.reporter.error(error);
      collected?.addError(file, place, error);
      await line({ file, format: jsonFormat, error: jsonError(error) });
    }
  };
  for (const { input, files, gaps, error } of found)
    await attempt(input, undefined, async () => {
      if (error !== undefined) throw error;
      for (const gap of frames === undefined ? [] : gaps)
        await attempt(gap.input, undefined, async () => {
          throw framesMissing(gap);
        });
      // People read of holes in the summary.
      for (const gap of frames === undefined && json ? gaps : []) session.reporter.notice(note(gap));
      for (const file of files) {
        const place = file.frame === undefined ? undefined : { sequence: sequenceOf(file), frame: file.frame };
        await attempt(file.path, place, async () => {
          session.signal.throwIfAborted();
          try {
            const { header, ...report } = await inspect(file, settings, session.signal);
            await print(report, place);
            summary.add(report, place);
            await collected?.addFile(report, place, header);
            if (place) await addFrame(sequences, file, place, header);
          } catch (error) {
            summary.addUnreadable(file.path, place);
            throw error;
          }
        });
        const percent = Math.floor((summary.files / total) * 1000) / 10;
        if (progress === 'openjd' && percent > shown) await writeStdout(openJd.progress(percent));
        shown = percent;
      }
    });
  for (const [sequence, { check, manifests, layout, frames }] of sequences) {
    const findings = validateSequence(check, { targets: settings.target, manifests, layout });
    if (frames < 2 || findings.length === 0) continue;
    const report = { sequence, frames, findings };
    collected?.addSequence(report);
    const isShown = settings.json || settings.all || findings.some(({ severity }) => severity !== 'info');
    if (isShown) await print(report);
    else collected?.addLine(inFormat(report));
  }
  const head = !settings.json && summary.files > 1 ? [summary.lines().join('\n')] : [];
  const blocks = [...head, ...details.blocks()];
  if (blocks.length > 0) await writeStdout(`${blocks.join('\n\n')}\n`);
  if (settings.report !== undefined && form && collected)
    await writer?.writeReport(settings.report, form, {
      page: () => collected.page({ signal: session.signal, images: form === 'html' }),
      json: () => collected.json(),
    });
  if (progress === 'openjd') await writeStdout(openJd.status(summary.lines()[0] ?? ''));
  const reasons = [summary.failure, session.reporter.reason].filter((reason) => reason !== undefined);
  if (failed) session.reporter.because(reasons.join('; ') || 'the frames of a sequence differ');
  return failed ? exitCodes.failed : exitCodes.ok;
}

function note(gap: Gap): Notice {
  return { level: 'note', code: 'FRAMES_MISSING', message: gapText(gap) };
}

/** Folder and stem, for people. */
function sequenceOf({ path, stem }: InputFile): string {
  const folder = dirname(path);
  return folder === '.' ? stem : `${folder}/${stem}`;
}

async function addFrame(
  sequences: Map<string, Sequence>,
  { path }: InputFile,
  { sequence: name, frame }: Place,
  header: Header,
): Promise<void> {
  const sequence = sequences.get(name) ?? {
    check: new SequenceCheck(),
    manifests: new ManifestCheck(),
    layout: new ShotLayout(),
    frames: 0,
  };
  sequences.set(name, sequence);
  sequence.check.add(path, header);
  sequence.layout.add(frame, header);
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
      const found = await validatePixels(header, samples, { ...options, sidecars: sidecars.names });
      // Which names an unfinished frame covers, nobody knows yet.
      findings.push(...found.filter(({ rule }) => rule !== 'CM-B15' || source.missing.length === 0));
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
