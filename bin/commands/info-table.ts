/** The header of a file as a table that fits a screen, for people. */

import { firstFew, printable } from '../../lib/format/index.js';
import {
  type CryptomatteDescription,
  type FileDescription,
  formatFrames,
  type PartDescription,
} from '../../lib/index.js';
import { alignColumns } from '../terminal/table.js';
import { sizeText } from '../terminal/units.js';
import { attributeLines } from './info-attributes.js';
import { type Column, table } from './info-columns.js';
import {
  codecText,
  collapsed,
  colourOf,
  isLayerName,
  layerRows,
  layersText,
  partsText,
  type Rows,
  withoutDuplicates,
} from './info-layers.js';
import { idManifestRows, shareText, stateLines, storageText, viewLayersLine, windowText } from './info-text.js';

/** The page, without a newline at its end. Names are cut where a line has no more than `width` letters. */
export function infoTable(file: string, description: FileDescription, width?: number): string {
  const { parts, views, bytes } = description;
  const [first] = parts;
  const facts = [
    ...(parts.length > 1 ? [`${parts.length} parts`] : []),
    ...common(parts, windowText),
    ...common(parts, storageText),
    ...(first && parts.length === 1 ? [codecText(first), colourOf(first)].filter((text) => text !== '') : []),
    ...(bytes === undefined ? [] : [sizeText(bytes)]),
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
    {
      title: 'share',
      text: ({ bytes }) => (bytes === undefined ? '' : shareText(bytes, size)),
      right: true,
      isShown: several && size > 0,
    },
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
