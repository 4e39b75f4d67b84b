// A source of a splice: which of its channels are packets to move, and which must first be coded separately from others.
import { CodecError } from '../errors.js';
import { planarSize } from '../layout.js';
import type { ChannelLayout, ChunkLayout, ChunkSource } from '../types.js';
import { checkLayout } from './check-layout.js';
import { compose, indexPackets, type PackedSource, type Piece } from './compose.js';
import { readPackets } from './packets.js';
import { type HtChunk, readChunk } from './read.js';
import type { HtKernels } from './recode.js';
import { resize, type Size } from './resize.js';

/** A chunk that is not stored raw, with its parsed headers and packets. */
interface Coded {
  readonly chunk: HtChunk;
  readonly source: PackedSource;
  /** The component of each channel. */
  readonly componentOf: readonly number[];
}

export class HtSource {
  readonly #layout: ChunkLayout;
  readonly #kernels: HtKernels | undefined;
  readonly #rawSamples: (channel: number) => Uint8Array;
  readonly #coded: Coded | undefined;
  /** The channels that are coded as luma and colour differences, in the order of their components, or none. */
  readonly triple: readonly number[];
  /** Where LJ2K codes the channels larger than they are, the size that it codes. */
  readonly paddedSize: Size | undefined;
  /** Planar samples of the channels that are coded together, in the order of their components. */
  #together: Uint8Array | undefined;
  readonly #apart = new Map<string, Piece>();

  /** @param rawSamples Returns a channel's samples; called only when the chunk is stored raw. */
  constructor(
    { layout, packed }: ChunkSource,
    rawSamples: (channel: number) => Uint8Array,
    kernels: HtKernels | undefined,
  ) {
    this.#layout = layout;
    this.#kernels = kernels;
    this.#rawSamples = rawSamples;
    if (packed.length === planarSize(layout)) {
      this.triple = [];
      return;
    }
    const chunk = readChunk(packed, layout.channels.length);
    checkLayout(chunk, layout);
    const { header, codestream } = chunk;
    this.triple = codestream.colourTransform ? [...header.map.subarray(0, 3)] : [];
    const { width, height, components } = codestream;
    const isLossy = components.some(({ coding }) => !coding.reversible);
    if (isLossy && (width !== layout.width || height !== layout.height)) this.paddedSize = { width, height };
    const componentOf = new Array<number>(header.map.length);
    for (const [component, channel] of header.map.entries()) componentOf[channel] = component;
    this.#coded = { chunk, source: indexPackets(codestream, readPackets(codestream)), componentOf };
  }

  /** Undefined when the chunk is stored raw. */
  get chunk(): HtChunk | undefined {
    return this.#coded?.chunk;
  }

  /** A channel as it is coded here. Those of `triple` only make sense together. */
  asCoded(channel: number): Piece {
    if (this.#coded === undefined) throw new CodecError('internal', 'a raw chunk has no packets');
    return { source: this.#coded.source, component: this.#coded.componentOf[channel] as number };
  }

  /**
   * A channel coded by itself, without loss: at its own size, or at that of the padding.
   * @throws CodecError `unsupported` where that takes kernels that are not available.
   */
  apart(channel: number, padding: Size | undefined): Piece {
    const isSize = padding?.width === this.paddedSize?.width && padding?.height === this.paddedSize?.height;
    if (this.#coded !== undefined && isSize && !this.triple.includes(channel)) return this.asCoded(channel);
    const { width, height } = padding ?? this.#layout;
    const key = `${channel} ${width} ${height}`;
    const known = this.#apart.get(key);
    if (known !== undefined) return known;
    const kernels = this.#needKernels(channel);
    const own = this.#layout.channels[channel] as ChannelLayout;
    const samples = this.#samples(kernels, channel);
    // Padding exists only where all channels have all samples.
    const coded = padding ? resize(samples, this.#layout, padding, own.type) : samples;
    const packed = kernels.encodeApart({ ...this.#layout, width, height, channels: [own] }, coded);
    const { codestream } = readChunk(packed, 1);
    const piece = { source: indexPackets(codestream, readPackets(codestream)), component: 0 };
    this.#apart.set(key, piece);
    return piece;
  }

  #samples(kernels: HtKernels, channel: number): Uint8Array {
    if (this.#coded === undefined) return this.#rawSamples(channel);
    const { triple, paddedSize } = this;
    const own = this.#layout.channels[channel] as ChannelLayout;
    if (!triple.includes(channel)) {
      // Without lossy channels beside it nothing is padding: the chunk is as large as it is coded.
      const samples = this.#decode(kernels, { ...this.#layout, ...paddedSize }, [channel]);
      return resize(samples, paddedSize ?? this.#layout, this.#layout, own.type);
    }
    this.#together ??= this.#decode(kernels, this.#layout, triple);
    // The three have one size, but may have different types.
    const sizeOf = (channels: readonly ChannelLayout[]): number => planarSize({ ...this.#layout, channels });
    const before = triple.slice(0, triple.indexOf(channel)).map((i) => this.#layout.channels[i] as ChannelLayout);
    const start = sizeOf(before);
    return this.#together.slice(start, start + sizeOf([own]));
  }

  /** Planar samples of one channel, or of those that are coded together. */
  #decode(kernels: HtKernels, layout: ChunkLayout, channels: readonly number[]): Uint8Array {
    const pieces = channels.map((channel) => this.asCoded(channel));
    const map = channels.map((_, place) => place);
    const style = {
      magic: 'HT',
      comments: [],
      byResolution: false,
      colourTransform: channels === this.triple,
    } as const;
    const packed = compose({ ...style, pieces, map }, Number.POSITIVE_INFINITY);
    if (packed === undefined) throw new CodecError('internal', 'no chunk was made');
    return kernels.decode(
      { ...layout, channels: channels.map((own) => this.#layout.channels[own] as ChannelLayout) },
      packed,
    );
  }

  #needKernels(channel: number): HtKernels {
    if (this.#kernels !== undefined) return this.#kernels;
    const names = this.triple.map((own) => JSON.stringify(this.#layout.channels[own]?.name)).join(', ');
    const why = this.triple.includes(channel)
      ? `${names} are coded together`
      : this.#coded
        ? 'channels are coded larger than they are'
        : 'a chunk is stored raw';
    throw new CodecError('unsupported', `${why}, and these tools include no HTJ2K encoder to code them separately`);
  }
}
