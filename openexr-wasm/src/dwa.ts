// What DWA needs beyond the other codecs: the channels' names, which decide how a channel is coded, and making chunks
// from chunks.
import { CodecError, STATUS_OUTPUT_FULL, STATUS_UNSUPPORTED, statusError } from './errors.js';
import type { Instance } from './instance.js';
import { placeChannelTable, planarSize } from './layout.js';
import type { ChannelPick, ChunkLayout, ChunkSource, SpliceTarget } from './types.js';

/** The arguments with which an export of assembly/dwa/index.ts takes channel names. */
export type PlacedNames = readonly [address: number, bytes: number];

/** How a DWA chunk is packed. */
export interface DwaPacking {
  /** zlib level of its lossless channels, and of the coefficients where they are deflated. */
  readonly lossless: number;
  /** zlib level of the first coefficients of its blocks. */
  readonly dc: number;
  /** Whether the other coefficients are deflated instead of Huffman coded. */
  readonly acDeflated: boolean;
}

/** OpenEXR deflates the coefficients in tiles of DWAA and Huffman codes all others (newTileCompressor in ImfCompressor.cpp). */
export function deflatesAc(compression: 'dwaa' | 'dwab', tiled: boolean): boolean {
  return tiled && compression === 'dwaa';
}

/** Bytes of one entry of dwaRepack's list of origins: a chunk's record, and a channel's index in it. */
const ORIGIN_BYTES = 8;

/** Places the channel names as assembly/dwa/rules.ts reads them. */
export function placeNames(instance: Instance, layout: ChunkLayout): PlacedNames {
  for (const { name } of layout.channels) {
    if (name.includes('\0')) throw new CodecError('bad-argument', `channel name ${JSON.stringify(name)} has a NUL`);
  }
  const names = new TextEncoder().encode(layout.channels.map(({ name }) => `${name}\0`).join(''));
  return [instance.place(names), names.length];
}

/** A source read up to its coefficients. */
interface OpenedSource {
  readonly layout: ChunkLayout;
  /** Address of its record. */
  readonly record: number;
  readonly isRaw: boolean;
}

/**
 * Makes DWA chunks of channels of other DWA chunks of the same pixels, without decoding what is lossy: the samples of
 * every channel stay what they are. `from[i]` of a target is where its channel i comes from.
 * @throws CodecError `unsupported` when red, green and blue that are coded together would be separated, or when the
 *   new names cannot keep the channels in their classes; `bad-argument` when a channel's type or extent differs.
 */
export function repackDwa(
  instance: Instance,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
  packing: DwaPacking,
): Uint8Array[] {
  const opened = sources.map((source) => open(instance, source));
  return targets.map(({ layout, from }) => store(instance, opened, layout, from, packing));
}

/** Makes one chunk from opened sources. */
function store(
  instance: Instance,
  opened: readonly OpenedSource[],
  target: ChunkLayout,
  picks: readonly ChannelPick[],
  packing: DwaPacking,
): Uint8Array {
  const origins = placeOrigins(instance, opened, target, picks);
  const { channels, y, height } = target;
  const size = planarSize(target);
  if (size === 0) return new Uint8Array(0);
  const output = instance.allocate(size);
  const table = placeChannelTable(instance, target);
  const geometry = [size, table, channels.length, y, height] as const;
  const repack = instance.kernel('dwaRepack');
  const written = repack(
    origins,
    output,
    size - 1,
    ...geometry,
    packing.lossless,
    packing.dc,
    packing.acDeflated ? 1 : 0,
    ...placeNames(instance, target),
  );
  if (written >= 0) return instance.view(output, written).slice();
  // Channels of a chunk that was stored raw are lossless whatever their names, which the rules of one chunk may be
  // unable to express. They were not worth compressing before, so the new chunk is stored raw too: as everywhere,
  // that is also what happens when a chunk would not be smaller than its samples.
  const conflict = written === STATUS_UNSUPPORTED;
  if (conflict && !opened.some(({ isRaw }) => isRaw)) {
    throw new CodecError(
      'unsupported',
      'cannot repack DWA chunk: red, green and blue that are coded together would be separated, or the new names cannot ' +
        'keep lossy and lossless channels apart',
    );
  }
  if (!conflict && written !== STATUS_OUTPUT_FULL) throw statusError(written, 'cannot repack DWA chunk');
  const planar = pickSamples(instance, opened, picks, size);
  const status = instance.kernel('noneEncode')(planar, size, output, ...geometry);
  if (status < 0) throw statusError(status, 'cannot store chunk');
  return instance.view(output, size).slice();
}

/** Places dwaRepack's list of origins. */
function placeOrigins(
  instance: Instance,
  opened: readonly OpenedSource[],
  target: ChunkLayout,
  picks: readonly ChannelPick[],
): number {
  if (picks.length !== target.channels.length) {
    throw new CodecError('bad-argument', `${picks.length} origins for ${target.channels.length} channels`);
  }
  const origins = new DataView(new ArrayBuffer(picks.length * ORIGIN_BYTES));
  picks.forEach(({ source, channel }, i) => {
    const from = opened[source];
    if (from?.layout.channels[channel] === undefined) {
      throw new CodecError('bad-argument', `source ${source} has no channel ${channel}`);
    }
    origins.setUint32(i * ORIGIN_BYTES, from.record, true);
    origins.setInt32(i * ORIGIN_BYTES + 4, channel, true);
  });
  return instance.place(new Uint8Array(origins.buffer));
}

/** Decodes the sources and joins the samples of the picked channels; returns their address. */
function pickSamples(
  instance: Instance,
  opened: readonly OpenedSource[],
  picks: readonly ChannelPick[],
  size: number,
): number {
  const planar = instance.allocate(size);
  const samples = opened.map(({ layout, record }) => {
    const bytes = planarSize(layout);
    const address = instance.allocate(bytes);
    const status = instance.kernel('dwaOpenedSamples')(record, address, bytes);
    if (status < 0) throw statusError(status, 'cannot decode DWA chunk');
    return { layout, address };
  });
  let at = planar;
  for (const { source, channel } of picks) {
    const from = samples[source];
    if (from === undefined) continue;
    const { layout, address } = from;
    const start = planarSize({ ...layout, channels: layout.channels.slice(0, channel) });
    const bytes = planarSize({ ...layout, channels: layout.channels.slice(channel, channel + 1) });
    instance.view(at, bytes).set(instance.view(address + start, bytes));
    at += bytes;
  }
  return planar;
}

function open(instance: Instance, { layout, packed }: ChunkSource): OpenedSource {
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
  return { layout, record, isRaw };
}
