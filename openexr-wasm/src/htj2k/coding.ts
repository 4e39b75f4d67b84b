// SPcod and SPcoc: how coefficients are cut into resolutions, precincts and code blocks (T.800, A.6.1).
import { CodecError } from '../errors.js';
import type { Coding } from './codestream.js';
import type { SegmentReader } from './markers.js';

const MAX_LEVELS = 32;

/** Without explicit sizes, precincts are as large as possible. */
const LARGEST_PRECINCT = 15;

/** All code blocks are high-throughput ones, which have only one more flag: vertically causal contexts. */
const STYLE_HT = 0x40;
const STYLE_CAUSAL = 0x08;

/** Reads the rest of a segment. `flags` are Scod's or Scoc's. */
export function readCoding(segment: SegmentReader, flags: number): Coding {
  const fields = new Uint8Array(segment.rest());
  if (fields.length < 5) throw new CodecError('corrupt', "the codestream's coding style is too short");
  const [levels = 0, width = 0, height = 0, style = 0, transform = 0] = fields;
  if (levels > MAX_LEVELS) throw new CodecError('corrupt', `the codestream has ${levels} decompositions`);
  if ((style & ~STYLE_CAUSAL) !== STYLE_HT) {
    throw new CodecError('unsupported', 'the codestream has code blocks that are not high-throughput ones');
  }
  if (transform > 1) throw new CodecError('unsupported', 'the codestream has a wavelet that is not supported');
  // At most 1024 samples wide or high, and 4096 in all.
  if (width > 8 || height > 8 || width + height > 8) {
    throw new CodecError('corrupt', 'the codestream has code blocks of an invalid size');
  }
  const precincts = (flags & 1) !== 0;
  const sizes = fields.subarray(5);
  if (sizes.length !== (precincts ? levels + 1 : 0)) {
    throw new CodecError('corrupt', "the codestream's precinct sizes do not match its decompositions");
  }
  const precinctWidths = new Uint8Array(levels + 1).fill(LARGEST_PRECINCT);
  const precinctHeights = new Uint8Array(levels + 1).fill(LARGEST_PRECINCT);
  for (const [resolution, size] of sizes.entries()) {
    precinctWidths[resolution] = size & 15;
    precinctHeights[resolution] = size >> 4;
    // Above the smallest resolution a precinct holds half as much of each band.
    if (resolution > 0 && ((size & 15) === 0 || size >> 4 === 0)) {
      throw new CodecError('corrupt', 'the codestream has precincts of an invalid size');
    }
  }
  return {
    precincts,
    bytes: fields,
    levels,
    blockWidth: width + 2,
    blockHeight: height + 2,
    style,
    reversible: transform === 1,
    precinctWidths,
    precinctHeights,
  };
}
