// Tokens that must be written with codes other than those they were read with. They are kept as u16 headers:
//   1 .. 32767           that many literals, which follow
//   0x8000 + distance-1  a match; a byte with its length - 3 follows
//   0                    bytes of a match that cannot move; their number (u16) and the bytes follow
// in pages of memory, and each contiguous part within a page is a piece of its run.

import { arenaAlloc } from '../memory';
import { Piece, pieceAt, PIECE_TOKENS, Source } from './records';
import { OK, OUT_OF_MEMORY } from '../status';

export const LOG_MATCH: u32 = 0x8000;
export const LOG_NEW: u32 = 0;

const PAGE_BYTES: usize = 65536;
const LITERALS_AT_ONCE: usize = 4096;

/** The most pages that the tokens of `bytes` bytes can fill: at worst, a new byte and two literals take 9 bytes. */
export function logPages(bytes: usize): u32 {
  return <u32>(bytes / 16384) + 2;
}

let logAt: usize = 0;
let logEnd: usize = 0;
/** The piece being filled, or 0. */
let openPiece: usize = 0;

/** Forgets the pages of an earlier splice. */
export function resetLog(): void {
  logAt = 0;
  logEnd = 0;
  endTokens();
}

/** The entry of new bytes that ends where the log does now, or 0. */
let openNew: usize = 0;
const MOST_NEW: u32 = 0xffff;

/** Ends the piece being filled: something else follows it, or its run ends. */
export function endTokens(): void {
  openPiece = 0;
  openNew = 0;
}

/** Adds a piece to a source. Returns null when there are too many. */
export function addPiece(source: Source, kind: u32): Piece | null {
  endTokens();
  if (source.pieceCount == source.pieceRoom) return null;
  const piece = pieceAt(source, source.pieceCount++);
  piece.kind = kind;
  return piece;
}

/** Makes sure that a piece is open with room for `bytes` more. */
function makeRoom(source: Source, bytes: usize): bool {
  if (logAt + bytes > logEnd) {
    logAt = arenaAlloc(PAGE_BYTES);
    if (logAt == 0) return false;
    logEnd = logAt + PAGE_BYTES;
    endTokens();
  }
  if (openPiece != 0) return true;
  const piece = addPiece(source, PIECE_TOKENS);
  if (piece == null) return false;
  piece.from = <u64>logAt;
  piece.to = <u64>logAt;
  openPiece = changetype<usize>(piece);
  return true;
}

/** Records `count` literals at `from`. Returns OK or OUT_OF_MEMORY. */
export function logLiterals(source: Source, from: usize, count: usize): i32 {
  while (count > 0) {
    const n = min(count, LITERALS_AT_ONCE);
    if (!makeRoom(source, n + 2)) return OUT_OF_MEMORY;
    store<u16>(logAt, <u16>n);
    logAt += 2;
    openNew = 0;
    // Copies up to 15 bytes too many, for which there is room: what follows overwrites them.
    if (logAt + n + 16 <= logEnd) {
      for (let i: usize = 0; i < n; i += 16) v128.store(logAt + i, v128.load(from + i));
    } else {
      for (let i: usize = 0; i < n; ++i) store<u8>(logAt + i, load<u8>(from + i));
    }
    logAt += n;
    from += n;
    count -= n;
    changetype<Piece>(openPiece).to = <u64>logAt;
  }
  return OK;
}

/** Records a match. Returns OK or OUT_OF_MEMORY. */
export function logMatch(source: Source, length: u32, distance: u32): i32 {
  if (!makeRoom(source, 3)) return OUT_OF_MEMORY;
  store<u16>(logAt, <u16>(LOG_MATCH | (distance - 1)));
  store<u8>(logAt, <u8>(length - 3), 2);
  logAt += 3;
  openNew = 0;
  changetype<Piece>(openPiece).to = <u64>logAt;
  return OK;
}

/** Records `count` (at most 258) bytes at `from` that were part of a match. Returns OK or OUT_OF_MEMORY. */
export function logNew(source: Source, from: usize, count: usize): i32 {
  let had: u32 = 0;
  if (openNew != 0 && logAt + count <= logEnd) had = load<u16>(openNew);
  if (had == 0 || had + <u32>count > MOST_NEW) {
    had = 0;
    if (!makeRoom(source, count + 4)) return OUT_OF_MEMORY;
    store<u16>(logAt, <u16>LOG_NEW);
    openNew = logAt + 2;
    logAt += 4;
  }
  store<u16>(openNew, <u16>(had + <u32>count));
  memory.copy(logAt, from, count);
  logAt += count;
  changetype<Piece>(openPiece).to = <u64>logAt;
  return OK;
}
