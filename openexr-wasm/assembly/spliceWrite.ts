// Writes a target: the pieces of its runs one after the other, in blocks. Bits that are copied stand in a block with a
// copy of their own block's header. Tokens that are known by their content wait until it is clear what comes next, and
// are then written where it takes the fewest bits: in the block that is open, in the one that is next, in one with the
// fixed codes, or in one with codes made for them.

import { arenaAlloc } from './memory';
import { joinA, joinB } from './spliceAdler';
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
} from './spliceBits';
import { DISTANCE_COUNTS, LITERAL_COUNTS, makeBlockCodes, putBlockHeader } from './spliceCodes';
import {
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  FIRST_LENGTH,
  FIXED,
  lengthExtraBits,
  lengthSymbol,
  LITERAL_SYMBOLS,
  readBlockHeader,
  setFixedLengths,
} from './spliceDeflate';
import { LOG_MATCH } from './spliceLog';
import {
  Block,
  form,
  FORM_ZIP,
  nextStrand,
  Piece,
  pieceAt,
  PIECE_BITS,
  PIECE_STORED,
  PIECE_TOKENS,
  Run,
  Source,
  sourceAt,
  startingRun,
  startWalk,
  strandSource,
  Target,
  targetAt,
} from './spliceRuns';
import { makeCodes } from './spliceTables';
import { OK, OUT_OF_MEMORY, OUTPUT_FULL } from './status';

/** A window of 32 KiB, the default effort. */
const ZLIB_HEADER: u64 = 0x5e78;

const NEVER: u64 = <u64>-1;
const CODES_BYTES: usize = 320 * 4;

/** Waiting tokens, u32: a literal, or MATCH with length - 3 from bit 16 on and distance - 1. */
const MATCH: u32 = 0x80000000;
const MOST_TOKENS: u32 = 16384;
const TOKENS: usize = memory.data(65536, 16);
let tokenCount: u32 = 0;
let matchCount: u32 = 0;

/** Fewer tokens hardly pay for a header. */
const MIN_OWN_TOKENS: u32 = 64;
/** More literals than this may be worth codes even between stored bytes. */
const MOST_STORED_LITERALS: u32 = 64;

const FIXED_CODES: usize = memory.data(320 * 4, 16);
const OWN_CODES: usize = memory.data(320 * 4, 16);
let haveFixedCodes: bool = false;

/** Extra costs of a fixed block: its header and its end. */
const FIXED_BLOCK_BITS: u64 = 3 + 7;

// The block being written.
const CLOSED: i32 = 0;
const CODED: i32 = 1;
const RAW: i32 = 2;
let openKind: i32 = CLOSED;
/** The source's block it copies; 0 for another one. */
let openBlock: usize = 0;
/** Its codes; 0 for a source's block until they are needed. */
let openCodes: usize = 0;
/** The code of its end. */
let openEnd: u32 = 0;
let openHeader: u64 = 0;
let rawSizes: usize = 0;
let rawBytes: u32 = 0;

/** An error met where only costs are returned. */
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
  tokenCount = 0;
  matchCount = 0;
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
      // The sums of a run whose first byte is another one.
      runA = joinA(runA + 65521 - <u32>run.stored, stored);
      runB = <u32>((<u64>runB + (<u64>(stored + 65521 - <u32>run.stored)) * <u64>run.bytes) % 65521);
      before = <u32>run.last;
      addLiteral(stored);
    }
    b = joinB(a, b, runB, run.bytes);
    a = joinA(a, runA);
    putRun(sourceAt(strandSource), run);
    if (failure < 0) return failure;
    if (bitsFull) return OUTPUT_FULL;
  }
  flush(0, false);
  close();
  if (failure < 0) return failure;
  alignBits();
  if (bitsFull) return OUTPUT_FULL;
  setBit(openHeader);
  putBits(<u64>bswap((b << 16) | a), 32);
  // The last bits may have gone a few bytes too far.
  return bitsFull || bitOut - dst > capacity ? OUTPUT_FULL : <i32>(bitOut - dst);
}

function putRun(source: Source, run: Run): void {
  const end = run.firstPiece + run.pieces;
  for (let i = run.firstPiece; i < end; ++i) {
    const piece = pieceAt(source, i);
    if (piece.kind == PIECE_TOKENS) addTokens(<usize>piece.from, <usize>piece.to);
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
  flush(0, true);
  while (count > 0) {
    if (openKind != RAW || rawBytes == 0xffff) openRaw();
    const n = min(count, <usize>(0xffff - rawBytes));
    putBytes(from, n);
    rawBytes += <u32>n;
    from += n;
    count -= n;
  }
}

function addLiteral(value: u32): void {
  store<u32>(TOKENS + (<usize>tokenCount << 2), value);
  if (++tokenCount == MOST_TOKENS) flush(0, false);
}

/** Takes tokens out of a log (see spliceLog.ts). */
function addTokens(from: usize, to: usize): void {
  while (from < to) {
    const head = <u32>load<u16>(from);
    from += 2;
    if (head & LOG_MATCH) {
      store<u32>(TOKENS + (<usize>tokenCount << 2), MATCH | (<u32>load<u8>(from++) << 16) | (head ^ LOG_MATCH));
      ++matchCount;
      if (++tokenCount == MOST_TOKENS) flush(0, false);
      continue;
    }
    let count = head;
    while (count > 0) {
      const n = min(count, MOST_TOKENS - tokenCount);
      const at = TOKENS + (<usize>tokenCount << 2);
      for (let i: usize = 0; i < <usize>n; ++i) store<u32>(at + (i << 2), <u32>load<u8>(from + i));
      from += <usize>n;
      count -= n;
      tokenCount += n;
      if (tokenCount == MOST_TOKENS) flush(0, false);
    }
  }
}

/**
 * Writes the waiting tokens, in front of a copy from the block `next` or of stored bytes, or when neither is known. A
 * block that is then open need not be the one that comes next.
 */
function flush(next: usize, nextIsRaw: bool): void {
  if (tokenCount == 0) return;
  const mayStay = openKind == CODED;
  const isSame = mayStay && next != 0 && next == openBlock;
  const stay = mayStay ? cost(codesOfOpen()) : NEVER;
  if (isSame && stay != NEVER) {
    putTokens(openCodes);
    tokenCount = 0;
    matchCount = 0;
    return;
  }
  // Another block in between costs the header of the next one, if it is open already, once more.
  const again = isSame ? changetype<Block>(next).tokens - changetype<Block>(next).header + <u64>(openEnd >> 16) : 0;
  let best = stay;
  let ahead = NEVER;
  if (next != 0 && !isSame) {
    ahead = cost(codesOf(changetype<Block>(next)));
    best = min(best, ahead);
  }
  let raw = NEVER;
  if (matchCount == 0 && tokenCount <= MOST_STORED_LITERALS && (nextIsRaw || openKind == RAW)) {
    raw = <u64>tokenCount << 3;
    best = min(best, raw);
  }
  const fixed = cost(FIXED_CODES) + FIXED_BLOCK_BITS + again;
  best = min(best, fixed);
  if (failure < 0) return;
  if (tokenCount >= MIN_OWN_TOKENS) {
    countTokens();
    const own = makeBlockCodes() + extraBits() + again;
    if (own < best) {
      close();
      beginBlock(0);
      putBlockHeader();
      makeCodes(OWN_CODES);
      openCodes = OWN_CODES;
      openEnd = load<u32>(OWN_CODES + (END_OF_BLOCK << 2));
      best = NEVER;
    }
  }
  if (best == NEVER) {
    // In a block of its own, which is open.
  } else if (best == stay) {
    // In the block that is open.
  } else if (best == ahead) {
    open(changetype<Block>(next));
  } else if (best == raw) {
    putLiteralBytes();
    return;
  } else {
    close();
    beginBlock(0);
    putBits(FIXED << 1, 3);
    openCodes = FIXED_CODES;
    openEnd = load<u32>(FIXED_CODES + (END_OF_BLOCK << 2));
  }
  putTokens(codesOfOpen());
  tokenCount = 0;
  matchCount = 0;
}

/** Writes the waiting tokens, all literals, as bytes of a stored block. */
function putLiteralBytes(): void {
  for (let i: u32 = 0; i < tokenCount; ++i) {
    if (openKind != RAW || rawBytes == 0xffff) openRaw();
    putBytes(TOKENS + (<usize>i << 2), 1);
    ++rawBytes;
  }
  tokenCount = 0;
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

function beginBlock(block: usize): void {
  openKind = CODED;
  openBlock = block;
  openCodes = 0;
  openHeader = bitPosition();
}

/** Opens a copy of a source's block, without its mark as the last one. */
function open(block: Block): void {
  close();
  beginBlock(changetype<usize>(block));
  openEnd = block.end;
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
  // It was read once without an error.
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

function literalCode(codes: usize, symbol: usize): u32 {
  return load<u32>(codes + (symbol << 2));
}

function distanceCode(codes: usize, symbol: u32): u32 {
  return load<u32>(codes + ((<usize>LITERAL_SYMBOLS + <usize>symbol) << 2));
}

/** Bits of the waiting tokens with these codes; NEVER when one has none. */
function cost(codes: usize): u64 {
  let bits: u64 = 0;
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    if (token & MATCH) {
      const length = lengthSymbol((token >> 16) & 0xff);
      const distance = distanceSymbol(token & 0x7fff);
      const first = literalCode(codes, FIRST_LENGTH + <usize>length) >> 16;
      const second = distanceCode(codes, distance) >> 16;
      if (first == 0 || second == 0) return NEVER;
      bits += <u64>(first + lengthExtraBits(length) + second + distanceExtraBits(distance));
    } else {
      const size = literalCode(codes, token) >> 16;
      if (size == 0) return NEVER;
      bits += <u64>size;
    }
  }
  return bits;
}

/** Counts the waiting tokens' symbols. */
function countTokens(): void {
  memory.fill(LITERAL_COUNTS, 0, CODES_BYTES);
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    let symbol = <usize>token;
    if (token & MATCH) {
      symbol = FIRST_LENGTH + <usize>lengthSymbol((token >> 16) & 0xff);
      const distance = DISTANCE_COUNTS + (<usize>distanceSymbol(token & 0x7fff) << 2);
      store<u32>(distance, load<u32>(distance) + 1);
    }
    const literal = LITERAL_COUNTS + (symbol << 2);
    store<u32>(literal, load<u32>(literal) + 1);
  }
}

/** The extra bits of all tokens that countTokens has counted. */
function extraBits(): u64 {
  let bits: u64 = 0;
  for (let symbol: u32 = 0; symbol < 29; ++symbol) {
    bits += <u64>load<u32>(LITERAL_COUNTS + ((FIRST_LENGTH + <usize>symbol) << 2)) * <u64>lengthExtraBits(symbol);
  }
  for (let symbol: u32 = 0; symbol < 30; ++symbol) {
    bits += <u64>load<u32>(DISTANCE_COUNTS + (<usize>symbol << 2)) * <u64>distanceExtraBits(symbol);
  }
  return bits;
}

/** Writes the waiting tokens with codes that they all have. */
function putTokens(codes: usize): void {
  const end = TOKENS + (<usize>tokenCount << 2);
  for (let at = TOKENS; at < end; at += 4) {
    const token = load<u32>(at);
    if (!(token & MATCH)) {
      const code = literalCode(codes, token);
      putBits(<u64>(code & 0xffff), <u64>(code >> 16));
      continue;
    }
    const length = (token >> 16) & 0xff;
    const lengthAs = lengthSymbol(length);
    const first = literalCode(codes, FIRST_LENGTH + <usize>lengthAs);
    let bits = <u64>(first & 0xffff);
    let count = <u64>(first >> 16);
    let extra = lengthExtraBits(lengthAs);
    bits |= <u64>(length & ((1 << extra) - 1)) << count;
    // 258 has a symbol of its own, whose extra bits are none.
    count += <u64>extra;
    const distance = token & 0x7fff;
    const distanceAs = distanceSymbol(distance);
    const second = distanceCode(codes, distanceAs);
    bits |= <u64>(second & 0xffff) << count;
    count += <u64>(second >> 16);
    extra = distanceExtraBits(distanceAs);
    bits |= <u64>(distance & ((1 << extra) - 1)) << count;
    putBits(bits, count + <u64>extra);
  }
}
