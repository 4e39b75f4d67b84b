// Reads a source: inflates it in a sliding window, checks it, and records for every requested run how it gets into a target.
//
// A token of a run can be moved with its run when it copies from within the run, or is a literal. As long as tokens are
// like that, only the bits at which they begin and end are recorded ("copying"). Other tokens, those that reach across an
// edge of their run, are recorded by their content in splice/log.ts. Where that would happen so often that the records grow
// large, and where runs are so short that repeating block headers costs more than new codes, all tokens are recorded
// ("logging").
//
// With the predictor, the first byte of a run depends on what precedes it. It is recorded in the run alone, and no
// token may copy from it.

import { arenaAlloc } from '../memory';
import { adlerA, adlerB, adlerSums, byteSum, joinA, joinB } from '../deflate/adler';
import {
  CODE_LENGTHS,
  distanceSymbol,
  DISTANCE_LENGTHS,
  FIRST_LENGTH,
  FIXED,
  goodHeader,
  headerEnd,
  lengthSymbol,
  MAX_DISTANCE,
  MIN_MATCH,
  peekBits,
  readBlockHeader,
  STORED,
  storedLength,
  ZLIB_CHECKSUM_BYTES,
  ZLIB_HEADER_BITS,
  ZLIB_MIN_BYTES,
} from '../deflate/format';
import { addPiece, endTokens, logLiterals, logMatch, logNew, logPages } from './log';
import { Block, Piece, PIECE_BITS, PIECE_STORED, Run, runAt, Source } from './records';
import { form, FORM_ZIP, sourceAt } from './runs';
import {
  BLOCK_ENDED,
  decodedPosition,
  decodedTo,
  decodeTokens,
  goOnAt,
  STOPPED,
  tokenPosition,
} from '../deflate/decode';
import { buildTables } from '../deflate/tables';
import { WINDOW, WINDOW_BYTES } from '../deflate/window';
import { copyMatch, prepareMatches } from '../deflate/matches';
import { CORRUPT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED } from '../status';

const WINDOW_STOP: usize = WINDOW + WINDOW_BYTES;

/** Repeated bytes are worth a token of their own from a match of this length on. */
const MIN_REPEAT: usize = 4;

/** Shorter parts of stored blocks are written as literals. */
const MIN_STORED: usize = 64;

const NO_BLOCK: u32 = 0xff;
const NOT_COPYING: u64 = <u64>-1;

// State of the source being read.
let sourceAddress: usize = 0;
let src: usize = 0;
/** The bits that belong to blocks: all but the checksum. */
let endBit: u64 = 0;
/** The next bit. */
let position: u64 = 0;
/** Where the next byte goes in the window, and the stream position of the window's first byte. */
let out: usize = 0;
let windowStart: u32 = 0;
/** Start of the bytes that are not yet in the checksum. */
let unsummed: usize = 0;
let blockType: u32 = NO_BLOCK;
let tablesAreFixed: bool = false;
let storedLeft: u32 = 0;
/** What remains of a match that reaches into the next run. */
let matchLeft: u32 = 0;
let distanceLeft: u32 = 0;

// The block being read: the fields of its record, until it gets one.
let blockHeader: u64 = 0;
let blockTokens: u64 = 0;
let blockRecord: usize = 0;

// The run being read.
let runEnd: usize = 0;
/** Tokens that copy from before this address cannot move. */
let floor: usize = 0;
/** Address of the first byte if that depends on the run before; else 0. */
let patched: usize = 0;
let wanted: bool = false;
let logging: bool = false;
/** Whether there are so many pieces that the rest of the source must be logged. */
let mustLog: bool = false;
/** How much is logged at the start of each run, and the bit from which this run may be copied. */
let logBits: u64 = 0;
let copyAfter: u64 = 0;
/** First bit of the tokens being copied, or NOT_COPYING. */
let copyFrom: u64 = NOT_COPYING;
/** First of the literals that are not in the log yet. */
let literals: usize = 0;

/** Let spliceRead choose what to log. */
const CHOOSE: i32 = -1;
/** Log all, and what cannot be moved as bytes for which the writer finds tokens (splice/renew.ts). */
const RENEW: i32 = -2;
/** Whether the sources of this splice are read that way. */
export let renews: bool = false;

/** Runs of fewer packed bytes are logged: copied, the headers of their blocks would cost a percent or more. */
const MIN_COPIED_RUN: u64 = 12288;

/**
 * How much is logged at the start of runs that are copied. It costs a block with codes of its own, but most tokens that
 * cannot be copied are there, and it keeps runs with little content from costing the headers of the blocks they are in.
 */
const LOGGED_START: u64 = 500;

/**
 * Reads source `i`. The first `logBytes` packed bytes of each run are logged, the rest is copied; CHOOSE decides by the
 * average size of the requested runs, and RENEW, for all sources of a splice or none, has the writer look for matches.
 * Returns OK or a negative status: OUTPUT_FULL when the stream holds more than its chunk can.
 */
export function spliceRead(i: i32, logBytes: i32): i32 {
  const source = sourceAt(i);
  sourceAddress = changetype<usize>(source);
  src = source.src;
  // What follows the data must not affect which error is found.
  v128.store(src + source.srcLen, i64x2.splat(0));
  if (source.srcLen < ZLIB_MIN_BYTES) return TRUNCATED;
  if (!goodHeader(src)) return CORRUPT;
  if (!allocate(source)) return OUT_OF_MEMORY;
  prepareMatches();

  position = ZLIB_HEADER_BITS;
  endBit = <u64>(source.srcLen - ZLIB_CHECKSUM_BYTES) << 3;
  out = WINDOW;
  windowStart = 0;
  unsummed = WINDOW;
  blockType = NO_BLOCK;
  matchLeft = 0;
  copyFrom = NOT_COPYING;
  renews = logBytes == RENEW;
  const all = <u64>source.srcLen;
  logBits = (renews ? all : logBytes == CHOOSE ? chooseLogBytes(source) : <u64>logBytes) << 3;
  mustLog = false;
  lastBlock = false;
  tablesAreFixed = false;
  let before: u32 = 128;
  let a: u32 = 1;
  let b: u32 = 0;
  for (let r: u32 = 0; r < source.runCount; ++r) {
    const run = runAt(source, r);
    const status = readRun(source, run);
    if (status < 0) return position > endBit ? TRUNCATED : status;
    b = joinB(a, b, run.b, run.bytes);
    a = joinA(a, run.a);
    // Undo the predictor at both ends: each difference is biased by 128.
    run.first = <u8>(before + <u32>run.stored + 128);
    before = before + runSum + ((run.bytes & 1) << 7);
    run.last = <u8>before;
  }
  const status = readEnd(source);
  if (position > endBit) return TRUNCATED;
  if (status < 0) return status;
  const checksum = bswap(load<u32>(src + <usize>((position + 7) >> 3)));
  if (checksum != ((b << 16) | a)) return CORRUPT;
  return OK;
}

function chooseLogBytes(source: Source): u64 {
  let runs: u64 = 0;
  let bytes: u64 = 0;
  for (let r: u32 = 0; r < source.runCount; ++r) {
    const run = runAt(source, r);
    if (run.wanted == 0) continue;
    ++runs;
    bytes += <u64>run.bytes;
  }
  // As if all bytes compressed equally well.
  const packed = bytes * <u64>source.srcLen;
  return packed < MIN_COPIED_RUN * runs * <u64>source.bytes ? <u64>source.srcLen : LOGGED_START;
}

/** The most pieces a source may have before the rest of it is logged. */
let pieceBudget: u32 = 0;

function allocate(source: Source): bool {
  const most = 256 + <u64>source.runCount * 4 + (<u64>source.bytes >> 7);
  pieceBudget = <u32>most;
  // Every piece but the log's counts against the budget, and the log begins at most one for each of these, run or page.
  const room = most * 2 + <u64>source.runCount + <u64>logPages(source.bytes) + 8;
  const blocks = 256 + (<u64>source.bytes >> 12);
  if (room * offsetof<Piece>() > 0x7fffffff) return false;
  source.pieceRoom = <u32>room;
  source.pieces = arenaAlloc(<usize>room * offsetof<Piece>());
  source.pieceCount = 0;
  source.blockRoom = <u32>blocks;
  source.blocks = arenaAlloc(<usize>blocks * offsetof<Block>());
  source.blockCount = 0;
  return source.pieces != 0 && source.blocks != 0;
}

/** Sum of the bytes of the run read last, modulo 2^32. */
let runSum: u32 = 0;

function currentSource(): Source {
  return changetype<Source>(sourceAddress);
}

/** Whether the block being read is the stream's last. */
let lastBlock: bool = false;

function readRun(source: Source, run: Run): i32 {
  run.firstPiece = source.pieceCount;
  run.a = 0;
  run.b = 0;
  runSum = 0;
  wanted = run.wanted != 0;
  const isPatched = form == FORM_ZIP;
  const end = run.start + run.bytes;
  setRunEnd(end);
  patched = isPatched ? out : 0;
  floor = wanted ? out + (isPatched ? 1 : 0) : WINDOW;
  literals = floor;
  const begin = position;
  copyAfter = position + logBits;
  logging = mustLog || logBits > 0;
  endTokens();
  let status = OK;
  while (out < runEnd) {
    if (matchLeft > 0) status = continueMatch();
    else if (blockType == NO_BLOCK) status = nextBlock();
    else if (blockType == STORED) status = readStored();
    else status = readTokens();
    if (status < 0) return status;
    if (out >= WINDOW_STOP) {
      status = slide(run, end);
      if (status < 0) return status;
    }
  }
  if (wanted) {
    status = logging ? flushLiterals() : endCopy(position);
    if (status < 0) return status;
  }
  run.pieces = source.pieceCount - run.firstPiece;
  run.bits = position - begin;
  sumUp(run);
  return OK;
}

/** Where the run ends in the window, or far past the window. */
function setRunEnd(end: u32): void {
  runEnd = WINDOW + <usize>min(end - windowStart, 0x10000000);
}

/** Adds the bytes since the last call to the run's sums. */
function sumUp(run: Run): void {
  const bytes = <u32>(out - unsummed);
  if (bytes == 0) return;
  if (windowStart + <u32>(unsummed - WINDOW) == run.start) run.stored = load<u8>(unsummed);
  adlerSums(unsummed, bytes);
  run.b = joinB(run.a, run.b, adlerB, bytes);
  run.a = joinA(run.a, adlerA);
  runSum += byteSum;
  unsummed = out;
}

/** Makes room in the window, in the middle of a run. */
function slide(run: Run, end: u32): i32 {
  sumUp(run);
  if (wanted && logging) {
    const status = flushLiterals();
    if (status < 0) return status;
  }
  const by = out - MAX_DISTANCE - WINDOW;
  memory.copy(WINDOW, WINDOW + by, MAX_DISTANCE);
  out -= by;
  unsummed = out;
  literals = out;
  windowStart += <u32>by;
  floor = floor > WINDOW + by ? floor - by : WINDOW;
  // The first byte of the run has been dealt with.
  patched = 0;
  setRunEnd(end);
  return OK;
}

function nextBlock(): i32 {
  // The stream ends, but the chunk does not.
  if (lastBlock) return TRUNCATED;
  blockHeader = position;
  blockRecord = 0;
  if (position + 3 > endBit) return TRUNCATED;
  lastBlock = (peekBits(src, position) & 1) != 0;
  const type = readBlockHeader(src, position, endBit);
  if (type < 0) return type;
  position = headerEnd;
  blockTokens = position;
  blockType = <u32>type;
  if (blockType == STORED) {
    storedLeft = storedLength;
    if (storedLeft == 0) blockType = NO_BLOCK;
    return OK;
  }
  // A stream may consist of empty fixed blocks, which must not take much more time than their bytes.
  if (blockType == FIXED && tablesAreFixed) return OK;
  tablesAreFixed = blockType == FIXED;
  return buildTables();
}

/** Copies bytes of a stored block, up to an edge. */
function readStored(): i32 {
  const count = min(min(<usize>storedLeft, runEnd - out), WINDOW_STOP - out);
  const from = src + <usize>(position >> 3);
  if (position + (<u64>count << 3) > endBit) return TRUNCATED;
  if (wanted) {
    if (logging) {
      const status = flushLiterals();
      if (status < 0) return status;
    }
    const status = noteStored(from, count);
    if (status < 0) return status;
  }
  memory.copy(out, from, count);
  out += count;
  literals = out;
  position += <u64>count << 3;
  storedLeft -= <u32>count;
  if (storedLeft == 0) blockType = NO_BLOCK;
  return OK;
}

function noteStored(from: usize, count: usize): i32 {
  const source = currentSource();
  if (out == patched) {
    ++from;
    --count;
  }
  if (count < MIN_STORED || source.pieceCount >= pieceBudget) return logLiterals(source, from, count);
  const piece = addPiece(source, PIECE_STORED);
  if (piece == null) return OUT_OF_MEMORY;
  piece.from = <u64>from;
  piece.to = <u64>(from + count);
  return OK;
}

/** Decodes tokens up to an edge or the end of the block. */
function readTokens(): i32 {
  let status: i32;
  if (logging && position >= copyAfter && !mustLog && wanted && out != patched) {
    status = flushLiterals();
    if (status < 0) return status;
    logging = false;
  }
  if (wanted && !logging && copyFrom == NOT_COPYING) {
    if (out == patched) {
      // The first byte: a literal stays out of the copy, a match becomes something else.
      status = decode(out + 1);
    } else {
      beginCopy();
      status = decode(min(runEnd, WINDOW_STOP));
    }
  } else {
    status = decode(min(runEnd, WINDOW_STOP));
  }
  if (status != BLOCK_ENDED) return status;
  return endBlock();
}

/** The position is past the end of a block with codes; its end code began at tokenPosition. */
function endBlock(): i32 {
  const status = endCopy(tokenPosition);
  if (status < 0) return status;
  noteEnd();
  blockType = NO_BLOCK;
  return OK;
}

/** Records the code of the block's end. */
function noteEnd(): void {
  if (blockRecord == 0) return;
  const bits = <u32>(position - tokenPosition);
  const code = <u32>peekBits(src, tokenPosition) & ((<u32>1 << bits) - 1);
  changetype<Block>(blockRecord).end = code | (bits << 16);
}

/** From here on tokens are copied, if there may be more pieces. */
function beginCopy(): void {
  const source = currentSource();
  if (source.pieceCount >= pieceBudget || source.blockCount >= source.blockRoom) {
    mustLog = true;
    logging = true;
    literals = out;
    return;
  }
  copyFrom = position;
}

/** The tokens up to bit `to` are the last that can be copied. */
function endCopy(to: u64): i32 {
  const from = copyFrom;
  copyFrom = NOT_COPYING;
  if (from == NOT_COPYING || from == to) return OK;
  const source = currentSource();
  if (blockRecord == 0) {
    const block = changetype<Block>(source.blocks + <usize>source.blockCount * offsetof<Block>());
    ++source.blockCount;
    block.header = blockHeader;
    block.tokens = blockTokens;
    block.src = src;
    block.type = blockType;
    block.codes = 0;
    blockRecord = changetype<usize>(block);
  }
  const piece = addPiece(source, PIECE_BITS);
  if (piece == null) return OUT_OF_MEMORY;
  piece.block = blockRecord;
  piece.from = from;
  piece.to = to;
  return OK;
}

/** Logs the literals since the last match. */
function flushLiterals(): i32 {
  const from = literals;
  literals = out;
  return from < out ? logLiterals(currentSource(), from, out - from) : OK;
}

/** Bytes of a match that began in an earlier run. */
function continueMatch(): i32 {
  return placeMatch(matchLeft, distanceLeft);
}

/** A match that is not simply copied: it has bits `from` to `to`, if it is whole. */
function onMatch(length: u32, distance: u32, from: u64, to: u64): i32 {
  // What lies before the stream's start cannot be copied.
  if (out - <usize>distance < WINDOW) return CORRUPT;
  if (!wanted) return placeMatch(length, distance);
  let status = logging ? flushLiterals() : endCopy(from);
  if (status < 0) return status;
  status = placeMatch(length, distance);
  if (status < 0) return status;
  if (out >= runEnd) return OK;
  position = to;
  if (logging && to >= copyAfter && !mustLog) logging = false;
  if (!logging) beginCopy();
  return OK;
}

/** Copies the match's bytes up to the end of the run, and records them. */
function placeMatch(length: u32, distance: u32): i32 {
  const count = min(<usize>length, runEnd - out);
  copyMatch(out, <usize>distance, count);
  matchLeft = length - <u32>count;
  distanceLeft = distance;
  let status = OK;
  if (wanted) status = noteMatch(count, distance);
  out += count;
  literals = out;
  return status;
}

/** Records `count` bytes at `out`, which are a match but perhaps not one that can be moved. */
function noteMatch(count: usize, distance: u32): i32 {
  const source = currentSource();
  let i: usize = out == patched ? 1 : 0;
  // Until the match copies from within the run, its bytes count as new ones.
  const from = out - <usize>distance;
  const foreign = min(from < floor ? floor - from : 0, count);
  if (foreign > i) {
    const status = renews ? logNew(source, out + i, foreign - i) : noteBytes(out + i, foreign - i);
    if (status < 0) return status;
    i = foreign;
  }
  if (i >= count) return OK;
  if (count - i >= MIN_MATCH && hasCodes(<u32>(count - i), distance)) {
    return logMatch(source, <u32>(count - i), distance);
  }
  return logLiterals(source, out + i, count - i);
}

/** Records bytes as literals, or, where they are all the same, as matches of distance 1. */
function noteBytes(at: usize, count: usize): i32 {
  const source = currentSource();
  const end = at + count;
  let start = at;
  while (at < end) {
    // The byte before is in the run if it is above the floor.
    let same = at;
    if (at > floor) {
      const value = load<u8>(at - 1);
      while (same < end && load<u8>(same) == value) ++same;
    }
    if (same - at < MIN_REPEAT || !hasCodes(<u32>(same - at), 1)) {
      at = max(same, at + 1);
      continue;
    }
    const status = logLiterals(source, start, at - start);
    if (status < 0) return status;
    const matched = logMatch(source, <u32>(same - at), 1);
    if (matched < 0) return matched;
    at = same;
    start = at;
  }
  return logLiterals(source, start, at - start);
}

/**
 * Whether the block being read has codes for a match, so that it can be written among the block's other tokens. A
 * log may hold any.
 */
function hasCodes(length: u32, distance: u32): bool {
  if (logging) return true;
  const symbol = FIRST_LENGTH + <usize>lengthSymbol(length - MIN_MATCH);
  if (load<u8>(CODE_LENGTHS + symbol) == 0) return false;
  return load<u8>(DISTANCE_LENGTHS + <usize>distanceSymbol(distance - 1)) != 0;
}

/** All runs are read: what is left must be the end of the stream, without another byte. */
function readEnd(source: Source): i32 {
  if (matchLeft > 0) return OUTPUT_FULL;
  while (true) {
    if (blockType == NO_BLOCK) {
      if (lastBlock) return OK;
      const status = nextBlock();
      if (status < 0) return status;
      continue;
    }
    if (blockType == STORED) return OUTPUT_FULL;
    // A token other than the block's end is either bad or has content.
    wanted = false;
    floor = WINDOW;
    runEnd = out;
    const status = decode(out);
    if (status != BLOCK_ENDED) return status < 0 ? status : OUTPUT_FULL;
    const ended = endBlock();
    if (ended < 0) return ended;
  }
}

/** What the current decoding stops for, besides the end of the block. */
let decodingStop: usize = 0;
let decodingLogs: bool = false;

/**
 * Decodes tokens of the current block from `position` on to `out`, at least one, until `out` is at `stop` or the block
 * ends, or matches have to be treated differently. Returns STOPPED, BLOCK_ENDED or a negative status.
 */
function decode(stop: usize): i32 {
  decodingStop = stop;
  decodingLogs = logging && wanted;
  // No match ends before address 0: all are recorded.
  const edge: usize = decodingLogs ? 0 : runEnd;
  const status = decodeTokens(src, endBit, position, out, stop, floor, edge, noteInPassing);
  if (status == TRUNCATED) return status;
  out = decodedTo;
  position = decodedPosition;
  return status;
}

/** A match that is not simply copied, found by decodeTokens. */
function noteInPassing(length: u32, distance: u32): i32 {
  out = decodedTo;
  position = decodedPosition;
  const status = onMatch(length, distance, tokenPosition, position);
  if (status < 0) return status;
  goOnAt(out);
  return out >= decodingStop || decodingLogs != (logging && wanted) ? STOPPED : OK;
}
