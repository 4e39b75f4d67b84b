// HTJ2K chunks to planar samples and back.
import { CodecError } from '../errors.js';
import type { Instance } from '../instance.js';
import { channelExtent, planarSize } from '../layout.js';
import type { ChunkLayout, Compression } from '../types.js';
import { readChunkHeader } from './chunk-header.js';
import { decodeChunk } from './decode.js';
import { type EncodeChunkOptions, encodeChunk, fitsCodestream } from './encode.js';
import type { HtKernels } from './recode.js';

export function isHtj2k(compression: Compression): compression is 'htj2k256' | 'htj2k32' {
  return compression === 'htj2k256' || compression === 'htj2k32';
}

/** @throws CodecError when a chunk that is not stored raw does not begin with an HTJ2K header. */
export function checkMagic(packed: Uint8Array, layout: ChunkLayout): void {
  const { magic } = readChunkHeader(packed, layout.channels.length);
  if (magic !== 'HT') throw new CodecError('corrupt', 'the chunk is LJ2K, not HTJ2K');
}

/**
 * Decodes a chunk that is not stored raw: HTJ2K, LJ2K as far as it is lossless, or with `mayBeLossy` all of LJ2K.
 * @param channels When given, only these are decoded.
 * @returns a view of the instance's memory with the samples of all channels in their places; those of channels that are not
 * decoded are undefined.
 */
export function decodeHtj2k(
  instance: Instance,
  layout: ChunkLayout,
  packed: Uint8Array,
  channels?: readonly number[],
  mayBeLossy = false,
): Uint8Array {
  const size = planarSize(layout);
  const source = instance.place(packed);
  const planar = instance.allocate(size);
  const wanted = channels && new Set(channels);
  let at = planar;
  const addresses = layout.channels.map((channel, i) => {
    const own = at;
    at += channelExtent(layout, channel).bytes;
    return wanted === undefined || wanted.has(i) ? own : undefined;
  });
  decodeChunk(instance, layout, packed, source, { addresses, skipped: 0, mayBeLossy });
  return instance.view(planar, size);
}

export interface EncodeHtj2kOptions extends EncodeChunkOptions {
  /** A codestream, even where it is longer than the samples. */
  readonly anyLength?: boolean;
}

/**
 * Encodes planar samples.
 * @returns undefined when the chunk would not be smaller than the samples, or when no codestream can hold it: sub-sampled
 *   channels with more or fewer samples than their sampling makes of the chunk's size.
 */
export function encodeHtj2k(
  instance: Instance,
  layout: ChunkLayout,
  planar: number,
  options: EncodeHtj2kOptions = {},
): Uint8Array | undefined {
  if (!fitsCodestream(layout)) return undefined;
  const size = planarSize(layout);
  // Noise takes a third more than its samples, and each channel takes some headers.
  const limit = options.anyLength ? 2 * size + 4096 + 256 * layout.channels.length : size;
  return encodeChunk(instance, layout, planar, limit, options);
}

/**
 * Decoding and encoding for splices, of chunks that may be longer than their samples. `run` runs work on a clean arena;
 * `mayBeLossy` is for LJ2K.
 */
export function htKernels(run: <T>(work: (instance: Instance) => T) => T, mayBeLossy: boolean): HtKernels {
  return {
    decode: (layout, packed) =>
      run((instance) => new Uint8Array(decodeHtj2k(instance, layout, packed, undefined, mayBeLossy))),
    encodeApart: (layout, planar) =>
      run((instance) => {
        const options = { colourTransform: false, anyLength: true };
        const packed = encodeHtj2k(instance, layout, instance.place(planar), options);
        if (packed === undefined) throw new CodecError('unsupported', 'no HTJ2K codestream can hold these channels');
        return packed;
      }),
  };
}
