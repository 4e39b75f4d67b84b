import { CodecError } from './errors.js';
import type { Instance } from './instance.js';
import type { ChannelLayout, ChunkLayout, PixelType } from './types.js';

/** Bytes of one record of the channel table in WebAssembly memory, see assembly/planes.ts. */
export const CHANNEL_RECORD = 32;

const TYPE_ID: Readonly<Record<PixelType, number>> = {
  uint: 0,
  half: 1,
  float: 2,
};

/** Coordinates beyond this cannot occur in a file (OpenEXR's own limit is half the int32 range). */
const MAX_COORDINATE = 0x3fffffff;

/** Samples a channel has on each line, and lines it has, in the chunk. */
export interface ChannelExtent {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/**
 * Bytes of a chunk's samples, planar or raw (both have the same size).
 * @throws CodecError `bad-argument` when the layout is invalid, or larger than 2^31 - 1 bytes.
 */
export function planarSize(layout: ChunkLayout): number {
  checkWindow(layout);
  const { halves, words } = pixelBytes(layout.channels) ?? {};
  let total = 0;
  if (halves !== undefined && words !== undefined) {
    total = layout.width * layout.height * (halves + words);
    if (total > 0x7fffffff) throw new CodecError('bad-argument', 'the chunk is larger than 2 GiB');
    return total;
  }
  for (const channel of layout.channels) {
    total += channelExtent(layout, channel).bytes;
    if (total > 0x7fffffff) throw new CodecError('bad-argument', 'the chunk is larger than 2 GiB');
  }
  return total;
}

/** Bytes of a pixel's samples of two bytes, and of four. */
export interface PixelBytes {
  readonly halves: number;
  readonly words: number;
}

/** Thousands of chunks have the same channels, often a hundred. Null for those of which pixels differ. */
const knownPixels = new WeakMap<readonly ChannelLayout[], PixelBytes | null>();

/** What is the same for all pixels of these channels; undefined where some are sub-sampled, or invalid. */
export function pixelBytes(channels: readonly ChannelLayout[]): PixelBytes | undefined {
  const known = knownPixels.get(channels);
  if (known !== undefined) return known ?? undefined;
  const isWhole = channels.every(
    ({ type, xSampling, ySampling }) => xSampling === 1 && ySampling === 1 && Object.hasOwn(TYPE_ID, type),
  );
  const halves = 2 * channels.filter(({ type }) => type === 'half').length;
  const words = 4 * channels.filter(({ type }) => type !== 'half').length;
  const found = isWhole ? { halves, words } : null;
  knownPixels.set(channels, found);
  return found ?? undefined;
}

/** A chunk with its planar size, for those who need it more than once. */
export function sized<T extends { readonly layout: ChunkLayout }>(chunk: T): T & { readonly size: number } {
  return { ...chunk, size: planarSize(chunk.layout) };
}

/** A range of a chunk's planar samples, in bytes. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The ranges of these channels' samples, in order; neighbours share one range.
 * @throws CodecError `bad-argument` when there is no such channel.
 */
export function pickRanges(layout: ChunkLayout, channels: readonly number[]): ByteRange[] {
  let end = 0;
  const ends = layout.channels.map((channel) => {
    end += channelExtent(layout, channel).bytes;
    return end;
  });
  const ranges: { from: number; to: number }[] = [];
  for (const channel of channels) {
    const to = ends[channel];
    if (to === undefined) throw new CodecError('bad-argument', `the layout has no channel ${channel}`);
    const from = ends[channel - 1] ?? 0;
    const last = ranges.at(-1);
    if (last?.to === from) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges;
}

/** The total bytes of ranges. */
export function byteCount(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Copies of ranges, one after the other. */
export function joinRanges(planar: Uint8Array, ranges: readonly ByteRange[]): Uint8Array {
  const joined = new Uint8Array(byteCount(ranges));
  let at = 0;
  for (const { from, to } of ranges) {
    joined.set(planar.subarray(from, to), at);
    at += to - from;
  }
  return joined;
}

/** Whether the raw form of a chunk, which goes line by line, is the planar one, which goes channel by channel. */
export function rawIsPlanar(layout: ChunkLayout): boolean {
  return layout.height <= 1 || layout.channels.length <= 1;
}

/**
 * Writes the channel table of a layout that planarSize accepted into `table`, CHANNEL_RECORD bytes per channel: see
 * assembly/planes.ts.
 */
export function writeChannelTable(layout: ChunkLayout, table: DataView): void {
  let record = 0;
  let offset = 0;
  for (const channel of layout.channels) {
    const { width, height, bytes } = channelExtent(layout, channel);
    table.setUint32(record, TYPE_ID[channel.type], true);
    table.setUint32(record + 4, channel.xSampling, true);
    table.setUint32(record + 8, channel.ySampling, true);
    table.setUint32(record + 12, channel.linear ? 1 : 0, true);
    table.setUint32(record + 16, width, true);
    table.setUint32(record + 20, height, true);
    table.setUint32(record + 24, offset, true);
    table.setUint32(record + 28, 0, true);
    record += CHANNEL_RECORD;
    offset += bytes;
  }
}

/** Places the channel table of a layout that planarSize accepted in memory, and returns its address. */
export function placeChannelTable(instance: Instance, layout: ChunkLayout): number {
  const size = layout.channels.length * CHANNEL_RECORD;
  const address = instance.allocate(size);
  writeChannelTable(layout, new DataView(instance.view(address, size).buffer, address, size));
  return address;
}

function checkWindow(layout: ChunkLayout): void {
  const { x, y, width, height } = layout;
  const fits = isCoordinate(x) && isCoordinate(y) && isCoordinate(x + width) && isCoordinate(y + height);
  if (!fits || !isCoordinate(width) || !isCoordinate(height) || width < 0 || height < 0) {
    throw new CodecError('bad-argument', `invalid chunk window: ${width} x ${height} at ${x}, ${y}`);
  }
}

function isCoordinate(n: number): boolean {
  return Number.isInteger(n) && Math.abs(n) <= MAX_COORDINATE;
}

/** How many samples a channel has in a chunk, in each direction, and their bytes. */
export function channelExtent(layout: ChunkLayout, channel: ChannelLayout): ChannelExtent {
  const { xSampling, ySampling, type } = channel;
  if (!Object.hasOwn(TYPE_ID, type)) {
    throw new CodecError('bad-argument', `channel ${JSON.stringify(channel.name)} has an unknown type`);
  }
  if (!isSampling(xSampling) || !isSampling(ySampling)) {
    throw new CodecError('bad-argument', `channel ${JSON.stringify(channel.name)} has an invalid sampling`);
  }
  const width = multiplesIn(layout.x, layout.width, xSampling);
  const height = multiplesIn(layout.y, layout.height, ySampling);
  return { width, height, bytes: width * height * (type === 'half' ? 2 : 4) };
}

function isSampling(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MAX_COORDINATE;
}

/** How many of the `count` integers from `first` on are multiples of `step`. */
function multiplesIn(first: number, count: number, step: number): number {
  return Math.floor((first + count - 1) / step) - Math.floor((first - 1) / step);
}
