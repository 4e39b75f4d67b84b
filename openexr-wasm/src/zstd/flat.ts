// Flat chunks of ZSTD, decoded to samples and encoded from them.
import { statusError } from '../errors.js';
import type { Instance } from '../instance.js';
import { placeChannelTable } from '../layout.js';
import type { ChunkLayout } from '../types.js';
import { openChunk, packChunk, segmentsOf, streamBytes } from './chunk.js';
import type { Zstd } from './library.js';

export interface ZstdTools {
  readonly library: Zstd;
  /** Runs work on a clean arena of the codecs' module. Must not be nested, except in `library.run`. */
  run<T>(work: (instance: Instance) => T): T;
}

/** A chunk's layout, and the bytes of its samples. */
export interface SizedLayout {
  readonly layout: ChunkLayout;
  readonly size: number;
}

/** The samples of a chunk that is not stored raw. `take` gets a view of the module's memory. */
export function decodeZstd<T>(
  { library, run }: ZstdTools,
  { layout, packed, size }: SizedLayout & { readonly packed: Uint8Array },
  take: (planar: Uint8Array) => T,
): T {
  const length = streamBytes(segmentsOf(layout));
  const { frame, delta } = openChunk(packed, length);
  return library.run((heap) => {
    const stream = heap.unpack(frame, length);
    return run((instance) => {
      const source = instance.place(heap.view(stream, length));
      return take(instance.view(streamToPlanar(instance, source, { layout, size }, delta), size));
    });
  });
}

/** Packs samples into a chunk, or the raw chunk where that would not be smaller. */
export function encodeZstd(
  { library, run }: ZstdTools,
  { layout, planar, size }: SizedLayout & { readonly planar: Uint8Array },
  level: number | undefined,
  release?: (planar: Uint8Array) => void,
): Uint8Array {
  if (size === 0) return new Uint8Array(0);
  const length = streamBytes(segmentsOf(layout));
  return library.run((heap) => {
    const stream = heap.allocate(length);
    return run((instance) => {
      const samples = instance.place(planar);
      release?.(planar);
      const made = planarToStream(instance, samples, { layout, size });
      heap.view(stream, length).set(instance.view(made, length));
      const chunk = packChunk(heap, { address: stream, length }, level, true);
      return chunk.length < size ? chunk : rawChunk(instance, samples, { layout, size }).slice();
    });
  });
}

/** Planar samples of a stream, both in the module's memory: returns their address. */
export function streamToPlanar(
  instance: Instance,
  stream: number,
  { layout, size }: SizedLayout,
  delta: boolean,
): number {
  const planar = instance.allocate(size);
  const length = streamBytes(segmentsOf(layout));
  const where = [stream, length, planar, size, ...tableOf(instance, layout)] as const;
  check(instance.kernel('zstdDecode')(...where, delta ? 1 : 0));
  return planar;
}

/** The stream of planar samples, with differences. */
export function planarToStream(instance: Instance, planar: number, { layout, size }: SizedLayout): number {
  const length = streamBytes(segmentsOf(layout));
  const stream = instance.allocate(length);
  check(instance.kernel('zstdEncode')(planar, size, stream, length, ...tableOf(instance, layout)));
  return stream;
}

/** Planar samples of a chunk stored raw. */
export function rawToPlanar(instance: Instance, raw: number, { layout, size }: SizedLayout): number {
  const planar = instance.allocate(size);
  check(instance.kernel('noneDecode')(raw, size, planar, size, ...tableOf(instance, layout)));
  return planar;
}

/** A view of the raw chunk of planar samples. */
export function rawChunk(instance: Instance, planar: number, { layout, size }: SizedLayout): Uint8Array {
  const raw = instance.allocate(size);
  check(instance.kernel('noneEncode')(planar, size, raw, size, ...tableOf(instance, layout)));
  return instance.view(raw, size);
}

function tableOf(instance: Instance, layout: ChunkLayout): [number, number, number, number] {
  return [placeChannelTable(instance, layout), layout.channels.length, layout.y, layout.height];
}

function check(status: number): void {
  if (status < 0) throw statusError(status, 'cannot read or write a zstd chunk');
}
