/** `validate --report`: what was found in files, for who opens a page or a table. */
import { stat } from 'node:fs/promises';
import type { Finding } from '../../lib/cryptomatte/index.js';
import { describeError, type Header, jsonFormat, type Limits, version } from '../../lib/index.js';
import { type Program, programFacts } from '../../lib/layers/index.js';
import { asExrError, shellWord } from '../../lib/program.js';
import type { FrameRow, Level, ReportPage, SeenFile, State } from '../report/model.js';
import { type Place as Named, Remarks } from '../report/remarks.js';
import { askedPrograms, seenFile } from '../report/seen.js';
import { chosenFrames, thumbnailsOf } from '../report/thumbnails.js';
import { inOptionWords } from '../terminal/option-hints.js';
import { sizeText } from '../terminal/units.js';
import { holesIn } from './input-files.js';
import type { Place } from './validate-summary.js';
import { type FileReport, remedyText, type SequenceReport, verdict, whoMinds } from './validate-text.js';

/** A row, and where its file stands. */
interface Row {
  readonly row: FrameRow;
  readonly place: Place | undefined;
}

interface ReportSettings {
  /** The inputs as they were given. */
  readonly inputs: readonly string[];
  readonly target: readonly Program[];
  readonly pixels: boolean;
  readonly limits: Partial<Limits> | undefined;
}

const columns = ['size', 'errors', 'warnings', 'rules'];

/** More inputs than these are not repeated in commands. */
const mostInputs = 3;

/** Gathers what is found, file by file. It holds some hundred bytes for each. */
export class ValidationReport {
  readonly #settings: ReportSettings;
  readonly #began = new Date();
  readonly #rows: Row[] = [];
  readonly #remarks = new Remarks();
  readonly #json: object[] = [];
  #seen: SeenFile | undefined;
  /** Files with errors for each program. */
  readonly #broken = new Map<Program, number>();

  constructor(settings: ReportSettings) {
    this.#settings = settings;
  }

  /** A file that could be read. */
  async addFile(report: FileReport, place: Place | undefined, header: Header): Promise<void> {
    const { file, findings } = report;
    const bytes = file === '-' ? undefined : (await stat(file).catch(() => undefined))?.size;
    const { target } = this.#settings;
    this.#seen ??= seenFile(file, header, target);
    for (const program of askedPrograms(target))
      if (findings.some(({ targets }) => targets[program] === 'error'))
        this.#broken.set(program, (this.#broken.get(program) ?? 0) + 1);
    const errors = countOf(findings, 'error');
    const warnings = countOf(findings, 'warning');
    const state: State = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'good';
    const rules = new Set(findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule));
    const size = bytes === undefined ? '' : sizeText(bytes);
    const cells = [size, String(errors), String(warnings), [...rules].join(', ')];
    this.#addRow(file, place, { state, status: verdict(report, []), cells });
    const named: Named = { name: file, frame: place?.frame };
    for (const finding of findings) this.#say(finding, named);
  }

  /** A file or an input that cannot be read, and why. */
  addError(file: string, place: Place | undefined, error: unknown): void {
    const { code } = asExrError(error);
    this.#addRow(file, place, { state: 'error', status: 'not readable', cells: ['', '', '', code] });
    const text = describeError(inOptionWords(asExrError(error))).replace(`${file}: `, '');
    const nothing = { affects: '', remedy: undefined, command: undefined };
    this.#remarks.add({ ...nothing, level: 'error', code, text }, { name: file, frame: place?.frame });
  }

  /** What changes over a sequence. */
  addSequence({ sequence, findings }: SequenceReport): void {
    for (const finding of findings) this.#say(finding, { name: sequence, frame: undefined });
  }

  /** What `--json` prints of a file or a sequence. */
  addLine(line: object): void {
    this.#json.push(line);
  }

  json(): object {
    return { format: jsonFormat, version, began: this.#began.toISOString(), reports: this.#json };
  }

  async page({ signal, images }: { readonly signal: AbortSignal; readonly images: boolean }): Promise<ReportPage> {
    const { inputs, target, pixels, limits } = this.#settings;
    const rows = this.#frames();
    const sum = (state: State) => rows.reduce((count, row) => (row.state === state ? count + row.count : count), 0);
    const shown = rows.filter(({ file }) => file !== '-');
    const labels = target.map((one) => programFacts[one].label);
    return {
      title: `Validation of ${inputs.length > mostInputs ? `${inputs.length} inputs` : inputs.join(', ')}`,
      facts: [
        ['files', String(this.#rows.length)],
        ['checked', `headers${pixels ? ' and pixels' : ''}${labels.length > 0 ? `, for ${labels.join(' and ')}` : ''}`],
        ['began', this.#began.toISOString()],
        ['by', `exrpipe ${version}`],
      ],
      summary: [],
      counts: (
        [
          ['good', 'sound'],
          ['error', 'with errors or not readable'],
          ['warning', 'with warnings'],
          ['missing', 'missing'],
        ] as const
      )
        .map(([state, label]) => ({ state, label, count: sum(state) }))
        .filter(({ state, count }) => count > 0 || state === 'good'),
      remarks: this.#remarks.list(this.#rows.length, this.#sequences().size === 1),
      seen: this.#seenOverall(),
      thumbnails: images ? await thumbnailsOf(chosenFrames(shown), { signal, limits }) : [],
      columns,
      frames: rows,
    };
  }

  #addRow(file: string, place: Place | undefined, how: Pick<FrameRow, 'state' | 'status' | 'cells'>): void {
    this.#rows.push({ place, row: { name: place ? String(place.frame) : file, count: 1, file, ...how } });
  }

  #say(finding: Finding, place: Named): void {
    const { rule, severity, message, pixel, command, fixedBy } = finding;
    const at = pixel ? ` (first at pixel ${pixel.x}, ${pixel.y})` : '';
    const level: Level = severity === 'info' ? 'note' : severity;
    const isFixable = fixedBy !== 'render' && command !== undefined;
    this.#remarks.add(
      {
        level,
        code: rule,
        affects: level === 'note' || this.#settings.target.length > 0 ? '' : (whoMinds(finding) ?? ''),
        remedy: level === 'note' ? undefined : remedyText(finding),
        command: isFixable ? `exrpipe ${command} ${this.#input()} -o fixed/` : undefined,
        text: `${message}${at}`,
      },
      place,
    );
  }

  #input(): string {
    const { inputs } = this.#settings;
    return inputs.length > mostInputs || inputs.includes('-') ? 'INPUT' : inputs.map(shellWord).join(' ');
  }

  #seenOverall(): SeenFile[] {
    const total = this.#rows.length;
    if (!this.#seen) return [];
    const asked = askedPrograms(this.#settings.target);
    const views = this.#seen.programs.map((view, at) => {
      const count = this.#broken.get(asked[at] as Program) ?? 0;
      return { ...view, frames: count === 0 ? 'no errors' : `errors in ${count} of ${total} files` };
    });
    return [{ ...this.#seen, programs: views }];
  }

  /** The numbers of the frames of each sequence. */
  #sequences(): Map<string, number[]> {
    const sequences = new Map<string, number[]>();
    for (const { place } of this.#rows)
      if (place) {
        const frames = sequences.get(place.sequence);
        if (frames) frames.push(place.frame);
        else sequences.set(place.sequence, [place.frame]);
      }
    return sequences;
  }

  /** Rows in the order they came, with what is missing between the frames of each sequence. */
  #frames(): FrameRow[] {
    const sequences = this.#sequences();
    const several = sequences.size > 1;
    const found: FrameRow[] = [];
    const holes = new Map([...sequences].map(([name, frames]) => [name, holeRows(frames)]));
    for (const { row, place } of this.#rows) {
      const left = (place && holes.get(place.sequence)) ?? [];
      while (left[0] && place && left[0].before < place.frame) found.push((left.shift() as Hole).row);
      found.push(several && place ? { ...row, name: `${place.sequence} ${row.name}` } : row);
    }
    return found;
  }
}

interface Hole {
  /** The last frame of it. */
  readonly before: number;
  readonly row: FrameRow;
}

function holeRows(frames: readonly number[]): Hole[] {
  const text = holesIn(new Set(frames));
  if (text === '') return [];
  return text.split(',').map((name) => {
    const [, first = '', last = first] = /^(-?\d+)(?:-(-?\d+))?$/.exec(name) ?? [];
    const count = Number(last) - Number(first) + 1;
    const row = { name, count, file: '', state: 'missing', status: 'missing', cells: columns.map(() => '') } as const;
    return { before: Number(last), row };
  });
}

function countOf(findings: readonly Finding[], wanted: Finding['severity']): number {
  return findings.filter(({ severity }) => severity === wanted).length;
}
