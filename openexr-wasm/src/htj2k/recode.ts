// The few channels of a splice whose code blocks must be decoded and encoded: where red, green and blue that are coded
// together are separated, or two such triples meet in one chunk, where a chunk stored raw is joined with others, and where
// LJ2K coded channels larger than they are. They are always encoded without loss.
import type { ChunkLayout } from '../types.js';

export interface HtKernels {
  /** The planar samples of a chunk with a codestream, which may be longer than they are. */
  decode(layout: ChunkLayout, packed: Uint8Array): Uint8Array;
  /**
   * The opposite, without a colour transform: each channel by itself. Always a codestream, even where it is longer than
   * the samples.
   */
  encodeApart(layout: ChunkLayout, planar: Uint8Array): Uint8Array;
}
