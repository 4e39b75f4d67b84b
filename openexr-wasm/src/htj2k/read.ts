// From a chunk to its codestream's headers.
import { type ChunkHeader, readChunkHeader } from './chunk-header.js';
import type { Codestream } from './codestream.js';
import { readMainHeader } from './main-header.js';
import { readTileParts } from './tile-parts.js';

export interface ReadOptions {
  /** Only the first bytes of the chunk are available, with some resolutions; see readPackets. */
  readonly isPrefix?: boolean;
}

export interface HtChunk {
  readonly header: ChunkHeader;
  readonly codestream: Codestream;
}

/**
 * Reads the headers of a chunk that is not stored raw, of a part with `channels` channels. Whether they match the
 * chunk's layout is checked by checkLayout.
 * @throws CodecError when they are damaged, or of a kind that is not supported.
 */
export function readChunk(packed: Uint8Array, channels: number, { isPrefix = false }: ReadOptions = {}): HtChunk {
  const header = readChunkHeader(packed, channels);
  const { end, tilePartLengths: _, ...main } = readMainHeader(packed, header.size);
  const codestream = { ...main, bytes: packed, ...readTileParts(packed, end, isPrefix) };
  return { header, codestream };
}

/**
 * How many bytes of a chunk hold its first resolutions, according to the lengths of tile-parts (TLM) in its first
 * bytes: undefined when they are absent, and for chunks whose tile-parts are not one for each resolution.
 * @throws CodecError when the bytes are damaged, or end in the headers.
 */
export function prefixLength(packed: Uint8Array, channels: number, resolutions: number): number | undefined {
  const { size } = readChunkHeader(packed, channels);
  const { end, tilePartLengths, progression, components } = readMainHeader(packed, size);
  const levels = Math.max(...components.map(({ coding }) => coding.levels));
  if (progression !== 'RPCL' || tilePartLengths.length !== levels + 1) return undefined;
  return tilePartLengths.slice(0, resolutions).reduce((sum, length) => sum + length, end);
}
