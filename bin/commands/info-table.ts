/** The header of a file as a table that fits a screen, for people. */

import type {
  AttributeDescription,
  ChannelDescription,
  CryptomatteDescription,
  FileDescription,
  LayerDescription,
  PartDescription,
} from '../../lib/cryptomatte/describe.js';
import { parseSetAttribute } from '../../lib/layers/set-attributes.js';
import { printable } from '../../lib/model/error.js';
import { firstFew } from '../../lib/model/listed.js';
import { displayWidth, startWithin } from '../../lib/model/width.js';
import { formatFrames } from '../../lib/sequence/frames.js';
import { alignColumns, fitColumns } from '../terminal/table.js';
import {
  byUsualOrder,
  componentsText,
  idManifestRows,
  stateLines,
  storageText,
  valueText,
  viewLayersLine,
  windowText,
} from './info-text.js';

/** Attributes that are shown. The others are counted. */
const mostAttributes = 12;

/** Letters of an attribute's value where the terminal does not say how many fit. */
const valueLetters = 60;

/** The page, without a newline at its end. Names are cut where a line has no more than `width` letters. */
export function infoTable(file: string, description: FileDescription, width?: number): string {
  const { parts, views } = description;
  const [first] = parts;
  const facts = [
    ...(parts.length > 1 ? [`${parts.length} parts`] : []),
    ...common(parts, windowText),
    ...common(parts, storageText),
    ...(first && parts.length === 1 ? [codecText(first), colourOf(first)].filter((text) => text !== '') : []),
  ];
  const lines = [
    `${file}: ${facts.join(', ')}`,
    ...stateLines(description),
    ...viewLayersLine(description),
    ...(views.length === 0 ? [] : [`  Views: ${views.join(', ')}`]),
    ...table(partColumns(description), collapsed(withoutDuplicates(layerRows(description))), width),
    ...cryptomatteTable(description, width),
    ...section('ID manifests', alignColumns(idManifestRows(description), '    ')),
    ...attributeLines(description, width),
  ];
  return lines.map(printable).join('\n');
}

/** What all parts have alike, or nothing. */
function common(parts: readonly PartDescription[], textOf: (part: PartDescription) => string): string[] {
  const [text, other] = new Set(parts.map(textOf));
  return text === undefined || other !== undefined ? [] : [text];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines];
}

/** A layer of a part. Empty cells say the same as the row above, which is of the same part. */
interface Row {
  /** Number of the part; undefined where the row above has it. */
  readonly part: number | undefined;
  /** Its name; undefined where it is the layer's. */
  readonly name: string | undefined;
  readonly layer: string;
  readonly view: string;
  readonly channels: string;
  readonly type: string;
  readonly codec: string;
  readonly bytes: number | undefined;
  readonly colour: string;
  readonly window: string;
  readonly storage: string;
}

/** A row for all views of a layer. */
interface ViewRow extends Row {
  /** Number of the last part. */
  readonly lastPart: number | undefined;
}

/** Rows that differ only by the numbers at their layers' ends, as ranks do. */
interface Rows {
  readonly first: ViewRow;
  readonly last: ViewRow;
  readonly bytes: number | undefined;
}

interface Column<Item> {
  readonly title: string;
  readonly text: (item: Item) => string;
  readonly cuttable?: boolean;
  /** Set to the right, as numbers are. */
  readonly right?: boolean;
}

function layerRows({ parts }: FileDescription): Row[] {
  return parts.flatMap((part) => {
    const name = isLayerName(part) ? undefined : (part.name ?? '');
    const layers = part.layers.length > 0 ? part.layers : [undefined];
    return layers.map((layer, number): Row => {
      const own = {
        layer: layer === undefined ? '(no channels)' : layer.layer || '(no layer)',
        view: layer?.view ?? '',
        channels: layer === undefined ? '' : channelsText(layer.channels),
        type: layer === undefined ? '' : typesText(layer.channels),
      };
      return number === 0
        ? {
            ...own,
            part: part.part,
            name,
            codec: codecText(part),
            bytes: part.bytes,
            colour: colourOf(part),
            window: windowText(part),
            storage: storageText(part),
          }
        : { ...own, part: undefined, name: '', codec: '', bytes: undefined, colour: '', window: '', storage: '' };
    });
  });
}

/** Whether a part's name says nothing that its only layer and view do not say. */
function isLayerName({ name, layers }: PartDescription): boolean {
  const [only, ...others] = layers as readonly [LayerDescription?, ...LayerDescription[]];
  if (!only || others.length > 0) return false;
  return name === only.layer || ['-', '.', '_'].some((mark) => name === `${only.layer}${mark}${only.view}`);
}

function partColumns({ parts, views, bytes: size = 0 }: FileDescription): Column<Rows>[] {
  const several = parts.length > 1;
  const differ = (textOf: (part: PartDescription) => string): boolean => several && common(parts, textOf).length === 0;
  const columns: (Column<Rows> & { readonly isShown: boolean })[] = [
    { title: 'part', text: partsText, isShown: several },
    {
      title: 'name',
      text: (rows) => rows.first.name ?? layersText(rows),
      cuttable: true,
      isShown: several && parts.some((part) => part.name !== undefined && !isLayerName(part)),
    },
    { title: 'layer', text: layersText, cuttable: true, isShown: true },
    { title: 'view', text: ({ first }) => first.view, isShown: views.length > 0 },
    { title: 'channels', text: ({ first }) => first.channels, isShown: true },
    { title: 'type', text: ({ first }) => first.type, isShown: true },
    { title: 'codec', text: ({ first }) => first.codec, isShown: several },
    { title: 'share', text: ({ bytes }) => shareText(bytes, size), right: true, isShown: several && size > 0 },
    {
      title: 'colour',
      text: ({ first }) => first.colour,
      isShown: several && parts.some((part) => colourOf(part) !== ''),
    },
    { title: 'window', text: ({ first }) => first.window, isShown: differ(windowText) },
    { title: 'storage', text: ({ first }) => first.storage, isShown: differ(storageText) },
  ];
  return columns.filter(({ isShown }) => isShown);
}

function table<Item>(columns: readonly Column<Item>[], items: readonly Item[], width: number | undefined): string[] {
  const cells = columns.map(({ title, text, right }) => {
    const own = [title, ...items.map(text)];
    const widest = Math.max(...own.map(displayWidth));
    return right ? own.map((cell) => ' '.repeat(widest - displayWidth(cell)) + cell) : own;
  });
  const rows = ['title', ...items].map((_, row) => cells.map((own) => own[row] ?? ''));
  const cuttable = columns.flatMap((column, number) => (column.cuttable ? [number] : []));
  const indent = '  ';
  const fitted = width === undefined ? rows : fitColumns(rows, cuttable, width - indent.length);
  return alignColumns(fitted, indent);
}

/** A layer that neighbours hold for several views is one row. */
function withoutDuplicates(rows: readonly Row[]): ViewRow[] {
  const found: ViewRow[] = [];
  for (const row of rows) {
    const before = found.at(-1);
    const isDuplicate =
      before && before.layer === row.layer && row.view !== '' && isNext(before, row) && tellsTheSame(before, row);
    if (isDuplicate) {
      const bytes = added(before.bytes, row.bytes);
      found[found.length - 1] = {
        ...before,
        view: `${before.view} ${row.view}`,
        bytes,
        lastPart: row.part ?? before.lastPart,
      };
    } else found.push({ ...row, lastPart: row.part });
  }
  return found;
}

/** Neighbours that tell the same of layers numbered one after the other are one row: `CryptoObject00-02`. */
function collapsed(rows: readonly ViewRow[]): Rows[] {
  const found: Rows[] = [];
  for (const row of rows) {
    const before = found.at(-1);
    if (before && isNextRank(before.last, row))
      found[found.length - 1] = { first: before.first, last: row, bytes: added(before.bytes, row.bytes) };
    else found.push({ first: row, last: row, bytes: row.bytes });
  }
  return found;
}

function isNextRank(before: ViewRow, row: ViewRow): boolean {
  const [one, other] = [numbered(before.layer), numbered(row.layer)];
  if (!one || !other || one.stem !== other.stem || one.digits !== other.digits) return false;
  return (
    one.number + 1 === other.number && before.view === row.view && isNext(before, row) && tellsTheSame(before, row)
  );
}

/** Whether a row is of the same part as the one before, or of the next one. */
function isNext(before: ViewRow, row: Row): boolean {
  return row.part === undefined || row.part === (before.lastPart ?? Number.NaN) + 1;
}

function tellsTheSame(before: Row, row: Row): boolean {
  if (before.channels !== row.channels || before.type !== row.type) return false;
  // Within a part all but the first row are without what is said of the part.
  if (row.part === undefined) return true;
  if (before.name !== undefined || row.name !== undefined) return false;
  return (['codec', 'colour', 'window', 'storage'] as const).every((column) => before[column] === row[column]);
}

function added(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one : one + other;
}

function numbered(layer: string): { stem: string; number: number; digits: number } | undefined {
  const [, stem, digits] = /^(.+?)(\d{2,9})$/s.exec(layer) ?? [];
  return stem === undefined || digits === undefined
    ? undefined
    : { stem, number: Number(digits), digits: digits.length };
}

function layersText({ first, last }: Rows): string {
  if (first === last) return first.layer;
  const { digits = 0 } = numbered(last.layer) ?? {};
  return `${first.layer}-${last.layer.slice(-digits)}`;
}

function partsText({ first, last }: Rows): string {
  if (first.part === undefined) return '';
  const end = last.lastPart ?? first.part;
  return end === first.part ? String(first.part) : `${first.part}-${end}`;
}

function shareText(bytes: number | undefined, size: number): string {
  if (bytes === undefined) return '';
  const share = (100 * bytes) / size;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)} %`;
}

function channelsText(channels: readonly ChannelDescription[]): string {
  const shown = channels.toSorted((a, b) => byUsualOrder(a.component, b.component));
  return componentsText(
    shown.map(({ component, xSampling, ySampling }) =>
      xSampling === 1 && ySampling === 1 ? component : `${component}1/${xSampling}x${ySampling}`,
    ),
  );
}

function typesText(channels: readonly ChannelDescription[]): string {
  const types = new Set(channels.map(({ type }) => type));
  return (['half', 'float', 'uint'] as const).filter((type) => types.has(type)).join('+');
}

function codecText({ compression }: PartDescription): string {
  return compression === 'none' ? 'uncompressed' : compression;
}

function colourOf({ attributes }: PartDescription): string {
  const value = attributes.find(({ name }) => name === 'colorInteropID')?.value;
  return typeof value === 'string' ? value : '';
}

function cryptomatteTable(description: FileDescription, width: number | undefined): string[] {
  const { cryptomattes, cryptomattesWithoutMetadata, parts } = description;
  const lost = cryptomattesWithoutMetadata.map((name): Shown => ({ name, lost: true }));
  const shown: readonly Shown[] = [...cryptomattes, ...lost];
  if (shown.length === 0) return [];
  const several = parts.length > 1;
  const columns: (Column<Shown> & { readonly isShown: boolean })[] = [
    { title: 'Cryptomatte', text: ({ name }) => name ?? '(no name)', cuttable: true, isShown: true },
    { title: 'ranks', text: (set) => ('lost' in set ? '-' : String(set.ranks)), isShown: true },
    { title: 'names', text: (set) => ('lost' in set ? '-' : String(set.names ?? '-')), isShown: true },
    { title: 'parts', text: (set) => ('lost' in set ? '' : partNumbers(set.layerParts)), isShown: several },
    {
      title: 'views',
      text: (set) => ('lost' in set ? '' : (set.views ?? []).join(' ')),
      isShown: cryptomattes.some(({ views }) => views !== undefined),
    },
    {
      title: 'metadata',
      text: (set) => ('lost' in set ? 'none' : metadataText(set, several)),
      isShown: true,
    },
  ];
  return table(
    columns.filter(({ isShown }) => isShown),
    shown,
    width,
  );
}

type Shown = CryptomatteDescription | { readonly name: string; readonly lost: true };

/** `0-7, 9`, and how many more there are. */
function partNumbers(parts: readonly number[]): string {
  return firstFew(formatFrames(parts).split(','));
}

function metadataText(
  { manifest, manifestFile, layers, parts, problems = [] }: CryptomatteDescription,
  several: boolean,
): string {
  return [
    ...(several ? [`part ${partNumbers(parts)}`] : []),
    ...(manifestFile !== undefined
      ? [`sidecar ${manifestFile}`]
      : several && manifest === 'embedded'
        ? []
        : [manifest]),
    ...(layers.length === 0 ? ['no channels'] : []),
    ...(problems.length > 0 ? [firstFew(problems)] : []),
  ].join(', ');
}

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

/** What nearly every file says in the same way, and statistics of the renderer. */
const usual: readonly RegExp[] = [
  /^cycles\./,
  /^screenWindow/,
  /^BlenderMultiChannel$/,
  /^[xy]Density$/,
  /^colorInteropID$/,
];

/** The attributes of part 0 that tell most. */
function attributeLines({ parts, cryptomattes }: FileDescription, width: number | undefined): string[] {
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
