/** A run of `validate`: files are checked one after the other, then their sequences; the results go to stdout and to a report. */
import { dirname } from 'node:path';
import { ManifestCheck, SequenceCheck, validateSequence } from '../../lib/cryptomatte/index.js';
import {
  describeError,
  type Header,
  isExrError,
  jsonFormat,
  type Limits,
  type Notice,
  readSidecar,
} from '../../lib/index.js';
import { type Program, ShotLayout } from '../../lib/layers/index.js';
import { asExrError } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { openJd } from '../terminal/openjd.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { findFiles, framesMissing, type Gap, gapText, type InputFile, type InputFiles } from './input-files.js';
import { ValidationDetails } from './validate-details.js';
import { inspect } from './validate-file.js';
import type { ValidationReport } from './validate-report.js';
import { type Place, ValidationSummary } from './validate-summary.js';
import type { FileReport, SequenceReport } from './validate-text.js';

export interface ValidationSettings {
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

/** Checks everything that the inputs name. Gives the exit code. */
export async function validate(
  inputs: readonly string[],
  settings: ValidationSettings,
  session: Session,
): Promise<number> {
  const report = settings.report === undefined ? undefined : await reportTo(settings.report, inputs, settings);
  const run = new ValidationRun(settings, session, report?.collected);
  await run.checkFiles(await findFiles(inputs, settings.frames));
  await run.compareFrames();
  await run.print();
  await report?.write(session.signal);
  return run.end();
}

interface ReportFile {
  readonly collected: ValidationReport;
  write(signal: AbortSignal): Promise<void>;
}

/** The file of `--report`, which must be writable before the work begins. Its modules are loaded only for this. */
async function reportTo(path: string, inputs: readonly string[], settings: ValidationSettings): Promise<ReportFile> {
  const { checkReport, writeReport } = await import('../report/write.js');
  const form = await checkReport(path);
  const { ValidationReport } = await import('./validate-report.js');
  const collected = new ValidationReport({ ...settings, inputs });
  return {
    collected,
    write: (signal) =>
      writeReport(path, form, {
        page: () => collected.page({ signal, images: form === 'html' }),
        json: () => collected.json(),
      }),
  };
}

interface Sequence {
  readonly check: SequenceCheck;
  readonly manifests: ManifestCheck;
  readonly layout: ShotLayout;
  frames: number;
}

class ValidationRun {
  readonly #settings: ValidationSettings;
  readonly #session: Session;
  readonly #collected: ValidationReport | undefined;
  readonly #sequences = new Map<string, Sequence>();
  readonly #summary = new ValidationSummary();
  /** Printed after the summary, which is known last. */
  readonly #details: ValidationDetails;
  #failed = false;
  /** The last progress that was written, in per cent. */
  #percent = -1;

  constructor(settings: ValidationSettings, session: Session, collected: ValidationReport | undefined) {
    this.#settings = settings;
    this.#session = session;
    this.#collected = collected;
    this.#details = new ValidationDetails(settings);
  }

  async checkFiles(found: readonly InputFiles[]): Promise<void> {
    const total = found.reduce((sum, { files }) => sum + files.length, 0);
    for (const one of found) await this.#attempt(one.input, undefined, () => this.#checkInput(one, total));
  }

  async #checkInput({ files, gaps, error }: InputFiles, total: number): Promise<void> {
    if (error !== undefined) throw error;
    const { frames, json } = this.#settings;
    for (const gap of frames === undefined ? [] : gaps)
      await this.#attempt(gap.input, undefined, async () => {
        throw framesMissing(gap);
      });
    // People read of holes in the summary.
    for (const gap of frames === undefined && json ? gaps : []) this.#session.reporter.notice(note(gap));
    for (const file of files) {
      const place = file.frame === undefined ? undefined : { sequence: sequenceOf(file), frame: file.frame };
      await this.#attempt(file.path, place, () => this.#checkFile(file, place));
      await this.#showProgress(total);
    }
  }

  async #checkFile(file: InputFile, place: Place | undefined): Promise<void> {
    this.#session.signal.throwIfAborted();
    try {
      const { header, ...report } = await inspect(file, this.#settings, this.#session.signal);
      await this.#add(report, place);
      this.#summary.add(report, place);
      await this.#collected?.addFile(report, place, header);
      if (place) await this.#addFrame(file, place, header);
    } catch (error) {
      this.#summary.addUnreadable(file.path, place);
      throw error;
    }
  }

  async #addFrame({ path }: InputFile, { sequence: name, frame }: Place, header: Header): Promise<void> {
    const sequence = this.#sequences.get(name) ?? {
      check: new SequenceCheck(),
      manifests: new ManifestCheck(),
      layout: new ShotLayout(),
      frames: 0,
    };
    this.#sequences.set(name, sequence);
    sequence.check.add(path, header);
    sequence.layout.add(frame, header);
    await sequence.manifests.add(path, header, readSidecar);
    sequence.frames += 1;
  }

  /** What changes from frame to frame in the sequences that were found. */
  async compareFrames(): Promise<void> {
    const { target, json, all } = this.#settings;
    for (const [sequence, { check, manifests, layout, frames }] of this.#sequences) {
      const findings = validateSequence(check, { targets: target, manifests, layout });
      if (frames < 2 || findings.length === 0) continue;
      const report = { sequence, frames, findings };
      this.#collected?.addSequence(report);
      const isShown = json || all || findings.some(({ severity }) => severity !== 'info');
      if (isShown) await this.#add(report);
      else this.#collected?.addLine(inFormat(report));
    }
  }

  /** The summary of several files, and what was found in each. JSON has been written line by line. */
  async print(): Promise<void> {
    const head = !this.#settings.json && this.#summary.files > 1 ? [this.#summary.lines().join('\n')] : [];
    const blocks = [...head, ...this.#details.blocks()];
    if (blocks.length > 0) await writeStdout(`${blocks.join('\n\n')}\n`);
  }

  async end(): Promise<number> {
    const { reporter } = this.#session;
    if (this.#settings.progress === 'openjd') await writeStdout(openJd.status(this.#summary.lines()[0] ?? ''));
    if (!this.#failed) return exitCodes.ok;
    const reasons = [this.#summary.failure, reporter.reason].filter((reason) => reason !== undefined);
    reporter.because(reasons.join('; ') || 'the frames of a sequence differ');
    return exitCodes.failed;
  }

  async #add(report: FileReport | SequenceReport, place?: Place): Promise<void> {
    if (report.findings.some(({ severity }) => severity === 'error')) this.#failed = true;
    await this.#writeLine(inFormat(report));
    const { json, quiet } = this.#settings;
    if (!json && !quiet) this.#details.add(report, place);
  }

  async #writeLine(data: object): Promise<void> {
    this.#collected?.addLine(data);
    if (this.#settings.json) await writeStdout(jsonLine(data));
  }

  async #showProgress(total: number): Promise<void> {
    const percent = Math.floor((this.#summary.files / total) * 1000) / 10;
    if (this.#settings.progress === 'openjd' && percent > this.#percent) await writeStdout(openJd.progress(percent));
    this.#percent = percent;
  }

  /** Reports what goes wrong with one file or input, so that the others are checked all the same. */
  async #attempt(file: string, place: Place | undefined, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#session.signal.throwIfAborted();
      if (isExrError(error) && error.where.file === 'stdout') throw error;
      this.#failed = true;
      this.#session.reporter.error(error);
      this.#collected?.addError(file, place, error);
      await this.#writeLine({ file, format: jsonFormat, error: jsonError(error) });
    }
  }
}

function note(gap: Gap): Notice {
  return { level: 'note', code: 'FRAMES_MISSING', message: gapText(gap) };
}

/** Folder and stem, for people. */
function sequenceOf({ path, stem }: InputFile): string {
  const folder = dirname(path);
  return folder === '.' ? stem : `${folder}/${stem}`;
}

function jsonError(error: unknown): object {
  const { kind, code } = asExrError(error);
  return { kind, code, message: describeError(error) };
}

/** A report with the version of its form behind what it is about. */
function inFormat({ findings, ...about }: FileReport | SequenceReport): object {
  return { ...about, format: jsonFormat, findings };
}
