import type { ExrDocument } from '../engine/document.js';
import type { Plan } from '../engine/plan.js';
import type { Unit } from '../engine/schedule.js';
import { blockLength } from '../format/block-length.js';
import { Geometry } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import type { SizedChunk } from './sink.js';

/**
 * The sizes of the chunks of some wanted parts, in the order they will be written, if all are known beforehand: chunks that
 * pass untouched, and chunks that are not compressed. Undefined if one is not known.
 */
export function knownSizes(
  parts: readonly number[],
  plan: Plan,
  document: ExrDocument,
  units: Iterable<Unit>,
): SizedChunk[] | undefined {
  const sizes: SizedChunk[] = [];
  const positions = new Map(parts.map((part, position) => [part, position]));
  const geometries = parts.map((part) => new Geometry((plan[part] as Plan[number]).wanted));
  for (const { sources, targets } of units)
    for (const { part, index } of targets) {
      const position = positions.get(part);
      if (position === undefined) continue;
      if (sizes.length > 0 && sizes.at(-1)?.size === undefined) return undefined;
      const { method, wanted } = plan[part] as Plan[number];
      const chunk = { part: position, index };
      if (method === 'forward') sizes.push({ chunk, size: document.source.space(sources[0] as ChunkRef) });
      else if (method === 'transcode' && wanted.compression === 'none')
        sizes.push({ chunk, size: blockLength(wanted.channels, (geometries[position] as Geometry).region(index)) });
      else return undefined;
    }
  return sizes;
}
