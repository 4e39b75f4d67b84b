/** What exrpipe knows about a compression: one record each, all of them in table.ts. */
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

/** How a channel's samples are stored, which is all that matters to a codec. */
export type CodedChannel = Pick<Channel, 'name' | 'type' | 'xSampling' | 'ySampling' | 'linear'>;

/** Settings of an encoder; a codec ignores those that are not meant for it. */
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
  /** The default, as text for people. */
  readonly usual: string;
}

/**
 * A compression. What is absent cannot be done: chunks of a codec without `decode` can only be forwarded unchanged.
 * The functions are passed the compiled kernels, so that a record is usable on any thread and in a browser.
 */
export interface Codec {
  /** In the file's `compression` attribute (ImfCompression.h). */
  readonly id: number;
  readonly name: Compression;
  /**
   * Scan lines in a chunk of a scan-line part, the last of which may have fewer. Undefined for a codec whose chunks are only
   * forwarded: their height is that of the file's own chunks (see `Part.chunkLines`).
   */
  readonly lines: number | undefined;
  /** For codecs newer than OpenEXR 2.2, all of which every program reads: older programs refuse a file with such a part. */
  readonly since?: { readonly openExr: '3.4' | '3.5'; readonly released: string };
  /** Its encoder's levels of effort; absent for a codec without that choice. */
  readonly levels?: LevelRange;
  /** The channels of a part (in file order) whose samples change when stored with this codec. */
  readonly loses: <Own extends CodedChannel>(channels: readonly Own[]) => readonly Own[];
  /**
   * What happens to the channels that it loses, as text for people: `float channels are rounded to 24 bits`. Absent for
   * lossless codecs.
   */
  readonly lossText?: string;
  /** In the channels that it loses, samples beyond 65,504 (the range of half), infinities and NaNs become other numbers. */
  readonly clipsToHalf?: boolean;
  /** Data that has once been stored with loss loses nothing more when stored with this codec again. */
  readonly idempotent?: boolean;
  /**
   * Which channels are stored with loss depends on their names: they are safe only as long as they keep them, which `validate`
   * reports.
   */
  readonly losesByName?: boolean;
  /**
   * Why chunks of channels named `then` would decode differently under the names `now`, both in file order; undefined if they
   * would not. If absent, any names will do, as when a chunk itself maps its channels.
   */
  readonly renameObstacle?: (now: readonly CodedChannel[], then: readonly CodedChannel[]) => string | undefined;
  /**
   * Whether a chunk of as many bytes as its samples is nevertheless packed: version 3.4 of OpenEXR's C library leaves packed
   * bytes where it meant to store samples, and every reader takes them for samples.
   */
  readonly isPackedAfterAll?: (chunk: Uint8Array) => boolean;
  /**
   * Samples of the channels with these numbers, in the order of the numbers: channel after channel, each line after line,
   * little-endian. `layout` is the chunk's region in absolute coordinates (sub-sampled channels depend on them) and
   * the part's channels in file order; the last lines and tiles at an edge have their actual size. A chunk of as many bytes
   * as its samples is stored raw, line by line. The result is in a buffer of its own. Throws for damaged bytes; whatever it
   * throws is turned into an error that names the chunk.
   */
  readonly decode?: (
    kernels: Kernels,
    layout: ChunkLayout,
    packed: Uint8Array,
    channels: readonly number[],
  ) => Uint8Array;
  /**
   * The opposite, for all channels of a layout: the raw chunk if packing does not make it smaller. `settings.release` may be
   * called with the samples once they are no longer needed, after which their memory is gone; the result must not be in it.
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
  /** Settings from a part's own attributes, so that re-encoded chunks are as good as the rest. */
  readonly settings?: (attributes: Attributes) => CodecSettings;
}

/** Moves channels between chunks without decoding them to samples. */
export interface SpliceCodec {
  /**
   * Why it is impossible or not worthwhile; undefined if neither. Checks one chunk, as all are alike. `pays` is the kernels' own
   * rule (openexr-wasm has it and its measurements).
   */
  readonly obstacle: (
    sources: readonly ChunkLayout[],
    target: SpliceTarget,
    pays: typeof spliceWorthwhile,
  ) => string | undefined;
  /**
   * The target chunks as pieces, most of which are views of the sources' bytes, if mere copying suffices; otherwise undefined.
   * Absent in codecs whose chunks cannot be assembled like that.
   */
  readonly move?: (
    kernels: Kernels,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
  ) => readonly (readonly Uint8Array[])[] | undefined;
  /** The target chunks. Throws CodecError `unsupported` if a chunk turns out not to allow it. */
  readonly run: (
    kernels: Kernels,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
    options: SpliceOptions,
  ) => Uint8Array[];
}

/** Reads chunks at 1/2^reduction of their width and height, for previews: samples are averages. */
export interface ReducedCodec {
  /** A number of bytes of a chunk that is certainly enough for `length`. */
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
 * How the bytes of deep chunks are packed; without a packing they are stored as they are. Whether packing is worthwhile is for the
 * caller to check: the packed form can be longer.
 */
export interface DeepCodec {
  readonly packing?: DeepPacking;
  /**
   * All versions of OpenEXR that know the codec agree on how tables of tiles at an edge are stored (see jobs/deep-table): raw if
   * they have the length required by the tile's own pixels, and packed otherwise.
   */
  readonly oneTableForm?: boolean;
}

/** `rows` is the layout of the bytes, which some codecs depend on. */
export interface DeepPacking {
  /** The bytes packed, where that makes them smaller. */
  readonly pack: (kernels: Kernels, raw: Uint8Array, settings: CodecSettings, rows: DeepRows) => Uint8Array;
  /** `size` is the number of bytes expected. */
  readonly unpack: (kernels: Kernels, packed: Uint8Array, size: number, rows: DeepRows) => Uint8Array;
  /**
   * The same bytes in a packed form that is a few bytes longer. Only for results of `pack` from at least two bytes. Absent with
   * `oneTableForm`.
   */
  readonly lengthen?: (packed: Uint8Array) => Uint8Array;
  /**
   * What `pack` makes of some channels of packed rows, without touching their samples; undefined if these packed bytes do not
   * allow it. `channels` are indices into `rows.types`, in the requested order.
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
