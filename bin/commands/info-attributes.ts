/** The most useful attributes of part 0. */

import { displayWidth, printable, startWithin } from '../../lib/format/index.js';
import type { AttributeDescription, FileDescription } from '../../lib/index.js';
import { parseSetAttribute } from '../../lib/layers/index.js';
import { alignColumns } from '../terminal/table.js';
import { valueText } from './info-text.js';

/** Attributes that are shown. The others are counted. */
const mostAttributes = 12;

/** Letters of an attribute's value where the terminal does not report its width. */
const valueLetters = 60;

/** What a frame is, where and when it comes from: these come first. */
const telling = [
  'Software',
  'software',
  'Scene',
  'Camera',
  'Frame',
  'timeCode',
  'framesPerSecond',
  'Date',
  'capDate',
  'RenderTime',
  'File',
  'owner',
  'comments',
  'chromaticities',
  'exrpipe/pipeline',
];

/** What nearly every file has with the same value, and statistics of the renderer. */
const usual: readonly RegExp[] = [
  /^cycles\./,
  /^screenWindow/,
  /^BlenderMultiChannel$/,
  /^[xy]Density$/,
  /^colorInteropID$/,
];

/** The most useful attributes of part 0. */
export function attributeLines({ parts, cryptomattes }: FileDescription, width: number | undefined): string[] {
  const keys = new Set(cryptomattes.map(({ key }) => key));
  const own = (parts[0]?.attributes ?? []).filter(({ name }) => !keys.has(parseSetAttribute(name)?.key ?? ''));
  const shown = own
    .filter((attribute) => !isUsual(attribute))
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .slice(0, mostAttributes);
  if (own.length === 0) return [];
  const rest = own.length - shown.length;
  const space =
    (width ?? valueLetters + 100) - 6 - Math.max(0, ...shown.map(({ name }) => displayWidth(printable(name))));
  const rows = shown.map(({ name, bytes, value }) => [
    name,
    value === undefined ? `(${bytes} bytes)` : cutAtEnd(valueText(value), Math.max(20, Math.min(valueLetters, space))),
  ]);
  const title =
    rest === 0 ? 'attribute' : `attribute (${shown.length} of ${own.length} are shown; --verbose shows all)`;
  return [`  ${title}`, ...alignColumns(rows, '  ')];
}

function isUsual({ name, value }: AttributeDescription): boolean {
  // Blender's words for what it does not know.
  const isEmpty = value === '' || value === '<none>' || value === '<untitled>';
  return isEmpty || usual.some((pattern) => pattern.test(name)) || (name === 'pixelAspectRatio' && value === 1);
}

function rankOf({ name }: AttributeDescription): number {
  const rank = telling.indexOf(name);
  return rank < 0 ? telling.length : rank;
}

function cutAtEnd(text: string, most: number): string {
  const shown = printable(text);
  return displayWidth(shown) <= most ? shown : `${startWithin(shown, most - 1)}…`;
}
