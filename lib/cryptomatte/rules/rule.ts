import type { RankGroup } from '../../layers/rank-groups.js';
import { type Program, programs } from '../../layers/seen-by/program.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../../layers/sets.js';
import { viewNames } from '../../layers/views.js';
import type { Header } from '../../model/header.js';
import { type ReadManifest, storedManifest } from '../manifest.js';
import { type Subject, subjectsOf } from './subjects.js';

export { nameOf } from './subjects.js';

/** An error breaks every reader or most, a warning some or a recommendation, information nothing. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule is, whatever it looks at. The rules of the reference page are these. */
export interface RuleInfo {
  /** `CM-A01`; the letter is the subject: A attributes, B manifests, C names, D pixels, E placement, F files that nobody opens, G other programs, H changes over a shot. */
  readonly id: string;
  /** What holds when the rule is kept, as one sentence. */
  readonly meaning: string;
  /** How bad a breach is when no program is named. */
  readonly severity: Severity;
  /** How bad it is for each program; a program not listed does not mind. */
  readonly targets: Readonly<Partial<Record<Program, Severity>>>;
  /** What fixes it: the header alone, re-encoding the pixels, or only re-rendering. */
  readonly fixedBy: 'header' | 'pixels' | 'render' | 'nothing needed';
  /** The command that does, without input and output; words in capitals stand for what is in the file, and DONOR for a file. */
  readonly command?: string;
}

/** A check's finding about one breach. */
export interface Breach {
  readonly message: string;
  readonly set?: string | undefined;
  readonly part?: number;
  readonly attribute?: string;
  /** First pixel concerned. */
  readonly pixel?: { readonly x: number; readonly y: number };
  /** Where a rule's breaches differ in weight. */
  readonly severity?: Severity;
  readonly targets?: RuleInfo['targets'];
  /** What fixes this breach, if it differs from the rule. */
  readonly fixedBy?: RuleInfo['fixedBy'];
  /** The command that fixes it, with names from the file; undefined if none does. */
  readonly command?: string | undefined;
}

/** A rule that needs the header only. */
export interface HeaderRule extends RuleInfo {
  readonly check: (facts: HeaderFacts) => Iterable<Breach>;
}

/** A header and what rules need to know about it, computed once. */
export class HeaderFacts {
  readonly header: Header;
  readonly sets: readonly CryptomatteSet[];
  readonly orphans: readonly RankGroup[];
  readonly views: ReadonlySet<string>;
  /** The image's file name without folder, frame and extension, if known. */
  readonly stem: string | undefined;
  #subjects: readonly Subject[] | undefined;
  readonly #manifests = new Map<CryptomatteSet, ReadManifest>();

  constructor(header: Header, stem?: string) {
    this.header = header;
    this.stem = stem;
    this.sets = headerSets(header);
    this.orphans = orphanGroups(header);
    this.views = viewNames(header.parts);
  }

  /** The Cryptomattes with what programs make of them, computed on first use. */
  get subjects(): readonly Subject[] {
    this.#subjects ??= subjectsOf(this.header, this.sets, this.orphans);
    return this.#subjects;
  }

  /** A set's manifest, read once; undefined when it has none inside the file. */
  manifest(set: CryptomatteSet): ReadManifest | undefined {
    if (!set.manifest) return undefined;
    const known = this.#manifests.get(set);
    if (known) return known;
    const read = storedManifest(set.manifest);
    this.#manifests.set(set, read);
    return read;
  }
}

/** The same severity for every program. */
export function everywhere(severity: Severity): RuleInfo['targets'] {
  return Object.fromEntries(programs.map((target) => [target, severity]));
}

/** The overall severity from the programs': an error if most fail, a warning if any does or nearly does. */
export function severityOf(targets: RuleInfo['targets']): Severity {
  const found = Object.values(targets);
  if (found.filter((one) => one === 'error').length * 2 > programs.length) return 'error';
  return found.some((one) => one !== 'info') ? 'warning' : 'info';
}
