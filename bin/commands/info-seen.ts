/** What a program sees of a file, as a page for people: `info --as nuke`. */

import type { SeenCryptomatteDescription, SeenDescription } from '../../lib/cryptomatte/index.js';
import { firstFew, printable } from '../../lib/format/index.js';
import { formatFrames } from '../../lib/index.js';
import { alignColumns, fitColumns } from '../terminal/table.js';
import { byUsualOrder, componentsText } from './info-text.js';

/** The page, without a newline at its end. `all` names every channel. */
export function seenText(
  file: string,
  seen: SeenDescription,
  { width, all }: { width?: number; all: boolean },
): string {
  const { label, reader, refused, layers, hidden, cryptomattes } = seen;
  const lines = [
    `${file} as seen by ${label} (${reader})`,
    ...(refused === undefined ? [] : [`  ${refused}`]),
    ...layerTable(seen, width, all),
    ...(layers.length === 0 ? ['  no channels'] : []),
    ...(hidden === 0 ? [] : [`  ${hidden} ${hidden === 1 ? 'channel is' : 'channels are'} not shown`]),
    ...cryptomatteLines(cryptomattes),
  ];
  return lines.map(printable).join('\n');
}

function layerTable({ layers }: SeenDescription, width: number | undefined, all: boolean): string[] {
  if (layers.length === 0) return [];
  const parts = new Set(layers.flatMap((layer) => layer.parts));
  const several = parts.size > 1 || !parts.has(0);
  const withViews = layers.some(({ view }) => view !== undefined);
  const rows = layers.map(({ name, view = '', parts: own, channels }) => [
    name === '' ? '(no layer)' : name,
    ...(withViews ? [view] : []),
    (all ? allOf : componentsText)(channels.map((one) => one.name).toSorted(byUsualOrder)),
    ...(several ? [`part ${firstFew(formatFrames(own).split(','))}`] : []),
  ]);
  const title = ['layer', ...(withViews ? ['view'] : []), 'channels', ...(several ? ['from'] : [])];
  const table = [title, ...rows];
  const indent = '  ';
  return alignColumns(width === undefined ? table : fitColumns(table, [0], width - indent.length), indent);
}

function allOf(names: readonly string[]): string {
  return names.join(' ');
}

function cryptomatteLines(cryptomattes: readonly SeenCryptomatteDescription[]): string[] {
  if (cryptomattes.length === 0) return ['  no Cryptomattes'];
  const rows = cryptomattes.map((one) => [listedName(one), verdict(one)]);
  return alignColumns([['Cryptomatte', 'works'], ...rows], '  ');
}

function listedName({ name, listed, key }: SeenCryptomatteDescription): string {
  const own = name ?? `key ${key}`;
  return listed === undefined || listed === name ? own : `${own} as ${listed}`;
}

function verdict({ works, listed, problem, rankLayers, notes }: SeenCryptomatteDescription): string {
  const layers = `${rankLayers} rank ${rankLayers === 1 ? 'layer' : 'layers'}`;
  const remarks = notes.map(({ text }) => `; ${text}`).join('');
  if (works) return `yes, ${layers}${remarks}`;
  const offered = listed === undefined ? 'no, and is not listed' : 'no';
  return `${offered}${problem ? `: ${problem.text}` : ''}${remarks}`;
}
