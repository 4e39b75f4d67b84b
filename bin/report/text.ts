import { printable } from '../../lib/format/index.js';
import { alignColumns } from '../terminal/table.js';
import type { ProgramView, Remark, ReportPage, SeenFile } from './model.js';

/** A report as text for people. */
export function textReport({ title, facts, summary, remarks, seen, columns, frames }: ReportPage): string {
  const blocks = [
    [title, ...facts.map(([name, value]) => `${name}: ${value}`)],
    summary,
    ...remarks.map(remarkLines),
    ...seen.map(seenLines),
    alignColumns([
      ['frame', 'status', ...columns, 'file'],
      ...frames.map(({ name, status, cells, file }) => [name, status, ...cells, file]),
    ]),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.map(printable).join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function remarkLines({ level, code, said, affects, remedy, command }: Remark): string[] {
  return [
    `${level} ${code}`,
    ...said.map(({ text, where }) => `  ${where}: ${text}`),
    ...(affects === '' ? [] : [`  ${affects}`]),
    ...(command === undefined ? (remedy === undefined ? [] : [`  ${remedy}`]) : [`  fix it with: ${command}`]),
  ];
}

function seenLines({ file, programs }: SeenFile): string[] {
  return [`what programs see of ${file}`, ...alignColumns(programs.map(programRow), '  ')];
}

function programRow({ program, refused, layers, hidden, cryptomattes, frames }: ProgramView): string[] {
  const own = [program, refused ?? layersText(layers.length, hidden), ...(frames === '' ? [] : [frames])];
  return [...own, cryptomattesText(cryptomattes)];
}

/** `12 layers, 3 channels not shown`. */
export function layersText(layers: number, hidden: number): string {
  const lacking = hidden === 0 ? '' : `, ${hidden} ${hidden === 1 ? 'channel' : 'channels'} not shown`;
  return `${layers} ${layers === 1 ? 'layer' : 'layers'}${lacking}`;
}

/** Which Cryptomattes work, and why others do not. */
export function cryptomattesText(cryptomattes: ProgramView['cryptomattes']): string {
  if (cryptomattes.length === 0) return 'no Cryptomatte';
  return cryptomattes
    .map(({ name, problem }) => (problem === undefined ? `${name} works` : `${name} does not work: ${problem}`))
    .join('; ');
}
