/** What exrpipe knows of a compression: one record each, all of them in table.ts. */
import type {
  ChunkLayout,
  ChunkSource,
  DeepRows,
  EncodeOptions,
  Codecs as Kernels,
  ReducedSamples,
  SpliceOptions,
  SpliceTarget,
  spliceWorthwhile,
} from 'openexr-wasm/core';
import type { Attributes } from '../model/attributes.js';
import type { Compression } from '../model/compression.js';
import type { Channel } from '../model/header.js';

export type { DeepRows, Kernels };

/** How a channel's samples are stored, which is all of it that matters to a codec. */
export type CodedChannel = Pick<Channel, 'name' | 'type' | 'xSampling' | 'ySampling' | 'linear'>;

/** What an encoder can be told; a codec ignores what is not meant for it. */
export interface CodecSettings {
  /** One of the codec's levels: see {@link Codec.levels}. */
  readonly level?: number;
  /** As in the attribute `dwaCompressionLevel`. */
  readonly dwaLevel?: number;
  /** The part has tiles. */
  readonly tiled?: boolean;
}

/** Levels of effort, from the fastest to the smallest. */
export interface LevelRange {
  readonly least: number;
  readonly most: number;
  /** What is taken without a choice, for people. */
  readonly usual: string;
}

/**
 * A compression. What is absent cannot be done: chunks of a codec without `decode` can only be passed on as they are.
 * The functions get the compiled kernels handed in, so that a record is usable on any thread and in a browser.
 */
export interface Codec {
  /** In the file's `compression` attribute (ImfCompression.h). */
  readonly id: number;
  readonly name: Compression;
  /**
   * Scan lines in a chunk of a scan-line part, the last of which may have fewer. Undefined for a codec whose chunks are only
   * passed on: they are as high as the file's own chunks are (see `Part.chunkLines`).
   */
  readonly lines: number | undefined;
  /** What came with a later OpenEXR than 2.2, of which every program reads all: older ones refuse a file that has such a part. */
  readonly since?: { readonly openExr: '3.4' | '3.5'; readonly released: string };
  /** What its encoder can be told of effort; absent for a codec that has no such choice. */
  readonly levels?: LevelRange;
  /** Those of a part's channels (in file order) whose samples change when they are stored with this codec. */
  readonly loses: <Own extends CodedChannel>(channels: readonly Own[]) => readonly Own[];
  /** What becomes of the channels that it loses, for people: `float channels are rounded to 24 bits`. Absent for lossless codecs. */
  readonly lossText?: string;
  /** In the channels that it loses, samples beyond 65,504 (the range of half), infinities and NaNs become other numbers. */
  readonly clipsToHalf?: boolean;
  /** What was stored with loss once loses nothing more when it is stored with this codec again. */
  readonly idempotent?: boolean;
  /** Which channels are stored with loss depends on their names: they are safe only as long as they keep them, which `validate` says. */
  readonly losesByName?: boolean;
  /**
   * Why chunks of channels called `then` would mean something else under the names `now`, both in file order; undefined when
   * they would not. Any names do where this is absent, as where a chunk says itself which channel is which.
   */
  readonly renameObstacle?: (now: readonly CodedChannel[], then: readonly CodedChannel[]) => string | undefined;
  /**
   * Whether a chunk of as many bytes as its samples is no samples, but packed: OpenEXR's C library of version 3.4 leaves what it
   * packed where it meant to store samples, and every reader takes it for them.
   */
  readonly isPackedAfterAll?: (chunk: Uint8Array) => boolean;
  /**
   * Samples of the channels with these numbers, in the order of the numbers: channel after channel, each line after line,
   * little-endian. `layout` is the chunk's place in absolute coordinates (which channel has a sample where depends on them) and
   * the part's channels in file order; the last lines and tiles at an edge are as small as they are. A chunk of as many bytes
   * as its samples is stored raw, line by line. The result is in a buffer of its own. Throws for damaged bytes; whatever it
   * throws becomes an error that names the chunk.
   */
  readonly decode?: (
    kernels: Kernels,
    layout: ChunkLayout,
    packed: Uint8Array,
    channels: readonly number[],
  ) => Uint8Array;
  /**
   * The opposite, for all channels of a layout: the raw chunk where packing does not make it smaller. `settings.release` may be
   * told of the samples once they are not needed any more, whereupon their memory is gone; the result must not be in it.
   */
  readonly encode?: (
    kernels: Kernels,
    layout: ChunkLayout,
    samples: Uint8Array,
    settings: CodecSettings & Pick<EncodeOptions, 'release'>,
  ) => Uint8Array;
  readonly splice?: SpliceCodec;
  readonly reduce?: ReducedCodec;
  /** For codecs that deep parts may have. */
  readonly deep?: DeepCodec;
  /** Settings that a part's own attributes ask for, so that what is encoded again is as good as the rest. */
  readonly settings?: (attributes: Attributes) => CodecSettings;
}

/** Moves channels between chunks without decoding them to samples. */
export interface SpliceCodec {
  /**
   * What stands in the way, or why it does not pay; undefined when nothing does. Looks at one chunk, as all are alike. `pays` is
   * the kernels' own rule (openexr-wasm has it and its measurements).
   */
  readonly obstacle: (
    sources: readonly ChunkLayout[],
    target: SpliceTarget,
    pays: typeof spliceWorthwhile,
  ) => string | undefined;
  /**
   * The target chunks as pieces, most of which are views of the sources' bytes, where copying is all it takes; undefined where it
   * is not. Absent in codecs of which no chunks are put together so.
   */
  readonly move?: (
    kernels: Kernels,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
  ) => readonly (readonly Uint8Array[])[] | undefined;
  /** The target chunks. Throws CodecError `unsupported` where a chunk turns out not to allow it. */
  readonly run: (
    kernels: Kernels,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
    options: SpliceOptions,
  ) => Uint8Array[];
}

/** Reads chunks at 1/2^reduction of their width and height, for looking at them: samples are averages. */
export interface ReducedCodec {
  /** Bytes of a chunk that are surely enough for `length` to tell from. */
  readonly head: (channels: number) => number;
  /** How many of a chunk's bytes are needed, from its first bytes; undefined for all of them. */
  readonly length: (kernels: Kernels, layout: ChunkLayout, head: Uint8Array, reduction: number) => number | undefined;
  /** Samples of the channels with these numbers, as `decode` gives them, and how many. A raw chunk must be whole. */
  readonly decode: (
    kernels: Kernels,
    layout: ChunkLayout,
    packed: Uint8Array,
    reduction: number,
    channels: readonly number[],
  ) => ReducedSamples;
}

/**
 * How the bytes of deep chunks are packed; without a packing they are stored as they are. Whether packing pays is the caller's to
 * see: the packed form can be longer.
 */
export interface DeepCodec {
  readonly packing?: DeepPacking;
  /**
   * Only versions of OpenEXR know the codec that agree on how tables of tiles at an edge are stored (see jobs/deep-table): raw
   * when they are as long as the tile's own pixels ask for, and packed otherwise.
   */
  readonly oneTableForm?: boolean;
}

/** `rows` are how the bytes lie, which some codecs go by. */
export interface DeepPacking {
  /** The bytes packed, where that makes them smaller. */
  readonly pack: (kernels: Kernels, raw: Uint8Array, settings: CodecSettings, rows: DeepRows) => Uint8Array;
  /** `size` is the number of bytes expected. */
  readonly unpack: (kernels: Kernels, packed: Uint8Array, size: number, rows: DeepRows) => Uint8Array;
  /** The same bytes packed by some bytes longer. Only for what `pack` has made of at least two bytes. Absent with `oneTableForm`. */
  readonly lengthen?: (packed: Uint8Array) => Uint8Array;
  /**
   * What `pack` makes of some channels of packed rows, without touching their samples; undefined where these packed bytes do not
   * allow it. `channels` are numbers of `rows.types`, in the order wanted.
   */
  readonly pick?: (
    kernels: Kernels,
    packed: Uint8Array,
    rows: DeepRows,
    channels: readonly number[],
    settings: CodecSettings,
  ) => Uint8Array | undefined;
}

/** For codecs that keep every bit. */
export function losesNothing(): readonly never[] {
  return [];
}
