// A source of a splice: which of its channels are packets to move, and which must first be coded separately from others.
import { CodecError } from '../errors.js';
import { planarSize } from '../layout.js';
import type { ChannelLayout, ChunkLayout, ChunkSource } from '../types.js';
import { checkLayout } from './check-layout.js';
import { compose, indexPackets, type PackedSource, type Piece } from './compose.js';
import { readPackets } from './packets.js';
import { type HtChunk, readChunk } from './read.js';
import type { HtKernels } from './recode.js';

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
  /** Planar samples of the channels that are coded together, in the order of their components. */
  #together: Uint8Array | undefined;
  readonly #apart = new Map<number, Piece>();

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

  /** A channel coded by itself. @throws CodecError `unsupported` where that takes kernels that are not available. */
  apart(channel: number): Piece {
    if (this.#coded !== undefined && !this.triple.includes(channel)) return this.asCoded(channel);
    const known = this.#apart.get(channel);
    if (known !== undefined) return known;
    const kernels = this.#needKernels();
    const layout = { ...this.#layout, channels: [this.#layout.channels[channel] as ChannelLayout] };
    const packed = kernels.encodeApart(layout, this.#samples(kernels, channel, planarSize(layout)));
    const { codestream } = readChunk(packed, 1);
    const piece = { source: indexPackets(codestream, readPackets(codestream)), component: 0 };
    this.#apart.set(channel, piece);
    return piece;
  }

  #samples(kernels: HtKernels, channel: number, size: number): Uint8Array {
    if (this.#coded === undefined) return this.#rawSamples(channel);
    const { triple } = this;
    this.#together ??= this.#decodeTriple(kernels, triple);
    // The three have one size, but may have different types.
    const place = triple.indexOf(channel);
    const before = triple.slice(0, place).map((own) => this.#layout.channels[own] as ChannelLayout);
    const start = planarSize({ ...this.#layout, channels: before });
    return this.#together.slice(start, start + size);
  }

  #decodeTriple(kernels: HtKernels, triple: readonly number[]): Uint8Array {
    const layout = { ...this.#layout, channels: triple.map((own) => this.#layout.channels[own] as ChannelLayout) };
    const pieces = triple.map((channel) => this.asCoded(channel));
    const style = { magic: 'HT', comments: [], byResolution: false } as const;
    const packed = compose({ ...style, pieces, map: [0, 1, 2], colourTransform: true }, Number.POSITIVE_INFINITY);
    if (packed === undefined) throw new CodecError('internal', 'no chunk was made');
    return kernels.decode(layout, packed);
  }

  #needKernels(): HtKernels {
    const { triple } = this;
    const names = triple.map((channel) => JSON.stringify(this.#layout.channels[channel]?.name)).join(', ');
    const [first] = triple;
    if (first !== undefined && !this.asCoded(first).source.codestream.components[0]?.coding.reversible) {
      throw new CodecError(
        'unsupported',
        `${names} are coded together, with loss, and can neither be separated nor joined by others`,
      );
    }
    if (this.#kernels !== undefined) return this.#kernels;
    const why = names ? `${names} are coded together` : 'a chunk is stored raw';
    throw new CodecError('unsupported', `${why}, and these tools include no HTJ2K encoder to code them separately`);
  }
}
