/** Sample types of OpenEXR; their ids in files are 0, 1 and 2. */
export type PixelType = 'uint' | 'half' | 'float';

/** Compression methods of OpenEXR that this package knows; their ids in files are 0 to 13 in this order. */
export type Compression =
  | 'none'
  | 'rle'
  | 'zips'
  | 'zip'
  | 'piz'
  | 'pxr24'
  | 'b44'
  | 'b44a'
  | 'dwaa'
  | 'dwab'
  | 'htj2k256'
  | 'htj2k32'
  | 'lj2k'
  | 'zstd';

/** One channel of a part, as its header's `channels` attribute describes it. */
export interface ChannelLayout {
  readonly name: string;
  readonly type: PixelType;
  /** The channel has samples at the columns that are multiples of this; at least 1. */
  readonly xSampling: number;
  /** The channel has samples on the lines that are multiples of this; at least 1. */
  readonly ySampling: number;
  /** The header's pLinear flag: B44 and DWA store such a channel without their perceptual curve. */
  readonly linear: boolean;
}

/**
 * One chunk: the pixels it covers in absolute coordinates (sub-sampled channels need those) and the part's channels
 * in file order. For a scan-line part `x` and `width` are the data window's; for a tile they are the tile's own.
 */
export interface ChunkLayout {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly channels: readonly ChannelLayout[];
}

/** The host's own packers. (Unpacking is part of the modules.) */
export interface Entropy {
  /** Deflates into a zlib stream (RFC 1950) at zlib level 1 to 9: for ZIPS, ZIP, PXR24 and DWA. */
  deflate(raw: Uint8Array, level: number): Uint8Array;
  /**
   * Packs into one zstd frame (RFC 8878) that states the number of bytes and has no checksum, at level 1 to 22. Where the host
   * has no zstd, the WebAssembly build of the library packs.
   */
  readonly packZstd?: ((raw: Uint8Array, level: number) => Uint8Array) | undefined;
}

export interface EncodeOptions {
  /**
   * zlib level, 1 to 9; 4 by default, as in OpenEXR, but 6 for PXR24 and 9 for the lossless channels of DWA, also as there.
   * For ZSTD its own level, 1 to 22; by default 3 or 5, depending on the chunk, which makes files at most 3 % larger than
   * OpenEXR's 5.
   */
  readonly level?: number;
  /** DWA compression level; 45 by default, as in OpenEXR. Larger is smaller and coarser. */
  readonly dwaLevel?: number;
  /** The chunk is a tile, not scan lines: DWAA packs its coefficients differently there. */
  readonly tiled?: boolean;
  /**
   * Called with the samples as soon as the codec has its own copy of them: a caller that drops them then avoids holding them
   * twice. Not always called.
   */
  readonly release?: (planar: Uint8Array) => void;
}

/** A stored chunk and its layout, as a source of `splice` or `repack`. */
export interface ChunkSource {
  readonly layout: ChunkLayout;
  readonly packed: Uint8Array;
}

/** A channel of a source of `splice` or `repack`: the source's index, and the channel's index in its layout. */
export interface ChannelPick {
  readonly source: number;
  readonly channel: number;
}

/** A chunk to make by `splice`. */
export interface SpliceTarget {
  readonly layout: ChunkLayout;
  /** For each channel of the layout, where it comes from. */
  readonly from: readonly ChannelPick[];
}

export interface SpliceOptions {
  /** zlib level of what is re-encoded, or zstd level. */
  readonly level?: number;
  /** See EncodeOptions. */
  readonly tiled?: boolean;
  /**
   * Called with a source's bytes as soon as the splice has its own copy of them, when that is before it ends: a caller
   * that drops them then avoids holding them twice. Not called for all.
   */
  readonly release?: (packed: Uint8Array) => void;
  /** Memory for a result of that many bytes, asked for after `release`: fresh by default. Results of some codecs do not ask. */
  readonly allocate?: (length: number) => Uint8Array;
}

export interface AnyLengthOptions {
  /** The packed form is used even where it is no smaller, as OpenEXR does in the tables of deep tiles at an edge. */
  readonly anyLength?: boolean;
}

/** The result of `decodeReduced`. */
export interface ReducedSamples {
  /** Channel after channel, inside a channel line after line, little-endian, in a buffer of their own. */
  readonly samples: Uint8Array;
  /** For each channel its number of samples in each direction: the full size divided by 2^reduction, rounded up. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
}

/**
 * The order of a deep chunk's samples: line after line, in a line channel after channel, in a channel pixel after pixel. All
 * channels have the same number of samples on a line. A table of sample counts is rows of one channel of `uint`.
 */
export interface DeepRows {
  /** The channels' types, in file order. */
  readonly types: readonly PixelType[];
  /** Samples on each line. */
  readonly counts: readonly number[];
}

/** Codecs over one WebAssembly instance. Synchronous and not re-entrant: use one per thread. */
export interface Codecs {
  /**
   * Decodes one chunk.
   * @param packed The chunk's data as stored in the file, without its leader (coordinates, size).
   * @param channels The channels to return, by their index in the layout and in this order; all by default.
   * @returns the samples in a buffer of their own: channel after channel, inside a channel line after line, samples
   *   little-endian. For all channels, `planarSize(layout)` bytes.
   * @throws CodecError when the data is damaged, or the layout invalid.
   */
  decode(compression: Compression, layout: ChunkLayout, packed: Uint8Array, channels?: readonly number[]): Uint8Array;
  /**
   * Decodes one HTJ2K chunk at a lower resolution, 1/2^reduction in each direction, which is quick, and takes no more than
   * its first bytes where `reducedLength` gives a number. For previews of images: samples are averages of neighbours, so IDs and
   * other numbers with a meaning of their own become nonsense. In a chunk stored raw, samples are skipped instead.
   * @param packed The chunk's data, or its first bytes.
   * @param reduction How many times width and height are halved; 1 to 5 in files that OpenEXR wrote.
   * @param channels As for `decode`, none of them twice.
   * @throws CodecError `unsupported` when the chunk does not have so low a resolution; or as `decode`.
   */
  decodeReduced(
    compression: 'htj2k256' | 'htj2k32',
    layout: ChunkLayout,
    packed: Uint8Array,
    reduction: number,
    channels?: readonly number[],
  ): ReducedSamples;
  /**
   * How many of an HTJ2K chunk's bytes `decodeReduced` needs; undefined when all, as in files of OpenEXR 3.4 to 3.5.1. Not
   * for chunks that are stored raw.
   * @param head The first bytes of the chunk: a few hundred, and 50 more for each channel.
   * @throws CodecError `truncated` when they are too few, or as `decode`.
   */
  reducedLength(layout: ChunkLayout, head: Uint8Array, reduction: number): number | undefined;
  /**
   * Encodes one chunk from planar samples (the form `decode` returns).
   * @returns the chunk's data as a file stores it, in a buffer of its own. As in OpenEXR this is the raw chunk when
   *   compression would not make it smaller; `decode` recognises it by its size.
   * @throws CodecError when `planar` is not `planarSize(layout)` bytes, or the layout or an option is invalid.
   */
  encode(compression: Compression, layout: ChunkLayout, planar: Uint8Array, options?: EncodeOptions): Uint8Array;
  /**
   * Makes a chunk from channels of other chunks of the same pixels and compression: channel i of `target` is `picks[i]`,
   * under its new name. Lossy channels are not decoded: they keep their samples bit for bit, however often. PIZ, which
   * is lossless, is re-encoded as far as that makes it smaller.
   * @throws CodecError `unsupported` when channels that are coded together (red, green and blue of one layer) would be
   *   separated, or joined by their new names, or the new names cannot tell lossy from lossless channels as before;
   *   `bad-argument` when a channel's type or extent differs from its source's; or what `decode` throws.
   */
  repack(
    compression: 'piz' | 'dwaa' | 'dwab',
    sources: readonly ChunkSource[],
    target: ChunkLayout,
    picks: readonly ChannelPick[],
    options?: Pick<SpliceOptions, 'level' | 'tiled'>,
  ): Uint8Array;
  /**
   * Makes chunks from the channels of other chunks of the same pixels and compression: any selection, in any order,
   * under any names. No sample changes, lossy or not. How, and when it takes less time than `decode` and `encode`,
   * is described in splice.ts; either way the result is about as small as theirs.
   * @returns one chunk per target as a file stores it, each in a buffer of its own.
   * @throws CodecError `unsupported` when it cannot be done without loss, which is so for DWA when channels that are
   *   coded together (red, green and blue of one layer) would be separated, or joined by their new names, or when the new
   *   names cannot tell lossy from lossless channels as before, and for LJ2K when its lossy channels would be separated;
   *   `bad-argument` when layouts differ in their pixels, or a channel's type, sampling or (for B44) linear flag differs
   *   from its source's; or what `decode` throws.
   */
  splice(
    compression: Compression,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
    options?: SpliceOptions,
  ): Uint8Array[];
  /**
   * The result of `splice` for HTJ2K and LJ2K where that is mere copying, without the copy: for each target the slices of its
   * chunk, in order, most of which are views of the sources' bytes. That is cheap enough for a thread with other things to do.
   * @returns undefined where a target takes more than that, or cannot be made, for which `splice` has the error.
   * @throws CodecError as `splice` does, except `unsupported`.
   */
  move(
    compression: Compression,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
  ): readonly (readonly Uint8Array[])[] | undefined;
  /**
   * The byte-level step of RLE and ZIP(S) alone, as deep parts use it for their tables and samples. Data of exactly the
   * expected size is taken as raw, and larger data is refused, unless `options` state that it is packed.
   * @param size Bytes expected.
   */
  unpackBytes(
    compression: 'rle' | 'zips' | 'zip',
    packed: Uint8Array,
    size: number,
    options?: AnyLengthOptions,
  ): Uint8Array;
  /** The inverse of `unpackBytes`; returns a copy of `raw` when compression would not make it smaller. */
  packBytes(
    compression: 'rle' | 'zips' | 'zip',
    raw: Uint8Array,
    options?: AnyLengthOptions & { readonly level?: number },
  ): Uint8Array;
  /**
   * The samples or the table of a deep chunk of ZSTD, which packs them by rows. The bytes must be packed, whatever their number:
   * recognising data stored raw is up to the caller.
   * @throws CodecError when the data is damaged, or the rows invalid.
   */
  unpackRows(compression: 'zstd', packed: Uint8Array, rows: DeepRows): Uint8Array;
  /** The inverse of `unpackRows`; the packed form may be longer than `raw`. */
  packRows(compression: 'zstd', raw: Uint8Array, rows: DeepRows, options?: { readonly level?: number }): Uint8Array;
  /**
   * What `packRows` would make of some channels of packed rows (indices into `rows.types`, in the requested order), without
   * touching a sample. Undefined where this is impossible for these rows, which OpenEXR does not write.
   */
  pickRows(
    compression: 'zstd',
    packed: Uint8Array,
    rows: DeepRows,
    channels: readonly number[],
    options?: { readonly level?: number },
  ): Uint8Array | undefined;
}
