/** All of a file's header, for people: what `info --verbose` prints. */

import {
  type AttributeValue,
  emptyChunksText,
  firstFew,
  printable,
  tableText,
  unfinishedText,
} from '../../lib/format/index.js';
import type {
  AttributeDescription,
  Box,
  CryptomatteDescription,
  FileDescription,
  LayerDescription,
  PartDescription,
} from '../../lib/index.js';
import { parseSetAttribute } from '../../lib/layers/index.js';
import { alignColumns } from '../terminal/table.js';
import { sizeText as bytesText } from '../terminal/units.js';

/** Longer values are cut. */
const maxValue = 72;

const storage = {
  scanlineimage: 'scan lines',
  tiledimage: 'tiles',
  deepscanline: 'deep scan lines',
  deeptile: 'deep tiles',
} as const;

/** The page, without a newline at its end. Names from the file cannot drive the terminal. */
export function infoText(file: string, description: FileDescription): string {
  const { parts, cryptomattes, cryptomattesWithoutMetadata, bytes } = description;
  const keys = new Set(cryptomattes.map(({ key }) => key));
  const several = parts.length > 1;
  const lines = [
    `${file}${several ? `: ${parts.length} parts` : ''}`,
    ...stateLines(description),
    ...viewLayersLine(description),
    ...parts.flatMap((part) => partLines(part, parts[0], keys, bytes)),
    ...section('Cryptomattes', [
      ...(cryptomattes.length > 0 ? cryptomatteRows(cryptomattes, several) : []),
      ...cryptomattesWithoutMetadata.map((name) => [name, '-', '', '', 'no metadata']),
    ]),
    ...section('ID manifests', idManifestRows(description)),
  ];
  return lines.map(printable).join('\n');
}

export function idManifestRows({ idManifests }: FileDescription): string[][] {
  return idManifests.map(({ part, attribute, bytes }) => [attribute, `part ${part}`, `${bytes} bytes`]);
}

/** What the file lacks, a line each. */
export function stateLines({ parts, offsetTable, unfinished = [], emptyChunks }: FileDescription): string[] {
  const shown = unfinished.map((one) => unfinishedText(parts, one));
  return [
    ...(shown.length === 0 ? [] : [`  unfinished: ${firstFew(shown, '; ')}`]),
    // Of an unfinished file nobody expects a table.
    ...(offsetTable === undefined || shown.length > 0 ? [] : [`  warning: ${tableText(offsetTable)}`]),
    ...(emptyChunks === undefined ? [] : [`  warning: ${emptyChunksText(emptyChunks)}`]),
  ];
}

/** The view layers in a line, or no line. */
export function viewLayersLine({ viewLayers, parts }: FileDescription): string[] {
  if (viewLayers.length === 0) return [];
  const shown = viewLayers.map((name) => (isCompositor(name, parts) ? `${name} (the compositor's result)` : name));
  return [`  View layers: ${shown.join(', ')}`];
}

/** Blender writes what its compositor made as the pass Combined of a view layer that no scene has, without statistics. */
function isCompositor(name: string, parts: readonly PartDescription[]): boolean {
  if (name !== 'Composite') return false;
  const layers = parts.flatMap((part) => part.layers.filter(({ viewLayer }) => viewLayer === name));
  const isRendered = parts.some(({ attributes }) => attributes.some((one) => one.name.startsWith(`cycles.${name}.`)));
  return layers.every(({ layer }) => layer === `${name}.Combined`) && !isRendered;
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [`  ${title}`, ...alignColumns(rows, '    ')];
}

/**
 * Attributes of Cryptomattes that are listed by themselves (by their keys) need not be shown again, nor those that say
 * the same as the first part's.
 */
function partLines(
  part: PartDescription,
  first: PartDescription | undefined,
  keys: ReadonlySet<string>,
  fileBytes: number | undefined,
): string[] {
  const { name, compression, lineOrder, layers, attributes, bytes } = part;
  const known = new Set(part === first ? [] : first?.attributes.map((attribute) => JSON.stringify(attribute)));
  const shown = attributes.filter(
    (attribute) => !keys.has(parseSetAttribute(attribute.name)?.key ?? '') && !known.has(JSON.stringify(attribute)),
  );
  const title = name === undefined ? `Part ${part.part}` : `Part ${part.part} "${name}"`;
  const facts = [
    windowText(part),
    storageText(part),
    compression === 'none' ? 'no compression' : compression,
    ...(lineOrder === 'increasing' ? [] : [`lines ${lineOrder}`]),
    ...(bytes === undefined || !fileBytes ? [] : [`${bytesText(bytes)} (${shareText(bytes, fileBytes)} of the file)`]),
  ];
  return [
    `  ${title}: ${facts.join(', ')}`,
    ...section('Layers', layers.map(layerRow)),
    ...section(known.size === 0 ? 'Attributes' : 'Attributes unlike part 0', shown.map(attributeRow)),
  ];
}

export function storageText({ type, tiles }: PartDescription): string {
  if (!tiles) return storage[type];
  return `${storage[type]} of ${tiles.width} x ${tiles.height}${tiles.levels === 'one' ? '' : `, ${tiles.levels}`}`;
}

/** `1920 x 1080`, and where the data is when it is not exactly the image. */
export function windowText({ dataWindow, displayWindow }: PartDescription): string {
  const display = `${sizeText(displayWindow)}${atText(displayWindow)}`;
  const same = (['xMin', 'yMin', 'xMax', 'yMax'] as const).every((side) => dataWindow[side] === displayWindow[side]);
  return same ? display : `${display} with data ${sizeText(dataWindow)} at ${dataWindow.xMin}, ${dataWindow.yMin}`;
}

/** How much of a file something takes. */
export function shareText(bytes: number, size: number): string {
  const share = (100 * bytes) / size;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)} %`;
}

function sizeText({ xMin, yMin, xMax, yMax }: Box): string {
  return `${xMax - xMin + 1} x ${yMax - yMin + 1}`;
}

function atText({ xMin, yMin }: Box): string {
  return xMin === 0 && yMin === 0 ? '' : ` at ${xMin}, ${yMin}`;
}

/** People expect colours as R G B A; files sort them. */
const usualOrder = [
  'R',
  'G',
  'B',
  'A',
  'r',
  'g',
  'b',
  'a',
  'red',
  'green',
  'blue',
  'alpha',
  'X',
  'Y',
  'Z',
  'W',
  'x',
  'y',
  'z',
  'w',
];

export function byUsualOrder(a: string, b: string): number {
  return usualOrder.indexOf(a) - usualOrder.indexOf(b);
}

/** Letters of a cell with components: some programs have hundreds of channels in one layer, or in none. */
const componentLetters = 36;

/** Components in a cell, as many as there is room for. */
export function componentsText(components: readonly string[]): string {
  let letters = 0;
  let fitting = 0;
  for (const component of components) {
    letters += component.length + 1;
    if (letters > componentLetters + 1) break;
    fitting += 1;
  }
  return firstFew(components, ' ', fitting === components.length ? fitting : Math.max(1, fitting - 1));
}

/** The size is that before packing: the channels of a part are packed together, so no layer has a share of the file of its own. */
function layerRow({ name, channels, unpackedBytes }: LayerDescription): string[] {
  const types = [...new Set(channels.map(({ type }) => type))];
  const sorted = channels.toSorted((a, b) => byUsualOrder(a.component, b.component));
  const components = sorted.map(({ component, type, xSampling, ySampling }) =>
    [
      component,
      ...(types.length > 1 ? [`(${type})`] : []),
      ...(xSampling === 1 && ySampling === 1 ? [] : [`1/${xSampling}x${ySampling}`]),
    ].join(''),
  );
  return [
    name === '' ? '(no layer)' : name,
    types.length > 1 ? 'mixed' : (types[0] ?? ''),
    components.join(' '),
    unpackedBytes === undefined ? '' : `${bytesText(unpackedBytes)} unpacked`,
  ];
}

function attributeRow({ name, type, bytes, value }: AttributeDescription): string[] {
  return [name, type, value === undefined ? `(${bytes} bytes)` : shorten(valueText(value))];
}

export function valueText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  // Nine digits tell all 32-bit floats apart, and no double's tail of noise is shown.
  if (typeof value === 'number') return String(Number(value.toPrecision(9)));
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return Object.entries(value)
    .map(([field, member]) => `${field} ${valueText(member)}`)
    .join(', ');
}

function shorten(text: string): string {
  const letters = [...text];
  return letters.length <= maxValue ? text : `${letters.slice(0, maxValue - 1).join('')}…`;
}

function cryptomatteRows(sets: readonly CryptomatteDescription[], several: boolean): string[][] {
  return [['name', 'key', 'ranks', 'names', 'manifest'], ...sets.map((set) => cryptomatteRow(set, several))];
}

function cryptomatteRow(set: CryptomatteDescription, several: boolean): string[] {
  const { name, key, ranks, layers, names, manifest, manifestFile, problems = [], parts } = set;
  const remarks = [
    manifestFile === undefined ? manifest : `sidecar ${manifestFile}`,
    ...(layers.length === 0 ? ['no channels'] : []),
    ...(several ? [`part ${parts.join(', ')}`] : []),
    ...problems,
  ];
  return [name ?? '(no name)', key, String(ranks), names === undefined ? '-' : String(names), remarks.join(', ')];
}
