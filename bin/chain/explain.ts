/** Plans for people. */

import { firstFew, printable } from '../../lib/format/index.js';
import {
  type Channel,
  type ExrDocument,
  formatFrames,
  type Header,
  type Plan,
  type PlanMethod,
  sourcePlanes,
} from '../../lib/index.js';
import { type CryptomatteSet, headerSets } from '../../lib/layers/index.js';
import { placeSideFiles, type Route } from '../../lib/program.js';
import { alignColumns } from '../terminal/table.js';

const methods: Readonly<Record<PlanMethod, string>> = {
  forward: 'chunks pass untouched',
  splice: 'channels are moved without being decoded',
  transcode: 'pixels are decoded and encoded',
  repack: 'deep pixels are unpacked and packed',
  piece: 'channels are assembled from several windows',
};

/** One line for each wanted part: what happens to its pixels, and why. */
export function planLines(plan: Plan): string[] {
  return plan.map(({ wanted, method, reason, sources }, number) => {
    const name = wanted.name === undefined ? '' : ` "${wanted.name}"`;
    const from = sources.length === 0 ? '' : ` from part ${numbers(sources)}`;
    return printable(`plan: part ${number}${name}${from}: ${method}, ${methods[method]}: ${reason}`);
  });
}

/** `0-7, 9, 12-14`, and how many more there are. */
function numbers(parts: readonly number[]): string {
  return firstFew(formatFrames(parts).split(','));
}

/** One line for each file that would be written. */
export function routeLines(routes: readonly Route[]): string[] {
  const images = routes.map(({ path, parts }) => {
    const which = parts.length === 1 ? `part ${parts[0]}` : `parts ${numbers(parts)}`;
    return `plan: ${which} to ${path ?? 'stdout'}`;
  });
  const sideFiles = [...placeSideFiles(routes).keys()].map((path) => `plan: a manifest to ${path}`);
  return [...images, ...sideFiles].map(printable);
}

/** The table of names that differ from those that arrived: Cryptomattes, then channels, each old name with its new one. */
export function renamingLines({ header, arrived }: Pick<ExrDocument, 'header' | 'arrived'>): string[] {
  const rows = [...renamedSets(header, arrived), ...renamedChannels(header, arrived)];
  return alignColumns(rows.map((row) => row.map(printable))).map((line) => `plan: ${line}`);
}

function renamedChannels(header: Header, arrived: Header): string[][] {
  return header.parts.flatMap(({ channels }) =>
    channels.flatMap((channel) => {
      const [plane, ...others] = sourcePlanes(channel);
      // What is computed from several channels is no channel with a new name.
      const old = plane && others.length === 0 ? arrived.parts[plane.part]?.channels[plane.index]?.name : undefined;
      return old === undefined || old === channel.name ? [] : [['channel', old, '->', channel.name]];
    }),
  );
}

/** Cryptomattes are told apart by their channels: names and keys may both have changed. */
function renamedSets(header: Header, arrived: Header): string[][] {
  const old = new Map(headerSets(arrived).flatMap((set) => rankChannelsOf(set).map((channel) => [channel, set.name])));
  return headerSets(header).flatMap((set) => {
    const [channel] = rankChannelsOf(set);
    const [plane] = channel ? sourcePlanes(channel) : [];
    const source = plane && arrived.parts[plane.part]?.channels[plane.index];
    const before = source && old.get(source);
    const { name } = set;
    return before === undefined || name === undefined || before === name ? [] : [['Cryptomatte', before, '->', name]];
  });
}

function rankChannelsOf({ layers }: CryptomatteSet): Channel[] {
  return layers.flatMap(({ channels }) => channels);
}
