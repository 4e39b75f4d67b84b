/** What `validate` prints about many files, before the findings of each. */

import { firstFew, printable } from '../../lib/format/index.js';
import { formatFrames } from '../../lib/index.js';
import { holesIn } from './input-files.js';
import type { FileReport } from './validate-text.js';

/** Where a file stands: in which sequence, and as which frame of it. */
export interface Place {
  readonly sequence: string;
  readonly frame: number;
}

/** How a rule is broken over all files. */
interface RuleCount {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly files: Set<string>;
  readonly frames: Set<number>;
}

/** Gathers what is common to many files. */
export class ValidationSummary {
  readonly #frames = new Map<string, Set<number>>();
  readonly #rules = new Map<string, RuleCount>();
  readonly #unreadable: string[] = [];
  #files = 0;
  #errors = 0;
  #warnings = 0;

  /** Files that are unlike others: how many have errors or cannot be read, of how many. Undefined where all are well. */
  get failure(): string | undefined {
    const bad = this.#errors + this.#unreadable.length;
    return bad === 0 ? undefined : `${bad} of ${this.#files} files have errors`;
  }

  get files(): number {
    return this.#files;
  }

  add({ file, findings }: FileReport, place: Place | undefined): void {
    this.#files += 1;
    this.#place(place);
    const severities = new Set(findings.map(({ severity }) => severity));
    if (severities.has('error')) this.#errors += 1;
    else if (severities.has('warning')) this.#warnings += 1;
    for (const { rule, severity } of findings) {
      if (severity === 'info') continue;
      const key = `${severity} ${rule}`;
      const known = this.#rules.get(key) ?? { severity, rule, files: new Set<string>(), frames: new Set<number>() };
      this.#rules.set(key, known);
      known.files.add(file);
      if (place) known.frames.add(place.frame);
    }
  }

  /** A file of which not even the header, or not all of it, could be read. */
  addUnreadable(file: string, place: Place | undefined): void {
    this.#files += 1;
    this.#place(place);
    this.#unreadable.push(file);
  }

  #place(place: Place | undefined): void {
    if (!place) return;
    const frames = this.#frames.get(place.sequence) ?? new Set();
    this.#frames.set(place.sequence, frames.add(place.frame));
  }

  /** Lines for people, the worst first. */
  lines(): string[] {
    const sound = this.#files - this.#errors - this.#warnings - this.#unreadable.length;
    const counts = [
      [sound, 'sound'],
      [this.#errors, 'with errors'],
      [this.#warnings, 'with warnings'],
      [this.#unreadable.length, 'not readable'],
    ] as const;
    const shown = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    const holes = [...this.#frames].flatMap(([sequence, frames]) => {
      const missing = holesIn(frames);
      return missing === '' ? [] : [`  missing: ${sequence}: ${missing}`];
    });
    const unreadable = this.#unreadable.length === 0 ? [] : [`  not readable: ${firstFew(this.#unreadable, ', ')}`];
    const rules = [...this.#rules.values()]
      .sort((a, b) => order(a) - order(b) || b.files.size - a.files.size || (a.rule < b.rule ? -1 : 1))
      .map(({ severity, rule, files, frames }) => `  ${severity} ${rule}: ${this.#where(files, frames)}`);
    return [`${this.#files} files: ${shown.join(', ')}`, ...holes, ...unreadable, ...rules].map(printable);
  }

  #where(files: ReadonlySet<string>, frames: ReadonlySet<number>): string {
    if (files.size === this.#files) return 'all files';
    const count = files.size === 1 ? '1 file' : `${files.size} files`;
    // Numbers of frames tell which only where there is one sequence.
    if (this.#frames.size === 1 && frames.size === files.size) return `${count}: ${formatFrames(frames)}`;
    return `${count}: ${firstFew([...files], ', ')}`;
  }
}

function order({ severity }: RuleCount): number {
  return severity === 'error' ? 0 : 1;
}
