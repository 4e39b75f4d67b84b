/** The layers of a file as rows of a table. Layers that differ only by view or by rank share a row. */

import type { ChannelDescription, FileDescription, LayerDescription, PartDescription } from '../../lib/index.js';
import { byUsualOrder, componentsText, storageText, windowText } from './info-text.js';

/** A layer of a part. Empty cells repeat the row above, which is of the same part. */
export interface Row {
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
export interface ViewRow extends Row {
  /** Number of the last part. */
  readonly lastPart: number | undefined;
}

/** Rows that differ only by the numbers at their layers' ends, as ranks do. */
export interface Rows {
  readonly first: ViewRow;
  readonly last: ViewRow;
  readonly bytes: number | undefined;
}

export function layerRows({ parts }: FileDescription): Row[] {
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

/** Whether a part's name adds nothing to its only layer and view. */
export function isLayerName({ name, layers }: PartDescription): boolean {
  const [only, ...others] = layers as readonly [LayerDescription?, ...LayerDescription[]];
  if (!only || others.length > 0) return false;
  return name === only.layer || ['-', '.', '_'].some((mark) => name === `${only.layer}${mark}${only.view}`);
}

/** A layer that neighbours hold for several views is one row. */
export function withoutDuplicates(rows: readonly Row[]): ViewRow[] {
  const found: ViewRow[] = [];
  for (const row of rows) {
    const before = found.at(-1);
    const isTwin =
      before && before.layer === row.layer && row.view !== '' && isNext(before, row) && tellsTheSame(before, row);
    if (isTwin) {
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
export function collapsed(rows: readonly ViewRow[]): Rows[] {
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
  // Within a part all but the first row do not repeat the part's own facts.
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

export function layersText({ first, last }: Rows): string {
  if (first === last) return first.layer;
  const { digits = 0 } = numbered(last.layer) ?? {};
  return `${first.layer}-${last.layer.slice(-digits)}`;
}

export function partsText({ first, last }: Rows): string {
  if (first.part === undefined) return '';
  const end = last.lastPart ?? first.part;
  return end === first.part ? String(first.part) : `${first.part}-${end}`;
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

export function codecText({ compression }: PartDescription): string {
  return compression === 'none' ? 'uncompressed' : compression;
}

export function colourOf({ attributes }: PartDescription): string {
  const value = attributes.find(({ name }) => name === 'colorInteropID')?.value;
  return typeof value === 'string' ? value : '';
}
