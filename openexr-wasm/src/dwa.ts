// What DWA needs from its caller beyond the other codecs: the channels' names, which decide how a channel is coded,
// and the making of chunks from chunks.
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import type { Instance } from './instance.js';
import { placeChannelTable, planarSize } from './layout.js';
import type { ChannelPick, ChunkLayout, ChunkSource } from './types.js';

/** The arguments with which an export of assembly/dwa.ts takes channel names. */
export type PlacedNames = readonly [address: number, bytes: number];

/** zlib levels of a DWA chunk: of its lossless channels, and of the first coefficients of its blocks. */
export interface DwaLevels {
  readonly lossless: number;
  readonly dc: number;
}

/** Bytes of one entry of dwaRepack's list of origins: a chunk's record, and a channel's index in it. */
const ORIGIN_BYTES = 8;

/** Places the channel names as assembly/dwaRules.ts reads them. */
export function placeNames(instance: Instance, layout: ChunkLayout): PlacedNames {
  for (const { name } of layout.channels) {
    if (name.includes('\0')) throw new CodecError('bad-argument', `channel name ${JSON.stringify(name)} has a NUL`);
  }
  const names = new TextEncoder().encode(layout.channels.map(({ name }) => `${name}\0`).join(''));
  return [instance.place(names), names.length];
}

/**
 * Makes a DWA chunk of channels of other DWA chunks of the same pixels, without decoding what is lossy: the samples of
 * every channel stay what they are. `picks[i]` tells where channel i of `target` comes from.
 * @throws CodecError `unsupported` when red, green and blue that are coded together would be parted, or when the new
 *   names cannot keep the channels in their classes; `bad-argument` when a channel's type or extent differs.
 */
export function repackDwa(
  instance: Instance,
  sources: readonly ChunkSource[],
  target: ChunkLayout,
  picks: readonly ChannelPick[],
  levels: DwaLevels,
): Uint8Array {
  const records = sources.map((source) => open(instance, source));
  const origins = new DataView(new ArrayBuffer(picks.length * ORIGIN_BYTES));
  picks.forEach(({ source, channel }, i) => {
    const record = records[source];
    if (record === undefined) throw new CodecError('bad-argument', `there is no source ${source}`);
    origins.setUint32(i * ORIGIN_BYTES, record, true);
    origins.setInt32(i * ORIGIN_BYTES + 4, channel, true);
  });
  const { channels, y, height } = target;
  if (picks.length !== channels.length) {
    throw new CodecError('bad-argument', `${picks.length} origins for ${channels.length} channels`);
  }
  const size = planarSize(target);
  const output = instance.allocate(size);
  const table = placeChannelTable(instance, target);
  const placedOrigins = instance.place(new Uint8Array(origins.buffer));
  const names = placeNames(instance, target);
  const repack = instance.kernel('dwaRepack');
  const written =
    size === 0
      ? 0
      : repack(
          placedOrigins,
          output,
          size - 1,
          size,
          table,
          channels.length,
          y,
          height,
          levels.lossless,
          levels.dc,
          ...names,
        );
  if (written >= 0) return instance.view(output, written).slice();
  if (written !== STATUS_OUTPUT_FULL) throw statusError(written, 'cannot repack DWA chunk');

  // As everywhere, a chunk that would not be smaller than its samples is stored raw.
  const planar = instance.allocate(size);
  const samples = sources.map((source, i) => openedSamples(instance, source, records[i] ?? 0));
  let at = planar;
  for (const { source, channel } of picks) {
    const { layout } = sources[source] as ChunkSource;
    const before = planarSize({ ...layout, channels: layout.channels.slice(0, channel) });
    const bytes = planarSize({ ...layout, channels: layout.channels.slice(channel, channel + 1) });
    const from = (samples[source] ?? 0) + before;
    instance.view(at, bytes).set(instance.view(from, bytes));
    at += bytes;
  }
  const status = instance.kernel('noneEncode')(planar, size, output, size, table, channels.length, y, height);
  if (status < 0) throw statusError(status, 'cannot store chunk');
  return instance.view(output, size).slice();
}

/** Reads a source up to its coefficients and returns the address of its record. */
function open(instance: Instance, { layout, packed }: ChunkSource): number {
  const size = planarSize(layout);
  const { channels, y, height } = layout;
  if (packed.length > size) {
    throw new CodecError('too-large', `DWA chunk of ${packed.length} bytes for ${size} bytes of samples`);
  }
  const record = instance.allocate(instance.kernel('dwaChunkBytes')());
  const table = placeChannelTable(instance, layout);
  let source = instance.place(packed);
  const isRaw = packed.length === size;
  if (isRaw) {
    const planar = instance.allocate(size);
    const status = instance.kernel('noneDecode')(source, size, planar, size, table, channels.length, y, height);
    if (status < 0) throw statusError(status, 'cannot read chunk');
    source = planar;
  }
  const status = instance.kernel('dwaOpen')(
    record,
    source,
    packed.length,
    isRaw ? 0 : 1,
    size,
    table,
    channels.length,
    y,
    height,
    ...placeNames(instance, layout),
  );
  if (status < 0) throw statusError(status, 'cannot read DWA chunk');
  return record;
}

/** Decodes an opened source; returns the address of its planar samples. */
function openedSamples(instance: Instance, { layout }: ChunkSource, record: number): number {
  const size = planarSize(layout);
  const planar = instance.allocate(size);
  const status = instance.kernel('dwaOpenedSamples')(record, planar, size);
  if (status < 0) throw statusError(status, 'cannot decode DWA chunk');
  return planar;
}
