/** Safety limits of the .blend reader: far above real files, below what would harm the machine. */
export interface BlendLimits {
  /**
   * Bytes that may be decompressed while reading one file. It is a limit on work, not on memory: of a file that
   * Blender 3.0 or later compressed, only the parts that are needed count.
   */
  readonly inflatedBytes: number;
  /**
   * The part of these that a file of less than a hundredth of it may unpack to: scenes pack to a fifth or a tenth, and
   * a file that packs to a thousandth is a bomb.
   */
  readonly claimBytes: number;
  /** Blocks in the file. */
  readonly blocks: number;
  /** Objects, materials, scenes, libraries and links to library data, together. */
  readonly datablocks: number;
  /** Bytes of the struct catalogue; Blender's own takes about 120 kB. */
  readonly catalogueBytes: number;
  /** Bytes of the window of a zstd frame; 128 MiB is where the zstd library stops as well. */
  readonly windowBytes: number;
  /**
   * Bytes that one zstd frame may unpack to. A frame is unpacked as a whole; Blender's have about two megabytes, and
   * programs that pack a whole file in one seldom meet one that is larger.
   */
  readonly frameBytes: number;
}

export const defaultBlendLimits: BlendLimits = {
  inflatedBytes: 2 ** 32,
  claimBytes: 2 ** 28,
  blocks: 2 ** 24,
  datablocks: 2 ** 20,
  catalogueBytes: 2 ** 22,
  windowBytes: 2 ** 27,
  frameBytes: 2 ** 28,
};
