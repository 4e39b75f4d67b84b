import { codecOf } from '../codecs/table.js';
import type { ChunkReader } from '../engine/document.js';
import { blockLength } from '../format/block-length.js';
import { Geometry } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import { isExrError } from '../model/error.js';
import type { Header } from '../model/header.js';

/**
 * The chunks of a file that are as long as their samples and yet packed. Reads those chunks of which the length says that they
 * are stored as they are, of codecs that know the fault.
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
    // Where chunks lie apart, the space is more than the chunk; that it is less cannot be.
    if ((source.space(chunk) ?? 0) < length || length === 0) continue;
    try {
      const payload = await source.read(chunk);
      if (payload.length === length && isPacked(payload)) found.push(chunk);
    } catch (error) {
      // What cannot be read is for others to say.
      if (!isExrError(error) || error.kind === 'io') throw error;
    }
  }
  return found;
}
