// Writes a target: the pieces of its runs one after the other, in blocks. Bits that are copied go into a block with a
// copy of their own block's header. Tokens known by their content wait until it is clear what comes next, and
// are then written where that takes the fewest bits: in the block that is open, in the one that is next, in one with the
// fixed codes, or in one with codes made for them.

import { arenaAlloc } from '../memory';
import { joinA, joinB } from '../deflate/adler';
import {
  alignBits,
  bitOut,
  bitPosition,
  bitsFull,
  copyBits,
  putBits,
  putBytes,
  setBit,
  startBits,
} from './bits';
import { headerBits, makeBlockCodes, putBlockHeader } from './codes';
import { leastBlockBits } from './entropy';
import { END_OF_BLOCK, FIXED, readBlockHeader, setFixedLengths } from '../deflate/format';
import { Block, Piece, pieceAt, PIECE_BITS, PIECE_STORED, PIECE_TOKENS, Run, Source, Target } from './records';
import { form, FORM_ZIP, nextStrand, sourceAt, startingRun, startWalk, strandSource, targetAt } from './runs';
import { makeCodes } from '../deflate/tables';
import { LOG_MATCH, LOG_NEW } from './log';
import { renews } from './read';
import { addBytes, addHint, addTold, mustTell, startHistory, tell } from './renew';
import {
  addLiteral,
  addLogged,
  clearTokens,
  CODES_BYTES,
  countTokens,
  literalAt,
  matchCount,
  NEVER,
  putTokens,
  startTokens,
  tokenCost,
  tokenCount,
  tokensFull,
} from './tokens';
import { OK, OUT_OF_MEMORY, OUTPUT_FULL } from '../status';

/** A window of 32 KiB, the default effort. */
const ZLIB_HEADER: u64 = 0x5e78;

/** Fewer tokens are hardly worth a header. */
const MIN_OWN_TOKENS: u32 = 64;
/** More literals than this may be worth codes even between stored bytes. */
const MOST_STORED_LITERALS: u32 = 64;

const FIXED_CODES: usize = memory.data(320 * 4, 16);
const OWN_CODES: usize = memory.data(320 * 4, 16);
let haveFixedCodes: bool = false;
const ONE_BYTE: usize = memory.data(16, 16);

/** Extra costs of a fixed block: its header and its end. */
const FIXED_BLOCK_BITS: u64 = 3 + 7;

// The block being written.
const CLOSED: i32 = 0;
const CODED: i32 = 1;
const RAW: i32 = 2;
let openKind: i32 = CLOSED;
/** The source's block it copies; 0 when it is not a copy. */
let openBlock: usize = 0;
/** Its codes; 0 for a source's block until they are needed. */
let openCodes: usize = 0;
/** The code of its end. */
let openEnd: u32 = 0;
let openHeader: u64 = 0;
let rawSizes: usize = 0;
let rawBytes: u32 = 0;

/** An error found where only costs are returned. */
let failure: i32 = OK;

/**
 * Writes target `t` to `dst`. Returns the bytes written, OUTPUT_FULL when they are more than `capacity`, or another
 * negative status. All sources have been read without error.
 */
export function spliceWrite(t: i32, dst: usize, capacity: usize): i32 {
  const target = targetAt(t);
  makeFixedCodes();
  startBits(dst, capacity);
  putBits(ZLIB_HEADER, 16);
  startTokens();
  if (renews) startHistory();
  openKind = CLOSED;
  failure = OK;
  let before: u32 = 128;
  let a: u32 = 1;
  let b: u32 = 0;
  startWalk(target);
  while (nextStrand()) {
    const run = startingRun();
    if (run === null) continue;
    let runA = run.a;
    let runB = run.b;
    if (form == FORM_ZIP) {
      const stored = (<u32>run.first - before + 128) & 0xff;
      // The sums of a run whose first byte has changed.
      runA = joinA(runA + 65521 - <u32>run.stored, stored);
      runB = <u32>((<u64>runB + (<u64>(stored + 65521 - <u32>run.stored)) * <u64>run.bytes) % 65521);
      before = <u32>run.last;
      putLiteral(stored);
    }
    b = joinB(a, b, runB, run.bytes);
    a = joinA(a, runA);
    putRun(sourceAt(strandSource), run);
    if (failure < 0) return failure;
    if (bitsFull) return OUTPUT_FULL;
  }
  if (renews) tellAll();
  flush(0, false);
  close();
  if (failure < 0) return failure;
  alignBits();
  if (bitsFull) return OUTPUT_FULL;
  setBit(openHeader);
  putBits(<u64>bswap((b << 16) | a), 32);
  // The last bits may have been written a few bytes too far.
  return bitsFull || bitOut - dst > capacity ? OUTPUT_FULL : <i32>(bitOut - dst);
}

/** Bytes that the runs of target `t` took in their sources: its size if splicing cost nothing. */
export function spliceShare(t: i32): i32 {
  let bits: u64 = 0;
  startWalk(targetAt(t));
  while (nextStrand()) {
    const run = startingRun();
    if (run !== null) bits += run.bits;
  }
  return <i32>min((bits + 7) >> 3, <u64>i32.MAX_VALUE);
}

function putRun(source: Source, run: Run): void {
  const end = run.firstPiece + run.pieces;
  for (let i = run.firstPiece; i < end; ++i) {
    const piece = pieceAt(source, i);
    if (piece.kind == PIECE_TOKENS && renews) putRenewed(<usize>piece.from, <usize>piece.to);
    else if (piece.kind == PIECE_TOKENS) putLogged(<usize>piece.from, <usize>piece.to);
    else if (piece.kind == PIECE_BITS) putCopy(source, piece);
    else putRaw(<usize>piece.from, <usize>(piece.to - piece.from));
  }
}

function putCopy(source: Source, piece: Piece): void {
  flush(piece.block, false);
  if (openBlock != piece.block || openKind != CODED) open(changetype<Block>(piece.block));
  copyBits(source.src, piece.from, piece.to);
}

/** Writes bytes of a stored block. */
function putRaw(from: usize, count: usize): void {
  if (renews) tellAll();
  flush(0, true);
  while (count > 0) {
    if (openKind != RAW || rawBytes == 0xffff) openRaw();
    const n = min(count, <usize>(0xffff - rawBytes));
    putBytes(from, n);
    if (renews) addTold(from, n);
    rawBytes += <u32>n;
    from += n;
    count -= n;
  }
}

function putLiteral(value: u32): void {
  if (renews) {
    if (mustTell()) tellAll();
    store<u8>(ONE_BYTE, <u8>value);
    addBytes(ONE_BYTE, 1);
    return;
  }
  addLiteral(value);
  if (tokensFull()) flush(0, false);
}

/** Writes the contents of a log with tokens made again. */
function putRenewed(from: usize, to: usize): void {
  while (from < to) {
    if (mustTell()) tellAll();
    if (failure < 0) return;
    const head = <u32>load<u16>(from);
    from += 2;
    if (head & LOG_MATCH) {
      addHint(<u32>load<u8>(from++) + 3, (head ^ LOG_MATCH) + 1);
      continue;
    }
    let count = head;
    if (head == LOG_NEW) {
      count = <u32>load<u16>(from);
      from += 2;
    }
    addBytes(from, <usize>count);
    from += <usize>count;
  }
}

/** Makes tokens for all bytes that wait for them. */
function tellAll(): void {
  while (!tell()) flush(0, false);
  if (tokensFull()) flush(0, false);
}

function putLogged(from: usize, to: usize): void {
  while (from < to) {
    from = addLogged(from, to);
    if (tokensFull()) flush(0, false);
    if (failure < 0) return;
  }
}

/**
 * Writes the waiting tokens, before a copy from the block `next` or of stored bytes, or when neither is known. The
 * block that is open afterwards need not be the one that comes next.
 */
function flush(next: usize, nextIsRaw: bool): void {
  if (tokenCount == 0) return;
  const isSame = openKind == CODED && next != 0 && next == openBlock;
  const stay = openKind == CODED ? tokenCost(codesOfOpen()) : NEVER;
  if (isSame && stay != NEVER) {
    putTokens(openCodes, stay);
    return;
  }
  // Another block in between costs the header of the next one a second time, if that is open already.
  const again = isSame ? changetype<Block>(next).tokens - changetype<Block>(next).header + <u64>(openEnd >> 16) : 0;
  const ahead = next != 0 && !isSame ? tokenCost(codesOf(changetype<Block>(next))) : NEVER;
  const mayBeRaw = matchCount == 0 && tokenCount <= MOST_STORED_LITERALS && (nextIsRaw || openKind == RAW);
  const raw = mayBeRaw ? <u64>tokenCount << 3 : NEVER;
  const fixed = tokenCost(FIXED_CODES);
  const fixedBlock = fixed + FIXED_BLOCK_BITS + again;
  if (failure < 0) return;

  let best = min(min(stay, ahead), min(raw, fixedBlock));
  let own = NEVER;
  if (tokenCount >= MIN_OWN_TOKENS) {
    const extra = countTokens();
    // A neighbour's codes are rarely much worse: where runs of 28 KB begin, one time in a hundred.
    if (best > leastBlockBits() + extra + again) own = makeBlockCodes() + extra;
    if (own != NEVER) best = min(best, own + again);
  }
  if (best == stay) {
    putTokens(openCodes, stay);
  } else if (best == ahead) {
    open(changetype<Block>(next));
    putTokens(codesOfOpen(), ahead);
  } else if (best == raw) {
    putLiteralBytes();
  } else if (best == fixedBlock) {
    close();
    beginBlock(0, FIXED_CODES);
    putBits(FIXED << 1, 3);
    putTokens(FIXED_CODES, fixed);
  } else {
    close();
    makeCodes(OWN_CODES);
    beginBlock(0, OWN_CODES);
    putBlockHeader();
    putTokens(OWN_CODES, own - headerBits);
  }
}

/** Writes the waiting tokens, all literals, as bytes of a stored block. */
function putLiteralBytes(): void {
  for (let i: u32 = 0; i < tokenCount; ++i) {
    if (openKind != RAW || rawBytes == 0xffff) openRaw();
    putBytes(literalAt(i), 1);
    ++rawBytes;
  }
  clearTokens();
}

/** Ends the open block, if there is one. */
function close(): void {
  if (openKind == CODED) {
    putBits(<u64>(openEnd & 0xffff), <u64>(openEnd >> 16));
  } else if (openKind == RAW && !bitsFull) {
    store<u32>(rawSizes, (rawBytes ^ 0xffff) << 16 | rawBytes);
  }
  openKind = CLOSED;
}

/** Begins a block that is a copy of `block`, or whose codes are known. */
function beginBlock(block: usize, codes: usize): void {
  openKind = CODED;
  openBlock = block;
  openCodes = codes;
  openEnd = block != 0 ? changetype<Block>(block).end : load<u32>(codes + (END_OF_BLOCK << 2));
  openHeader = bitPosition();
}

/** Opens a copy of a source's block, without its mark as the last one. */
function open(block: Block): void {
  close();
  beginBlock(changetype<usize>(block), 0);
  putBits(0, 1);
  copyBits(block.src, block.header + 1, block.tokens);
}

function openRaw(): void {
  close();
  openKind = RAW;
  openHeader = bitPosition();
  putBits(0, 3);
  alignBits();
  rawSizes = bitOut;
  rawBytes = 0;
  putBits(0, 32);
}

function codesOfOpen(): usize {
  if (openCodes == 0) openCodes = codesOf(changetype<Block>(openBlock));
  return openCodes;
}

/** The codes of a source's block, in the form of makeCodes. */
function codesOf(block: Block): usize {
  if (block.codes != 0) return block.codes;
  if (block.type == FIXED) {
    block.codes = FIXED_CODES;
    return FIXED_CODES;
  }
  const codes = arenaAlloc(CODES_BYTES);
  if (codes == 0) {
    failure = OUT_OF_MEMORY;
    return FIXED_CODES;
  }
  // It has been read before without an error.
  readBlockHeader(block.src, block.header, block.tokens);
  makeCodes(codes);
  block.codes = codes;
  return codes;
}

function makeFixedCodes(): void {
  if (haveFixedCodes) return;
  setFixedLengths();
  makeCodes(FIXED_CODES);
  haveFixedCodes = true;
}
