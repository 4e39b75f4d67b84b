/** What `exrpipe validate` finds, and how it prints it for people. */

import type { Finding } from '../../lib/cryptomatte/index.js';
import { groupBy, printable } from '../../lib/format/index.js';
import { type Program, programFacts, programs } from '../../lib/layers/index.js';

/** What was found in one file. This is what `--json` prints, a line each. */
export interface FileReport {
  readonly file: string;
  /** Names of the Cryptomattes, those without metadata too. */
  readonly cryptomattes: readonly string[];
  readonly findings: readonly Finding[];
}

/** What differs over the frames of one sequence. */
export interface SequenceReport {
  readonly sequence: string;
  readonly frames: number;
  readonly findings: readonly Finding[];
}

export interface TextSettings {
  readonly target?: readonly Program[];
  readonly all: boolean;
}

/** A report as lines of text, without a newline at its end. */
export function reportText(report: FileReport | SequenceReport, settings: TextSettings): string {
  const { heading: about, text } = reportPieces(report, settings);
  return `${about}: ${text}`;
}

/** What a report is about, and its text. */
export function reportPieces(
  report: FileReport | SequenceReport,
  { target = [], all }: TextSettings,
): { readonly heading: string; readonly text: string } {
  const shown = report.findings.filter(({ severity }) => all || severity !== 'info');
  const rules = groupBy(shown, ({ rule, severity, command }) => `${severity} ${rule} ${command}`);
  const lines = [verdict(report, target), ...[...rules.values()].flatMap((findings) => ruleLines(findings, target))];
  return { heading: printable(heading(report)), text: lines.map(printable).join('\n') };
}

function heading(report: FileReport | SequenceReport): string {
  return 'file' in report ? report.file : `${report.sequence} (${report.frames} frames)`;
}

/** `2 errors, 1 warning for Nuke`. */
export function verdict(report: FileReport | SequenceReport, target: readonly Program[]): string {
  if ('cryptomattes' in report && report.cryptomattes.length === 0 && report.findings.length === 0)
    return 'no Cryptomatte in the file';
  const errors = count(report.findings, 'error');
  const warnings = count(report.findings, 'warning');
  const labels = target.map((one) => programFacts[one].label);
  const where = labels.length > 0 ? ` for ${labels.join(' and ')}` : '';
  if (errors + warnings === 0) return `sound${where}`;
  return `${[plural(errors, 'error'), plural(warnings, 'warning')].filter((text) => text !== '').join(', ')}${where}`;
}

function count(findings: readonly Finding[], wanted: Finding['severity']): number {
  return findings.filter(({ severity }) => severity === wanted).length;
}

function plural(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Findings of one rule stand together, and what they have in common is printed once. */
function ruleLines(findings: readonly Finding[], target: readonly Program[]): string[] {
  const [first] = findings;
  if (!first) return [];
  const messages = findings.map(({ severity, rule, message, pixel }) => {
    const place = pixel ? ` (first at pixel ${pixel.x}, ${pixel.y})` : '';
    return `  ${severity} ${rule}: ${message}${place}`;
  });
  if (first.severity === 'info') return messages;
  const notes = [target.length > 0 ? undefined : whoMinds(first), howFixed(first)].filter((note) => note !== undefined);
  return notes.length === 0 ? messages : [...messages, `    ${notes.join('; ')}`];
}

/** The programs that break, unless all do. */
export function whoMinds({ targets: weights }: Finding): string | undefined {
  const broken = programs.filter((target) => weights[target] === 'error').map((target) => programFacts[target].label);
  if (broken.length === 0) return undefined;
  return broken.length === programs.length ? 'breaks every reader' : `breaks ${broken.join(', ')}`;
}

function howFixed(finding: Finding): string | undefined {
  const { fixedBy, command } = finding;
  return fixedBy !== 'render' && command !== undefined ? `fix it with: exrpipe ${command}` : remedyText(finding);
}

/** What it takes, where no command does. */
export function remedyText({ fixedBy }: Pick<Finding, 'fixedBy'>): string | undefined {
  if (fixedBy === 'render') return 'fixed only by rendering again';
  return fixedBy === 'pixels' ? 'fixing this requires a program that decodes the pixels' : undefined;
}
