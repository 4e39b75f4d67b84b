// The header that OpenEXR puts in front of the codestream in chunks of HTJ2K and LJ2K (internal_ht_common.cpp):
// two letters, u32 length of what follows, u16 number of channels, u16 file channel of each component, and anything else
// that the length includes. All of it is big-endian.
import { CodecError } from '../errors.js';

/** "HT" in chunks of HTJ2K, and of LJ2K as OpenEXR 3.5.0 and 3.5.1 wrote it; "HL" in those of LJ2K from 3.5.2 on. */
export type ChunkMagic = 'HT' | 'HL';

export interface ChunkHeader {
  readonly magic: ChunkMagic;
  /** The channel of the part (in file order) that each component of the codestream holds: a permutation. */
  readonly map: Uint16Array;
  /** Where the codestream begins. */
  readonly size: number;
}

/** Bytes in front of the payload: letters and length. */
const LEADER = 6;

/** @throws CodecError when there is no such header, or it is for a number of channels other than `channels`. */
export function readChunkHeader(packed: Uint8Array, channels: number): ChunkHeader {
  if (packed.length < LEADER + 2) throw new CodecError('truncated', 'the chunk ends in its HTJ2K header');
  const magic = String.fromCharCode(packed[0] as number, packed[1] as number);
  if (magic !== 'HT' && magic !== 'HL')
    throw new CodecError('corrupt', 'the chunk does not begin with an HTJ2K header');
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const length = view.getUint32(2);
  const count = view.getUint16(LEADER);
  if (count !== channels) {
    throw new CodecError('corrupt', `the chunk's header has ${count} channels instead of ${channels}`);
  }
  if (length < 2 + 2 * count) throw new CodecError('corrupt', "the chunk's header is too short for its channels");
  if (length > packed.length - LEADER) throw new CodecError('truncated', 'the chunk ends in its HTJ2K header');
  const map = new Uint16Array(count);
  const seen = new Uint8Array(count);
  for (let i = 0; i < count; ++i) {
    const channel = view.getUint16(LEADER + 2 + 2 * i);
    if (channel >= count || seen[channel] === 1) {
      throw new CodecError('corrupt', `the chunk's channel map is not a permutation: ${channel} of ${count} channels`);
    }
    seen[channel] = 1;
    map[i] = channel;
  }
  return { magic, map, size: LEADER + length };
}

export function chunkHeaderSize(channels: number): number {
  return LEADER + 2 + 2 * channels;
}

/** Writes a header at the start of `packed`, which has room for it. */
export function writeChunkHeader(packed: Uint8Array, magic: ChunkMagic, map: ArrayLike<number>): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  packed[0] = magic.charCodeAt(0);
  packed[1] = magic.charCodeAt(1);
  view.setUint32(2, chunkHeaderSize(map.length) - LEADER);
  view.setUint16(LEADER, map.length);
  writeMap(packed, map);
}

/** Replaces the map in a chunk that has one of the same size. */
export function writeMap(packed: Uint8Array, map: ArrayLike<number>): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let i = 0; i < map.length; ++i) view.setUint16(LEADER + 2 + 2 * i, map[i] as number);
}
