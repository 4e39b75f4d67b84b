// A DWA chunk between its entropy coding and its transforms: reading it from a file's bytes, and writing it back.
//
// A chunk as stored (facts from OpenEXR's ImfDwaCompressor.cpp): 11 little-endian u64 (see HEADER), from version 2 on
// the channel rules preceded by their own u16 size, then four streams, whose lengths the header gives:
//   unknown   zlib: the channels of that scheme, one after the other, planar
//   AC        Huffman or zlib, per the header: run-length coded coefficients, unit after unit, in a unit block
//             after block, in a block channel after channel
//   DC        zlib over the byte predictor of ZIP: one value per block, unit after unit, in a unit channel after
//             channel
//   RLE       zlib over RLE: the channels of that scheme, planar, each split into planes of its first, second .. bytes

import { deflate } from '../host';
import { inflate } from '../deflate/inflate';
import { hufCompress, hufUncompress } from '../huffman';
import { arenaAlloc } from '../memory';
import { channelBytes, channelHeight, channelWidth } from '../planes';
import { rleCollapse, rleExpand } from '../rle';
import { zipPack, zipUnpack } from '../zip';
import {
  channelAt,
  classify,
  DwaChannel,
  DwaRules,
  DwaUnit,
  legacyRules,
  maxRules,
  newRules,
  parseRules,
  readNames,
  SCHEME_RLE,
  SCHEME_UNKNOWN,
  storeRules,
  unitAt,
} from './rules';
import { BAD_ARGUMENT, CORRUPT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED, UNSUPPORTED } from '../status';

// Header fields; u64 each.
const VERSION: usize = 0;
const UNKNOWN_RAW_BYTES: usize = 8;
const UNKNOWN_PACKED_BYTES: usize = 16;
const AC_PACKED_BYTES: usize = 24;
const DC_PACKED_BYTES: usize = 32;
const RLE_PACKED_BYTES: usize = 40;
const RLE_RUNS_BYTES: usize = 48;
const RLE_RAW_BYTES: usize = 56;
const AC_COUNT: usize = 64;
const DC_COUNT: usize = 72;
const AC_METHOD: usize = 80;
const HEADER_BYTES: usize = 88;
const RULES_SIZE_BYTES: usize = 2;

/**
 * How the AC symbols are packed. OpenEXR deflates them in tiles of DWAA and nowhere else (newTileCompressor in
 * ImfCompressor.cpp), and readers rely on it: three.js cannot inflate them in scan lines.
 */
const AC_HUFFMAN: u64 = 0;
const AC_DEFLATE: u64 = 1;

/** The version written: with channel rules. Version 1 brought the end-of-block symbol, version 0 lacks it. */
const CURRENT_VERSION: u64 = 2;

/** Most AC symbols of a block. */
export const MAX_BLOCK_SYMBOLS: u64 = 63;

/** Ends a block: the remaining coefficients are zero. */
export const END_OF_BLOCK: u32 = 0xff00;

/** A chunk's coefficients and lossless samples. */
@unmanaged
export class DwaChunk {
  table: usize;
  channels: i32;
  /** DwaChannel[channels]. */
  list: usize;
  /** DwaUnit[unitCount], in the order of their coefficients. */
  units: usize;
  unitCount: i32;
  unknown: usize;
  unknownBytes: usize;
  rle: usize;
  rleBytes: usize;
  /** u16[acCount] */
  ac: usize;
  acCount: usize;
  /** u16[dcCount] */
  dc: usize;
  dcCount: usize;
}

/** Makes `chunk` an empty chunk of the given channels. Returns OK or a negative status. */
export function initChunk(chunk: DwaChunk, table: usize, channels: i32, names: usize, namesBytes: i32): i32 {
  if (channels < 0) return BAD_ARGUMENT;
  chunk.table = table;
  chunk.channels = channels;
  chunk.list = arenaAlloc(<usize>channels * offsetof<DwaChannel>());
  chunk.units = arenaAlloc(<usize>channels * offsetof<DwaUnit>());
  if (chunk.list == 0 || chunk.units == 0) return OUT_OF_MEMORY;
  return readNames(names, namesBytes, chunk.list, channels) ? OK : BAD_ARGUMENT;
}

/**
 * Classifies the channels, and computes where each has its data and how much there is: sets every field of the chunk
 * except the addresses of its four buffers and the number of AC symbols. Returns OK or a negative status.
 */
export function layOutChunk(chunk: DwaChunk, rules: DwaRules): i32 {
  const unitCount = classify(rules, chunk.table, chunk.list, chunk.channels, chunk.units);
  if (unitCount < 0) return unitCount;
  chunk.unitCount = unitCount;
  let unknownBytes: u64 = 0;
  let rleBytes: u64 = 0;
  for (let c = 0; c < chunk.channels; ++c) {
    const channel = channelAt(chunk.list, c);
    const bytes = channelBytes(chunk.table, c);
    if (channel.scheme == SCHEME_UNKNOWN) {
      channel.offset = <usize>unknownBytes;
      unknownBytes += bytes;
    } else if (channel.scheme == SCHEME_RLE) {
      channel.offset = <usize>rleBytes;
      rleBytes += bytes;
    }
  }
  let values: u64 = 0;
  for (let u = 0; u < unitCount; ++u) {
    const unit = unitAt(chunk.units, u);
    unit.blocksX = (channelWidth(chunk.table, unit.red) + 7) >> 3;
    unit.blocksY = (channelHeight(chunk.table, unit.red) + 7) >> 3;
    unit.dcStart = <u32>values;
    values += <u64>unit.blocksX * <u64>unit.blocksY * <u64>unitChannels(unit);
  }
  // The caller checked that all samples together take less than 4 GiB; one value stands for up to 64 of them.
  if (values > <u64>i32.MAX_VALUE) return OUT_OF_MEMORY;
  chunk.unknownBytes = <usize>unknownBytes;
  chunk.rleBytes = <usize>rleBytes;
  chunk.dcCount = <usize>values;
  return OK;
}

/** 3 for red, green and blue together, otherwise 1. */
export function unitChannels(unit: DwaUnit): i32 {
  return unit.green < 0 ? 1 : 3;
}

/** The most bytes of AC symbols the chunk can have. */
export function maxAcBytes(chunk: DwaChunk): u64 {
  return <u64>chunk.dcCount * MAX_BLOCK_SYMBOLS * 2;
}

/**
 * Reads a stored chunk up to its coefficients. `chunk` is initialised; all sizes are checked against the chunk
 * and its channels. Returns OK or a negative status.
 */
export function readChunk(chunk: DwaChunk, src: usize, srcLen: usize): i32 {
  if (srcLen < HEADER_BYTES) return TRUNCATED;
  const version = load<u64>(src, VERSION);
  if (version > CURRENT_VERSION) return UNSUPPORTED;
  let at = HEADER_BYTES;
  let rules: DwaRules | null;
  if (version == CURRENT_VERSION) {
    if (srcLen < HEADER_BYTES + RULES_SIZE_BYTES) return TRUNCATED;
    const size = <usize>load<u16>(src, HEADER_BYTES);
    if (size < RULES_SIZE_BYTES) return CORRUPT;
    if (srcLen - HEADER_BYTES < size) return TRUNCATED;
    const rulesBytes = <i32>(size - RULES_SIZE_BYTES);
    rules = newRules(maxRules(rulesBytes));
    if (rules === null) return OUT_OF_MEMORY;
    const status = parseRules(src + HEADER_BYTES + RULES_SIZE_BYTES, rulesBytes, rules);
    if (status < 0) return status;
    at += size;
  } else {
    rules = legacyRules();
    if (rules === null) return OUT_OF_MEMORY;
  }
  const status = layOutChunk(chunk, rules);
  if (status < 0) return status;
  return readStreams(chunk, src, src + at, src + srcLen);
}

/** Reads the four streams that start at `at`; `header` is the stored chunk's header. */
function readStreams(chunk: DwaChunk, header: usize, at: usize, end: usize): i32 {
  const unknownPacked = load<u64>(header, UNKNOWN_PACKED_BYTES);
  const acPacked = load<u64>(header, AC_PACKED_BYTES);
  const dcPacked = load<u64>(header, DC_PACKED_BYTES);
  const rlePacked = load<u64>(header, RLE_PACKED_BYTES);
  // Each by itself first, so that the sum cannot overflow.
  const available = <u64>(end - at);
  if (unknownPacked > available || acPacked > available) return TRUNCATED;
  if (dcPacked > available || rlePacked > available) return TRUNCATED;
  if (unknownPacked + acPacked + dcPacked + rlePacked > available) return TRUNCATED;

  const rleRuns = load<u64>(header, RLE_RUNS_BYTES);
  const acCount = load<u64>(header, AC_COUNT);
  if (load<u64>(header, UNKNOWN_RAW_BYTES) != <u64>chunk.unknownBytes) return CORRUPT;
  if (load<u64>(header, RLE_RAW_BYTES) != <u64>chunk.rleBytes) return CORRUPT;
  if (load<u64>(header, DC_COUNT) != <u64>chunk.dcCount) return CORRUPT;
  // A run is at worst one byte of samples in two.
  if (rleRuns > <u64>chunk.rleBytes * 2) return CORRUPT;
  if (acCount * 2 > maxAcBytes(chunk) || acCount > maxAcBytes(chunk)) return CORRUPT;
  if (acCount > <u64>i32.MAX_VALUE / 2) return OUT_OF_MEMORY;
  const method = load<u64>(header, AC_METHOD);
  if (acCount > 0 && method > AC_DEFLATE) return UNSUPPORTED;

  chunk.acCount = <usize>acCount;
  chunk.unknown = arenaAlloc(chunk.unknownBytes);
  chunk.ac = arenaAlloc(chunk.acCount * 2);
  chunk.dc = arenaAlloc(chunk.dcCount * 2);
  chunk.rle = arenaAlloc(chunk.rleBytes);
  if (chunk.unknown == 0 || chunk.ac == 0 || chunk.dc == 0 || chunk.rle == 0) return OUT_OF_MEMORY;

  let status = inflateExactly(at, <usize>unknownPacked, chunk.unknown, chunk.unknownBytes);
  if (status < 0) return status;
  at += <usize>unknownPacked;

  if (method == AC_HUFFMAN) status = hufUncompress(at, <i32>acPacked, chunk.ac, <i32>chunk.acCount);
  else status = inflateExactly(at, <usize>acPacked, chunk.ac, chunk.acCount * 2);
  if (status < 0) return status;
  at += <usize>acPacked;

  if (chunk.dcCount > 0) {
    status = zipUnpack(at, <usize>dcPacked, chunk.dc, chunk.dcCount * 2);
    if (status < 0) return status;
  }
  at += <usize>dcPacked;

  if (chunk.rleBytes == 0) return OK;
  const runs = arenaAlloc(<usize>rleRuns);
  if (runs == 0) return OUT_OF_MEMORY;
  status = inflateExactly(at, <usize>rlePacked, runs, <usize>rleRuns);
  if (status < 0) return status;
  return rleExpand(runs, <usize>rleRuns, chunk.rle, chunk.rleBytes);
}

function inflateExactly(from: usize, length: usize, to: usize, size: usize): i32 {
  if (size == 0) return OK;
  const produced = inflate(from, length, to, size);
  if (produced < 0) return produced;
  return <usize>produced == size ? OK : TRUNCATED;
}

/**
 * Stores a chunk that was classified by `rules`. The lossless channels are deflated at `level`, the DC values at
 * `dcLevel`; the AC symbols at `level`, or Huffman coded without `acDeflated`. Returns the number of bytes written to `dst`,
 * or a negative status: OUTPUT_FULL when they exceed `dstCap`.
 */
export function writeChunk(
  chunk: DwaChunk,
  rules: DwaRules,
  dst: usize,
  dstCap: usize,
  level: i32,
  dcLevel: i32,
  acDeflated: bool,
): i32 {
  if (dstCap < HEADER_BYTES + RULES_SIZE_BYTES) return OUTPUT_FULL;
  const room = min(dstCap - HEADER_BYTES - RULES_SIZE_BYTES, <usize>u16.MAX_VALUE - RULES_SIZE_BYTES);
  const rulesAt = dst + HEADER_BYTES + RULES_SIZE_BYTES;
  const rulesBytes = storeRules(rules, chunk.table, chunk.list, chunk.channels, rulesAt, <i32>room);
  if (rulesBytes < 0) return rulesBytes;
  store<u16>(dst + HEADER_BYTES, <u16>(<usize>rulesBytes + RULES_SIZE_BYTES));
  let at = rulesAt + rulesBytes;
  const end = dst + dstCap;

  let unknownPacked = 0;
  if (chunk.unknownBytes > 0) {
    unknownPacked = deflate(chunk.unknown, chunk.unknownBytes, at, end - at, level);
    if (unknownPacked < 0) return unknownPacked;
    at += unknownPacked;
  }
  let acPacked = 0;
  if (chunk.acCount > 0) {
    acPacked = acDeflated
      ? deflate(chunk.ac, chunk.acCount * 2, at, end - at, level)
      : hufCompress(chunk.ac, <i32>chunk.acCount, at, <i32>(end - at));
    if (acPacked < 0) return acPacked;
  }
  at += acPacked;

  let dcPacked = 0;
  if (chunk.dcCount > 0) {
    dcPacked = zipPack(chunk.dc, chunk.dcCount * 2, at, end - at, dcLevel);
    if (dcPacked < 0) return dcPacked;
    at += dcPacked;
  }
  let runs = 0;
  let rlePacked = 0;
  if (chunk.rleBytes > 0) {
    const capacity = maxRunsBytes(chunk.rleBytes);
    const buffer = arenaAlloc(capacity);
    if (buffer == 0) return OUT_OF_MEMORY;
    runs = rleCollapse(chunk.rle, chunk.rleBytes, buffer, capacity);
    if (runs < 0) return runs;
    rlePacked = deflate(buffer, runs, at, end - at, level);
    if (rlePacked < 0) return rlePacked;
    at += rlePacked;
  }

  store<u64>(dst, CURRENT_VERSION, VERSION);
  store<u64>(dst, chunk.unknownBytes, UNKNOWN_RAW_BYTES);
  store<u64>(dst, unknownPacked, UNKNOWN_PACKED_BYTES);
  store<u64>(dst, acPacked, AC_PACKED_BYTES);
  store<u64>(dst, dcPacked, DC_PACKED_BYTES);
  store<u64>(dst, rlePacked, RLE_PACKED_BYTES);
  store<u64>(dst, runs, RLE_RUNS_BYTES);
  store<u64>(dst, chunk.rleBytes, RLE_RAW_BYTES);
  store<u64>(dst, chunk.acCount, AC_COUNT);
  store<u64>(dst, chunk.dcCount, DC_COUNT);
  store<u64>(dst, acDeflated ? AC_DEFLATE : AC_HUFFMAN, AC_METHOD);
  return <i32>(at - dst);
}

/** RLE adds at worst one byte to every 127. */
function maxRunsBytes(bytes: usize): usize {
  return bytes + bytes / 127 + 1;
}
