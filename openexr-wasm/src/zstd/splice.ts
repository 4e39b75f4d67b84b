// ZSTD chunks made of channels of others. Samples are not touched: rows of the unpacked streams are moved, plane by plane, and
// the result is packed. That rows are differences of neighbours does not matter, since no row depends on another one.
import { planarSize } from '../layout.js';
import type { ChunkLayout, ChunkSource, SpliceTarget } from '../types.js';
import {
  bytesPerSample,
  checkSegmentLengths,
  HEADER_BYTES,
  makeChunk,
  openChunk,
  segmentsOf,
  streamBytes,
} from './chunk.js';
import { planarToStream, rawChunk, rawToPlanar, streamToPlanar, type ZstdTools } from './flat.js';
import type { ZstdHeap } from './library.js';
import { doMoves, movesOf, type PlacedStream, type Rows } from './moves.js';

export function spliceZstd(
  tools: ZstdTools,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
  level: number,
): Uint8Array[] {
  const rows = sources.map(({ layout }) => flatRows(layout));
  return tools.library.run((heap) => {
    const streams = sources.map((source) => placeStream(tools, heap, source));
    return targets.map(({ layout, from }) => {
      const moves = movesOf(rows, flatRows(layout), from);
      const size = planarSize(layout);
      if (size === 0) return new Uint8Array(0);
      const segments = segmentsOf(layout);
      const length = streamBytes(segments);
      const target = { ...segments, address: heap.allocate(length) };
      doMoves(heap.memory(), moves, streams, target);
      const frame = heap.pack(target.address, length, level);
      const chunk =
        HEADER_BYTES + frame.length < size
          ? makeChunk(frame, true)
          : tools.run((instance) => {
              const stream = instance.place(heap.view(target.address, length));
              const planar = streamToPlanar(instance, stream, { layout, size }, true);
              return rawChunk(instance, planar, { layout, size }).slice();
            });
      heap.free(target.address);
      return chunk;
    });
  });
}

/** The stream of a chunk, in which rows are differences. */
function placeStream({ run }: ZstdTools, heap: ZstdHeap, { layout, packed }: ChunkSource): PlacedStream {
  const size = planarSize(layout);
  const segments = segmentsOf(layout);
  const length = streamBytes(segments);
  if (size === 0) return { ...segments, address: heap.allocate(0) };
  const isRaw = packed.length === size;
  const opened = isRaw ? undefined : openChunk(packed, length);
  const unpacked = opened && heap.unpack(opened.frame, length);
  if (unpacked !== undefined && opened?.delta) {
    checkSegmentLengths(heap.view(unpacked, length), segments);
    return { ...segments, address: unpacked };
  }
  const address = heap.allocate(length);
  run((instance) => {
    const source = instance.place(unpacked === undefined ? packed : heap.view(unpacked, length));
    const planar =
      unpacked === undefined
        ? rawToPlanar(instance, source, { layout, size })
        : streamToPlanar(instance, source, { layout, size }, false);
    const stream = planarToStream(instance, planar, { layout, size });
    heap.view(address, length).set(instance.view(stream, length));
  });
  if (unpacked !== undefined) heap.free(unpacked);
  return { ...segments, address };
}

function flatRows({ x, y, width, height, channels }: ChunkLayout): Rows {
  const widths = channels.map(({ xSampling }) => {
    return xSampling === 1 ? width : Math.floor((x + width - 1) / xSampling) - Math.floor((x - 1) / xSampling);
  });
  const samplings = channels.map(({ ySampling }) => ySampling);
  return {
    sampleBytes: channels.map(({ type }) => bytesPerSample(type)),
    lines: height,
    count: (channel, line) => ((y + line) % (samplings[channel] as number) === 0 ? (widths[channel] as number) : 0),
  };
}
