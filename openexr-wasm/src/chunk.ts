// Flat chunks, from packed bytes to planar samples and back.
import { placeNames } from './dwa.js';
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import { checkMagic, decodeHtj2k, encodeHtj2k, isHtj2k } from './htj2k/index.js';
import { byteCount, joinRanges, pickRanges, placeChannelTable, planarSize, rawIsPlanar } from './layout.js';
import { type Method, methodOf, NONE } from './methods.js';
import { checkOptions, zstdLevel } from './options.js';
import type { Runtime } from './runtime.js';
import type { ChunkLayout, ChunkSource, Compression, EncodeOptions } from './types.js';
import { decodeZstd, encodeZstd } from './zstd/flat.js';

/** The share of a chunk up to which some of its channels are decoded without the others. */
const MOST_PICKED = 0.8;

/** See Codecs.decode. */
export function decodeChunk(
  runtime: Runtime,
  compression: Compression,
  { layout, packed }: ChunkSource,
  channels?: readonly number[],
): Uint8Array {
  const size = planarSize(layout);
  const ranges = channels && pickRanges(layout, channels);
  const take = (planar: Uint8Array): Uint8Array => (ranges ? joinRanges(planar, ranges) : new Uint8Array(planar));
  // OpenEXR stores a chunk raw when compression does not make it smaller.
  const raw = packed.length === size;
  if (packed.length > size) {
    throw new CodecError('too-large', `${compression} chunk of ${packed.length} bytes for ${size} bytes of samples`);
  }
  if (raw && rawIsPlanar(layout)) return take(packed);
  if (compression === 'zstd' && !raw) return decodeZstd(runtime.zstd, { layout, packed, size }, take);
  const isHt = isHtj2k(compression);
  if (compression === 'lj2k' && !raw) {
    return runtime.run((instance) => take(decodeHtj2k(instance, layout, packed, channels, true)));
  }
  if (isHt && !raw) {
    checkMagic(packed, layout);
    return runtime.run((instance) => take(decodeHtj2k(instance, layout, packed, channels)));
  }
  const method = isHt || compression === 'lj2k' ? NONE : methodOf(compression);
  const picked = ranges ? byteCount(ranges) : size;
  if (method.pick && channels && !raw && picked <= size * MOST_PICKED && isAscending(channels)) {
    return pickChannels(runtime, method.pick, compression, { layout, packed, size }, channels, picked);
  }
  return runtime.run((instance) => {
    const source = instance.place(packed);
    const planar = instance.allocate(size);
    const table = placeChannelTable(instance, layout);
    const names = method.takesNames && !raw ? placeNames(instance, layout) : [];
    const decode = instance.kernel((raw ? NONE : method).decode);
    const { length } = layout.channels;
    const status = decode(source, packed.length, planar, size, table, length, layout.y, layout.height, ...names);
    if (status < 0) throw statusError(status, `cannot decode ${compression} chunk`);
    return take(instance.view(planar, size));
  });
}

/** Decodes channels, `picked` bytes in ascending order, without the others. */
function pickChannels(
  { run }: Runtime,
  kernel: string,
  compression: Compression,
  { layout, packed, size }: ChunkSource & { readonly size: number },
  channels: readonly number[],
  picked: number,
): Uint8Array {
  return run((instance) => {
    const source = instance.place(packed);
    const planar = instance.allocate(picked);
    const table = placeChannelTable(instance, layout);
    const count = layout.channels.length;
    const isPicked = new Uint8Array(count);
    for (const channel of channels) isPicked[channel] = 1;
    const marks = instance.place(isPicked);
    const pick = instance.kernel(kernel);
    const status = pick(source, packed.length, planar, picked, table, count, layout.y, layout.height, size, marks);
    if (status < 0) throw statusError(status, `cannot decode ${compression} chunk`);
    return instance.view(planar, picked).slice();
  });
}

/** See Codecs.encode. */
export function encodeChunk(
  runtime: Runtime,
  compression: Compression,
  layout: ChunkLayout,
  planar: Uint8Array,
  options: EncodeOptions,
): Uint8Array {
  const size = planarSize(layout);
  if (planar.length !== size) {
    throw new CodecError('bad-argument', `${planar.length} bytes of samples for a chunk of ${size}`);
  }
  if (compression === 'zstd') {
    return encodeZstd(runtime.zstd, { layout, planar, size }, zstdLevel(options), options.release);
  }
  const isHt = isHtj2k(compression);
  const method = isHt ? NONE : methodOf(compression);
  const more = method.encodeArguments?.(checkOptions(options, compression)) ?? [];
  if (compression === 'none' && rawIsPlanar(layout)) return new Uint8Array(planar);
  return runtime.run((instance) => {
    const source = instance.place(planar);
    options.release?.(planar);
    const packed = isHt ? encodeHtj2k(instance, layout, source) : undefined;
    if (packed !== undefined) return packed;
    const output = instance.allocate(size);
    const table = placeChannelTable(instance, layout);
    const names = method.takesNames ? placeNames(instance, layout) : [];
    const encode = ({ encode }: Method, capacity: number, ...extra: number[]): number => {
      const { channels, y, height } = layout;
      return instance.kernel(encode)(source, size, output, capacity, table, channels.length, y, height, ...extra);
    };
    // Only a result smaller than the raw chunk is of use; otherwise the raw chunk is stored.
    const raw = compression === 'none' || isHt || size === 0;
    let written = raw ? STATUS_OUTPUT_FULL : encode(method, size - 1, ...more, ...names);
    if (written === STATUS_OUTPUT_FULL) written = encode(NONE, size);
    if (written < 0) throw statusError(written, `cannot encode ${compression} chunk`);
    return instance.view(output, written).slice();
  });
}

function isAscending(channels: readonly number[]): boolean {
  return channels.every((channel, i) => i === 0 || channel > (channels[i - 1] ?? channel));
}
