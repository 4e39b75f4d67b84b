/**
 * Safety limits. A file beyond them is refused with an error of kind `limit` before memory is reserved.
 * They lie far above every real file seen and below what would hurt the machine.
 */
export interface Limits {
  /** Bytes of all headers together. */
  readonly headerBytes: number;
  /** Bytes of one attribute's value. */
  readonly attributeBytes: number;
  readonly parts: number;
  readonly channelsPerPart: number;
  /** Chunks per part; OpenEXR's own reader refuses more than 2^20. */
  readonly chunksPerPart: number;
  /** Unpacked bytes of one chunk. */
  readonly chunkBytes: number;
}

export const defaultLimits: Limits = {
  headerBytes: 64 << 20,
  attributeBytes: 32 << 20,
  parts: 4096,
  channelsPerPart: 4096,
  chunksPerPart: 1 << 20,
  chunkBytes: 1 << 30,
};

/** Bytes that the name of a channel, an attribute or a type may have, without and with the long-name flag (OpenEXR file layout, "Version field"). */
export const longestShortName = 31;
export const longestName = 255;

/** Largest window side: OpenEXR's reader refuses coordinates beyond half the 32-bit range. */
export const maxCoordinate = 0x3fffffff;
