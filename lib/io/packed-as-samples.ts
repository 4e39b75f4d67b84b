import { codecOf } from '../codecs/table.js';
import type { ChunkReader } from '../engine/document.js';
import { blockLength } from '../format/block-length.js';
import { Geometry } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import { isExrError } from '../model/error.js';
import type { Header } from '../model/header.js';

/**
 * The chunks of a file that are as long as their samples and yet packed. Reads the chunks whose length marks them as stored
 * raw, for codecs with this fault.
 */
export async function findPackedAsSamples(header: Header, source: ChunkReader): Promise<ChunkRef[]> {
  const known = header.parts.map((part) => ({
    channels: part.channels,
    isPacked: codecOf(part.compression).isPackedAfterAll,
    geometry: new Geometry(part),
  }));
  const found: ChunkRef[] = [];
  for (const chunk of source.order) {
    const { channels, isPacked, geometry } = known[chunk.part] as (typeof known)[number];
    if (!isPacked) continue;
    const length = blockLength(channels, geometry.region(chunk.index));
    // Where there are gaps, the space is larger than the chunk; it cannot be smaller.
    if ((source.space(chunk) ?? 0) < length || length === 0) continue;
    try {
      const payload = await source.read(chunk);
      if (payload.length === length && isPacked(payload)) found.push(chunk);
    } catch (error) {
      // Unreadable chunks are reported elsewhere.
      if (!isExrError(error) || error.kind === 'io') throw error;
    }
  }
  return found;
}
