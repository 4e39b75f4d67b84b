// ZSTD chunks made of channels of others. Samples are not touched: rows of the unpacked streams are moved, plane by plane, and
// the result is packed. It does not matter that rows are differences of neighbours, since no row depends on another.
import type { ChannelLayout, ChannelPick, ChunkLayout, ChunkSource, SpliceTarget } from '../types.js';
import {
  bytesPerSample,
  checkSegmentLengths,
  openChunk,
  packChunk,
  segmentsOf,
  streamBytes,
  writeSegmentLengths,
} from './chunk.js';
import { planarToStream, rawChunk, rawToPlanar, type SizedLayout, streamToPlanar, type ZstdTools } from './flat.js';
import type { ZstdHeap } from './library.js';
import { doMoves, type Move, movesOf, type PlacedStream, type Rows } from './moves.js';

export function spliceZstd(
  tools: ZstdTools,
  sources: readonly (ChunkSource & SizedLayout)[],
  targets: readonly (SpliceTarget & SizedLayout)[],
  level: number | undefined,
): Uint8Array[] {
  const layouts = sources.map(({ layout }) => layout);
  return tools.library.run((heap) => {
    const streams = sources.map((source) => placeStream(tools, heap, source));
    return targets.map((target) => {
      const { layout, size } = target;
      if (size === 0) return new Uint8Array(0);
      const moves = flatMoves(layouts, target);
      const segments = segmentsOf(layout);
      const length = streamBytes(segments);
      const made = { ...segments, address: heap.allocate(length) };
      writeSegmentLengths(heap.view(made.address, length), segments);
      doMoves(heap.memory(), moves, streams, made);
      const packed = packChunk(heap, { address: made.address, length }, level, true);
      const chunk = packed.length < size ? packed : rawOf(tools, heap, { layout, size }, made);
      heap.free(made.address);
      return chunk;
    });
  });
}

/** The raw chunk of a stream in which rows are differences. */
function rawOf({ run }: ZstdTools, heap: ZstdHeap, chunk: SizedLayout, stream: PlacedStream): Uint8Array {
  return run((instance) => {
    const source = instance.place(heap.view(stream.address, streamBytes(stream)));
    return rawChunk(instance, streamToPlanar(instance, source, chunk, true), chunk).slice();
  });
}

/** The stream of a chunk, in which rows are differences. */
function placeStream({ run }: ZstdTools, heap: ZstdHeap, source: ChunkSource & SizedLayout): PlacedStream {
  const { layout, packed, size } = source;
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
    const bytes = instance.place(unpacked === undefined ? packed : heap.view(unpacked, length));
    const planar =
      unpacked === undefined
        ? rawToPlanar(instance, bytes, { layout, size })
        : streamToPlanar(instance, bytes, { layout, size }, false);
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

interface Remembered {
  readonly layout: ChunkLayout;
  readonly sources: readonly ChunkLayout[];
  readonly from: readonly ChannelPick[];
  readonly moves: readonly Move[];
}

/** The moves that made the previous chunk of a list of channels: successive chunks need the same ones. */
const lastMoves = new WeakMap<readonly ChannelLayout[], Remembered>();

function flatMoves(sources: readonly ChunkLayout[], { layout, from }: SpliceTarget): readonly Move[] {
  const known = lastMoves.get(layout.channels);
  if (known && asksTheSame(known, sources, layout, from)) return known.moves;
  const moves = movesOf(sources.map(flatRows), flatRows(layout), from);
  // With sub-sampled channels, the position of the chunk decides which lines have samples.
  const channels = [layout, ...sources].flatMap((one) => one.channels);
  const isWhole = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1);
  if (isWhole) lastMoves.set(layout.channels, { layout, sources, from, moves });
  return moves;
}

function asksTheSame(
  known: Remembered,
  sources: readonly ChunkLayout[],
  { width, height }: ChunkLayout,
  from: readonly ChannelPick[],
): boolean {
  return (
    known.layout.width === width &&
    known.layout.height === height &&
    known.sources.length === sources.length &&
    sources.every(({ channels }, i) => known.sources[i]?.channels === channels) &&
    from.length === known.from.length &&
    from.every(({ source, channel }, i) => known.from[i]?.source === source && known.from[i]?.channel === channel)
  );
}
