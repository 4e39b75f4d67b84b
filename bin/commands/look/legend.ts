/** A preview of IDs with a legend under it. */

import { bitsToHex } from '../../../lib/cryptomatte/index.js';
import { ExrError, type Header, readSidecar } from '../../../lib/index.js';
import { headerSets } from '../../../lib/layers/index.js';
import type { Preview } from '../../../lib/look.js';
import { drawLegend, type LegendEntry, namesById, namesOfSet } from '../../../lib/previews.js';

/** Names beyond these are only counted: an image has no room for a hundred thousand. */
const mostNames = 400;

/** Pixels of width in which most names can be read; smaller images are set in the middle. */
const leastColumns = 320;

/** The image is drawn twice: once to see which IDs there are. Throws `usage` for what has no IDs. */
export async function withLegend(preview: Preview, header: Header, input: string): Promise<Preview> {
  const { look, columns, rows, channels } = preview;
  if ((look.kind !== 'ids' && look.kind !== 'numbers') || channels !== 3)
    throw new ExrError('usage', 'NO_LEGEND', `"${look.layer}" has no IDs to list`, {
      hint: 'Name a Cryptomatte with --layer; --background none leaves no room for a legend.',
    });
  const legend = drawLegend(await entriesOf(preview, header, input), Math.max(columns, leastColumns));
  const left = Math.floor((legend.width - columns) / 2) * channels;
  return {
    ...preview,
    columns: legend.width,
    rows: rows + legend.height,
    async *lines(onIds) {
      const row = new Uint8Array(legend.width * channels);
      for await (const line of preview.lines(onIds)) {
        row.set(line, left);
        yield row;
      }
      for (let line = 0; line < legend.height; line++) yield legend.line(line);
    },
  };
}

async function entriesOf({ look, lines }: Preview, header: Header, input: string): Promise<LegendEntry[]> {
  const counts = new Map<number, number>();
  const count = (ids: Uint32Array): void => {
    for (const id of ids) if (id !== 0) counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  for await (const _ of lines(count)) if (counts.size > 1 << 20) break;
  const names = await namesOf(look.layer, header, input);
  const sorted = [...counts].sort(([a, most], [b, least]) => least - most || a - b).map(([id]) => id);
  const label = (id: number) => names.get(id) ?? (look.kind === 'numbers' ? String(id) : `no name: ${bitsToHex(id)}`);
  const shown = sorted.slice(0, mostNames).map((id) => ({ id, label: label(id) }));
  const left = sorted.length - shown.length;
  return left > 0 ? [...shown, { id: 0, label: `and ${left} more` }] : shown;
}

async function namesOf(layer: string, header: Header, input: string): Promise<ReadonlyMap<number, string>> {
  const set = headerSets(header).find(({ name }) => name === layer);
  return set ? namesById(await namesOfSet(set, (name) => readSidecar(input, name))) : new Map();
}
