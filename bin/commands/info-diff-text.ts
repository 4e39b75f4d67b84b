/** What two files do not have alike, for people. */
import { groupBy, listed, printable } from '../../lib/format/index.js';
import type { FileDifference } from '../../lib/previews.js';
import { alignColumns } from '../terminal/table.js';
import type { HeaderDifference } from './info-diff-header.js';
import { byUsualOrder } from './info-text.js';

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly header: HeaderDifference;
  readonly pixels: FileDifference;
}

/** Channels that are listed one by one. */
const mostChannels = 60;

type Place = FileDifference['onlyA'][number];

/** Whether both show the same layers with the same pixels. */
export function isSame({ pixels: { different, moved, onlyA, onlyB } }: Comparison): boolean {
  return different.length + moved.length + onlyA.length + onlyB.length === 0;
}

/** Without a newline at its end. */
export function comparisonText(comparison: Comparison, tolerance: number): string {
  const { a, b, header, pixels } = comparison;
  const lines = [
    `A: ${a}`,
    `B: ${b}`,
    ...section(
      'header',
      header.storage.map((text) => `    ${text}`),
    ),
    ...section(
      'attributes',
      alignColumns(
        header.attributes.map(({ name, a: ofA, b: ofB }) => [
          name,
          ofA === undefined ? 'not in A' : `A: ${ofA}`,
          ofB === undefined ? 'not in B' : `B: ${ofB}`,
        ]),
        '    ',
      ),
    ),
    ...section('layers', layerLines(pixels)),
    ...section('pixels', pixelLines(pixels)),
    `  ${resultText(comparison, tolerance)}`,
  ];
  return lines.map(printable).join('\n');
}

/** What came out, as a sentence. */
export function resultText({ header, pixels }: Comparison, tolerance: number): string {
  const { same, identical, different, deep } = pixels;
  const close = same === identical ? 'bit for bit' : `within ${tolerance}`;
  const all = same + different.length;
  const compared = `${same} of ${all} channels that both have are the same, ${close}`;
  const notCompared = deep > 0 ? `; ${deep} channels of deep parts are not compared` : '';
  const alike = header.storage.length + header.attributes.length === 0 && isSame({ a: '', b: '', header, pixels });
  return `${compared}${notCompared}${alike && deep === 0 ? '; so are the headers' : ''}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines];
}

function layerLines({ moved, onlyA, onlyB }: FileDifference): string[] {
  const layers = groupBy(moved, (one) => JSON.stringify([layerText(one.a), layerText(one.b)]));
  const renamed = [...layers.values()].map((own) => {
    const [first] = own as [(typeof own)[0]];
    const guess = own.some(({ isGuess }) => isGuess) ? ' (a guess: several have these pixels)' : '';
    const [ofA, ofB] = [own.map((one) => one.a), own.map((one) => one.b)].map(componentsText);
    return `    ${layerText(first.a)} (${ofA}) has its pixels in ${layerText(first.b)} (${ofB}) of B${guess}`;
  });
  return [...renamed, ...onlyLines('A', onlyA), ...onlyLines('B', onlyB)];
}

function onlyLines(which: string, places: readonly Place[]): string[] {
  return [...groupBy(places, layerText)].map(
    ([layer, own]) => `    only in ${which}: ${layer} (${componentsText(own)})`,
  );
}

function layerText({ layer, view }: Place): string {
  const name = layer === '' ? 'the layer without a name' : listed([layer]);
  return view === '' ? name : `${name} of ${view}`;
}

function componentsText(places: readonly Place[]): string {
  return places
    .map(({ component }) => component)
    .sort(byUsualOrder)
    .join(' ');
}

function pixelLines({ different }: FileDifference): string[] {
  const rows = different
    .slice(0, mostChannels)
    .map(({ a, count, of, largest, first }) => [
      a.channel.name,
      String(count),
      `${((100 * count) / of).toFixed(2)} %`,
      short(largest),
      first ? `${first.x}, ${first.y}` : '',
      first ? short(first.a) : '',
      first ? short(first.b) : '',
    ]);
  if (rows.length === 0) return [];
  const more = different.length - rows.length;
  return [
    ...alignColumns([['channel', 'samples', 'share', 'largest', 'first at', 'in A', 'in B'], ...rows], '    '),
    ...(more > 0 ? [`    and ${more} more channels`] : []),
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
