// What a splice knows about its chunks, as laid out in memory.

/** In place of the number of a strand: there is none. */
export const NO_STRAND: u32 = 0xffffffff;

/** A run of strands in a source, and what is known about it after reading. */
@unmanaged
export class Run {
  /** Position in the source's bytes. */
  start: u32;
  bytes: u32;
  /** 1 when a target takes it. */
  wanted: u32;
  /** Its pieces: index into the source's Piece list, and how many. */
  firstPiece: u32;
  pieces: u32;
  /** Bits it takes in the source. */
  bits: u64;
  /** Its sums as in deflate/adler.ts. */
  a: u32;
  b: u32;
  /** Its first byte as stored, and its first and last one without the predictor. */
  stored: u8;
  first: u8;
  last: u8;
}

/** How a part of a run gets into a target. */
export const PIECE_BITS: u32 = 0;
export const PIECE_TOKENS: u32 = 1;
export const PIECE_STORED: u32 = 2;

@unmanaged
export class Piece {
  /** PIECE_BITS: bits from..to of the source, tokens of `block`. PIECE_TOKENS: bytes from..to of memory, in the form of
   * splice/log.ts. PIECE_STORED: bytes from..to of memory as they are. */
  kind: u32;
  block: usize;
  from: u64;
  to: u64;
}

/** A block of a source whose tokens are copied. */
@unmanaged
export class Block {
  /** Bits of the header, and where the first token starts. */
  header: u64;
  tokens: u64;
  src: usize;
  type: u32;
  /** The code of the block's end, in the form of makeCodes. */
  end: u32;
  /** All codes, once they have been needed; before that 0. */
  codes: usize;
}

/** A packed chunk to read. */
@unmanaged
export class Source {
  src: usize;
  srcLen: usize;
  table: usize;
  channels: i32;
  /** Bytes of the stream's content. */
  bytes: usize;
  /** u32[lines * channels]: number of the strand, in the first half for ZIP; NO_STRAND where there are no samples. */
  strandAt: usize;
  strands: u32;
  /** Of the first half. */
  strandsPerHalf: u32;
  /** u8[strands + 1]: marks. */
  breaks: usize;
  /** u32[strands]: number of the run. */
  runOf: usize;
  /** Run[runCount] */
  runs: usize;
  runCount: u32;
  /** Piece[pieceRoom] and Block[blockRoom]. */
  pieces: usize;
  pieceCount: u32;
  pieceRoom: u32;
  blocks: usize;
  blockCount: u32;
  blockRoom: u32;
}

/** A chunk to write. */
@unmanaged
export class Target {
  table: usize;
  channels: i32;
  /** Per channel: u32 source, u32 channel there. */
  origins: usize;
  bytes: usize;
}

export function runAt(source: Source, i: u32): Run {
  return changetype<Run>(source.runs + <usize>i * offsetof<Run>());
}

export function pieceAt(source: Source, i: u32): Piece {
  return changetype<Piece>(source.pieces + <usize>i * offsetof<Piece>());
}
