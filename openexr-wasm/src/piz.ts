// Makes PIZ chunks from PIZ chunks.
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import type { Instance } from './instance.js';
import { placeChannelTable, planarSize } from './layout.js';
import type { ChannelPick, ChunkLayout, ChunkSource } from './types.js';

/**
 * A PIZ chunk numbers the values that occur in any of its channels, and its wavelet works on these numbers. Redoing the
 * entropy coding alone must keep the source's numbering, which suits a few of its channels badly: half RGBA split off
 * from float channels came out 19 % larger than when re-encoded, flat IDs 160 %, while a subset of three quarters of
 * the samples stayed below 1 %. Since it saves only an eighth of the time, it is for re-ordering and for dropping a few
 * channels; and PIZ is lossless, so re-encoding changes no sample either.
 */
const MIN_KEPT = 0.75;

/** A channel of the new chunk: where it comes from. */
interface Origin {
  readonly source: ChunkSource;
  readonly channel: number;
}

/**
 * Makes a PIZ chunk of channels of other PIZ chunks of the same pixels. `picks[i]` is where channel i of `target` comes
 * from. Redoes only the entropy coding where that gives a chunk of good size, else decodes and re-encodes.
 * @throws CodecError `bad-argument` when a channel's type or extent differs from its source's.
 */
export function repackPiz(
  instance: Instance,
  sources: readonly ChunkSource[],
  target: ChunkLayout,
  picks: readonly ChannelPick[],
): Uint8Array {
  const origins = findOrigins(sources, target, picks);
  const size = planarSize(target);
  const output = instance.allocate(size);
  let written = recode(instance, origins, size, output);
  if (written === STATUS_OUTPUT_FULL) {
    const { channels, y, height } = target;
    const planar = gather(instance, origins, size);
    const table = placeChannelTable(instance, target);
    const encode = (name: string, capacity: number): number =>
      instance.kernel(name)(planar, size, output, capacity, table, channels.length, y, height);
    written = size === 0 ? 0 : encode('pizEncode', size - 1);
    // As everywhere, a chunk that would not be smaller than its samples is stored raw.
    if (written === STATUS_OUTPUT_FULL) written = encode('noneEncode', size);
  }
  if (written < 0) throw statusError(written, 'cannot repack PIZ chunk');
  return instance.view(output, written).slice();
}

/** Looks the picks up, and checks that each fits its place in the target. */
function findOrigins(sources: readonly ChunkSource[], target: ChunkLayout, picks: readonly ChannelPick[]): Origin[] {
  if (picks.length !== target.channels.length) {
    throw new CodecError('bad-argument', `${picks.length} origins for ${target.channels.length} channels`);
  }
  return target.channels.map((wanted, i) => {
    const pick = picks[i];
    const source = sources[pick?.source ?? -1];
    const origin = source?.layout.channels[pick?.channel ?? -1];
    if (pick === undefined || source === undefined || origin === undefined) {
      throw new CodecError('bad-argument', `source ${pick?.source} has no channel ${pick?.channel}`);
    }
    const fits =
      (['x', 'y', 'width', 'height'] as const).every((key) => source.layout[key] === target[key]) &&
      (['type', 'xSampling', 'ySampling'] as const).every((key) => origin[key] === wanted[key]);
    if (!fits) throw new CodecError('bad-argument', `channel ${JSON.stringify(wanted.name)} does not match its source`);
    return { source, channel: pick.channel };
  });
}

/**
 * Redoes the entropy coding of one source's channels. Returns the bytes written to `output`, or a negative status:
 * STATUS_OUTPUT_FULL where this is not worthwhile.
 */
function recode(instance: Instance, origins: readonly Origin[], size: number, output: number): number {
  const source = origins[0]?.source;
  if (source === undefined || origins.some((origin) => origin.source !== source)) return STATUS_OUTPUT_FULL;
  const { layout, packed } = source;
  const sourceSize = planarSize(layout);
  // A chunk of as many bytes as its samples is stored raw.
  if (size === 0 || size < sourceSize * MIN_KEPT || packed.length >= sourceSize) return STATUS_OUTPUT_FULL;
  const chunk = instance.place(packed);
  const coefficients = instance.allocate(sourceSize);
  const rangeBytes = instance.kernel('pizUnpack')(chunk, packed.length, coefficients, sourceSize);
  if (rangeBytes < 0) return rangeBytes;
  const table = placeChannelTable(instance, layout);
  const picks = instance.place(new Uint8Array(Uint32Array.from(origins, ({ channel }) => channel).buffer));
  const { length } = layout.channels;
  const repack = instance.kernel('pizRepack');
  return repack(chunk, rangeBytes, coefficients, table, length, picks, origins.length, output, size - 1);
}

/** Decodes the sources and joins the requested channels' samples; returns their address. */
function gather(instance: Instance, origins: readonly Origin[], size: number): number {
  const decoded = new Map<ChunkSource, readonly number[]>();
  const planar = instance.allocate(size);
  let at = planar;
  for (const { source, channel } of origins) {
    const starts = decoded.get(source) ?? decode(instance, source);
    decoded.set(source, starts);
    const [start = 0, end = 0] = starts.slice(channel);
    instance.view(at, end - start).set(instance.view(start, end - start));
    at += end - start;
  }
  return planar;
}

/** Decodes a source; returns the addresses where its channels start, and where the last one ends. */
function decode(instance: Instance, { layout, packed }: ChunkSource): number[] {
  const size = planarSize(layout);
  if (packed.length > size) {
    throw new CodecError('too-large', `PIZ chunk of ${packed.length} bytes for ${size} bytes of samples`);
  }
  const chunk = instance.place(packed);
  const planar = instance.allocate(size);
  const table = placeChannelTable(instance, layout);
  const { channels, y, height } = layout;
  const kernel = instance.kernel(packed.length === size ? 'noneDecode' : 'pizDecode');
  const status = kernel(chunk, packed.length, planar, size, table, channels.length, y, height);
  if (status < 0) throw statusError(status, 'cannot decode PIZ chunk');
  let at = planar;
  return [at, ...channels.map((channel) => (at += planarSize({ ...layout, channels: [channel] })))];
}
