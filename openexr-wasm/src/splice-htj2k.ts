// HTJ2K and LJ2K chunks made of channels of others. A component's packets are independent, and the chunk maps channels to
// components, so nothing is decoded: renaming changes the map, and channels move as packets.
// HtKernels do what cannot be moved; see htj2k/recode.ts.
import { CodecError } from './errors.js';
import { chunkHeaderSize, readChunkHeader, writeMap } from './htj2k/chunk-header.js';
import { type Composition, compose, joinSlices, type SlicedChunk, slice } from './htj2k/compose.js';
import type { HtChunk } from './htj2k/read.js';
import { HtSource } from './htj2k/source.js';
import { planarSize } from './layout.js';
import { PlanarSources } from './planar-sources.js';
import type { SpliceTools } from './splice-tools.js';
import type { ChunkLayout, ChunkSource, Compression, SpliceTarget } from './types.js';

export type HtCompression = Extract<Compression, 'htj2k256' | 'htj2k32' | 'lj2k'>;

/**
 * No sample changes: lossy channels of LJ2K that cannot stay together are stored as they are decoded, without loss.
 * @throws CodecError `unsupported` where channels must be decoded and there is no kernel for it.
 */
export function spliceHtj2k(
  tools: SpliceTools,
  compression: HtCompression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): Uint8Array[] {
  return sliceHtj2k(tools, compression, sources, targets).map(joinSlices);
}

/** The same without copying the bytes that move: slices are views of the sources. */
export function sliceHtj2k(
  tools: Pick<SpliceTools, 'codecs' | 'htj2k'>,
  compression: HtCompression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): SlicedChunk[] {
  const raw = new PlanarSources(tools.codecs, 'none', sources);
  const isRaw = sources.map(({ layout, packed }) => packed.length === planarSize(layout));
  const opened = new Map<number, HtSource>();
  const open = (source: number): HtSource => {
    const rawSamples = (channel: number): Uint8Array => raw.channel({ source, channel });
    const known = opened.get(source) ?? new HtSource(sources[source] as ChunkSource, rawSamples, tools.htj2k);
    opened.set(source, known);
    return known;
  };
  return targets.map((target) => {
    if (!target.from.every(({ source }) => isRaw[source])) {
      return isOfOne(sources, target) ? renumber(sources, target) : join(tools, target, open);
    }
    // Some of a raw chunk's channels may compress; all of them did not, so that is not tried again. LJ2K has no encoder here.
    const stays = compression === 'lj2k' || isOfOne(sources, target);
    if (!stays && !tools.htj2k) throw new CodecError('unsupported', 'chunks that are stored raw must be encoded');
    return whole(tools.codecs.encode(stays ? 'none' : compression, target.layout, raw.gather(target)));
  });
}

function whole(packed: Uint8Array): SlicedChunk {
  return { slices: [packed], size: packed.length };
}

/** Whether a target has all channels of one source, each once, and no others. */
function isOfOne(sources: readonly ChunkSource[], { from }: SpliceTarget): boolean {
  const [first] = from;
  return (
    sources[first?.source ?? -1]?.layout.channels.length === from.length &&
    from.every(({ source }) => source === first?.source) &&
    new Set(from.map(({ channel }) => channel)).size === from.length
  );
}

/** The only source of a target, with another map. */
function renumber(sources: readonly ChunkSource[], { from }: SpliceTarget): SlicedChunk {
  const source = sources[from[0]?.source as number] as ChunkSource;
  const places = new Map(from.map(({ channel }, place) => [channel, place]));
  const { map } = readChunkHeader(source.packed, from.length);
  const size = chunkHeaderSize(from.length);
  const front = source.packed.slice(0, size);
  writeMap(
    front,
    map.map((channel) => places.get(channel) as number),
  );
  return { slices: [front, source.packed.subarray(size)], size: source.packed.length };
}

interface Picked {
  readonly source: HtSource;
  readonly channel: number;
}

/** Moves packets. */
function join(
  tools: Pick<SpliceTools, 'codecs' | 'htj2k'>,
  { layout, from }: SpliceTarget,
  open: (source: number) => HtSource,
): SlicedChunk {
  const picked = from.map(({ source, channel }): Picked => ({ source: open(source), channel }));
  const triple = findTriple(picked, layout);
  // As in OpenEXR: channels that are coded together, then the rest in file order.
  const map = [...triple, ...picked.flatMap((_, place) => (triple.includes(place) ? [] : place))];
  const together = picked[triple[0] ?? -1]?.source;
  // Channels beside lossy ones have the size of those.
  const padding = together?.paddedSize;
  const pieces = map.map((place, component) => {
    const { source, channel } = picked[place] as Picked;
    return component < triple.length ? source.asCoded(channel) : source.apart(channel, padding);
  });
  const model = together ?? (picked.find(({ source }) => source.chunk) as Picked).source;
  const { header, codestream } = model.chunk as HtChunk;
  const isPadded = padding !== undefined;
  const usual: Composition = {
    magic: header.magic,
    pieces,
    map,
    colourTransform: triple.length > 0,
    // LJ2K records the size of the padding in a comment.
    comments: isPadded || !model.paddedSize ? codestream.comments : [],
    byResolution: codestream.bodies.length > 2,
  };
  const lean: Composition = { ...usual, byResolution: false, comments: isPadded ? usual.comments : [] };
  const size = planarSize(layout);
  const moved = slice(usual, size) ?? slice(lean, size);
  if (moved !== undefined) return moved;
  // Where packing does not make a chunk smaller, its samples are stored raw.
  if (!tools.htj2k) throw new CodecError('unsupported', 'the chosen channels must be decoded to be stored raw');
  const large = compose(lean, Number.POSITIVE_INFINITY) as Uint8Array;
  return whole(tools.codecs.encode('none', layout, tools.htj2k.decode(layout, large)));
}

/**
 * The positions of the first channels that were coded together and are all still present, in the order of their components.
 * None where they have a size to which sub-sampled channels cannot be padded.
 */
function findTriple(picked: readonly Picked[], { channels }: ChunkLayout): readonly number[] {
  const isWhole = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1);
  for (const source of new Set(picked.map((own) => own.source))) {
    if (source.paddedSize && !isWhole) continue;
    const places = source.triple.map((channel) =>
      picked.findIndex((own) => own.source === source && own.channel === channel),
    );
    if (places.length > 0 && !places.includes(-1)) return places;
  }
  return [];
}
