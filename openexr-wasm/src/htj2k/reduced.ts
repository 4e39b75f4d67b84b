// Chunks at a lower resolution, which needs only their first bytes where each resolution has its own tile-part.
import { CodecError } from '../errors.js';
import type { Instance } from '../instance.js';
import { channelExtent, pickRanges, planarSize } from '../layout.js';
import type { ChannelLayout, ChunkLayout, Compression, ReducedSamples } from '../types.js';
import { readChunkHeader } from './chunk-header.js';
import { decodeChunk } from './decode.js';
import { isHtj2k } from './index.js';
import { readMainHeader } from './main-header.js';
import { prefixLength } from './read.js';

/** More would leave one sample of any possible chunk. */
const MOST_REDUCTION = 30;

function checkReduction(reduction: number): void {
  if (!Number.isInteger(reduction) || reduction < 1 || reduction > MOST_REDUCTION) {
    throw new CodecError('bad-argument', `${reduction} is not a number of halvings from 1 to ${MOST_REDUCTION}`);
  }
}

/** @throws CodecError for invalid arguments of Codecs.decodeReduced. */
export function checkReducible(
  compression: Compression,
  layout: ChunkLayout,
  reduction: number,
  channels: readonly number[],
): void {
  if (!isHtj2k(compression)) throw new CodecError('unsupported', `${String(compression)} has no lower resolutions`);
  checkReduction(reduction);
  // Whether there are such channels.
  pickRanges(layout, channels);
  if (new Set(channels).size < channels.length) throw new CodecError('bad-argument', 'a channel is listed twice');
}

/** See Codecs.reducedLength. */
export function reducedLength(layout: ChunkLayout, head: Uint8Array, reduction: number): number | undefined {
  checkReduction(reduction);
  const count = layout.channels.length;
  const { size } = readChunkHeader(head, count);
  const { components } = readMainHeader(head, size);
  const levels = Math.max(...components.map(({ coding }) => coding.levels));
  return reduction > levels ? undefined : prefixLength(head, count, levels + 1 - reduction);
}

/** Width, height and bytes of a channel's samples. */
export function reducedExtent(layout: ChunkLayout, channel: ChannelLayout, reduction: number) {
  const full = channelExtent(layout, channel);
  const width = Math.ceil(full.width / 2 ** reduction);
  const height = Math.ceil(full.height / 2 ** reduction);
  return { width, height, bytes: width * height * (channel.type === 'half' ? 2 : 4) };
}

/** Decodes a chunk, or the first bytes of one, that is not stored raw. */
export function decodeReduced(
  instance: Instance,
  layout: ChunkLayout,
  packed: Uint8Array,
  reduction: number,
  channels: readonly number[],
): ReducedSamples {
  const extents = channels.map((c) => reducedExtent(layout, layout.channels[c] as ChannelLayout, reduction));
  const size = extents.reduce((sum, { bytes }) => sum + bytes, 0);
  const source = instance.place(packed);
  const planar = instance.allocate(size);
  const addresses: (number | undefined)[] = layout.channels.map(() => undefined);
  let at = planar;
  for (const [i, c] of channels.entries()) {
    addresses[c] = at;
    at += extents[i]?.bytes ?? 0;
  }
  decodeChunk(instance, layout, packed, source, { addresses, skipped: reduction });
  return { samples: new Uint8Array(instance.view(planar, size)), sizes: extents.map(sizeOf) };
}

/** For a chunk stored raw, the samples in every 2^reduction-th column and line. `planar` holds all of its samples. */
export function thinOut(
  layout: ChunkLayout,
  planar: Uint8Array,
  reduction: number,
  channels: readonly number[],
): ReducedSamples {
  const step = 2 ** reduction;
  const sizes: { width: number; height: number }[] = [];
  const pieces = channels.map((c) => {
    const channel = layout.channels[c] as ChannelLayout;
    const extent = reducedExtent(layout, channel, reduction);
    sizes.push(sizeOf(extent));
    const { width, bytes } = channelExtent(layout, channel);
    const bytesEach = channel.type === 'half' ? 2 : 4;
    const start = planarSize({ ...layout, channels: layout.channels.slice(0, c) });
    const from = planar.subarray(start, start + bytes);
    const to = new Uint8Array(extent.bytes);
    for (let i = 0; i < extent.width * extent.height; ++i) {
      const x = (i % extent.width) * step;
      const y = Math.floor(i / extent.width) * step;
      const place = (y * width + x) * bytesEach;
      to.set(from.subarray(place, place + bytesEach), i * bytesEach);
    }
    return to;
  });
  const samples = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { samples, sizes };
}

function sizeOf({ width, height }: { width: number; height: number }) {
  return { width, height };
}
