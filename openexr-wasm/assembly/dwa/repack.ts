// DWA: chunks with other channels, made from chunks without touching a coefficient. What a channel (or the red, green
// and blue that are coded together) consists of is one contiguous piece of each stream, so pieces are only re-ordered
// and coded losslessly again: samples stay what they were after any number of splits and merges.

import { arenaAlloc } from '../memory';
import { channelBytes, channelHeight, channelType, channelWidth, checkTable } from '../planes';
import { DwaChunk, END_OF_BLOCK, initChunk, layOutChunk, readChunk, unitChannels, writeChunk } from './chunk';
import { decodeChunk } from './decode';
import {
  channelAt,
  classify,
  currentRules,
  DwaChannel,
  DwaRules,
  DwaUnit,
  legacyRules,
  makeRules,
  newRules,
  SCHEME_RLE,
  SCHEME_UNKNOWN,
  unitAt,
} from './rules';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED, UNSUPPORTED } from '../status';

/** Bytes of a record for dwaOpen. */
export function dwaChunkBytes(): i32 {
  return offsetof<DwaChunk>();
}

/** Where a channel of the new chunk comes from, as the caller writes it. */
@unmanaged
class Origin {
  chunk: usize;
  channel: i32;
}

/**
 * Opens a source of dwaRepack: `record` is dwaChunkBytes() bytes of the arena, `src` a stored chunk of the channels in
 * `table`. A chunk stored raw is opened with `packed` 0: `src` then holds its planar samples, which count as lossless
 * channels. Returns OK or a negative status.
 */
export function dwaOpen(
  record: usize,
  src: usize,
  srcLen: usize,
  packed: i32,
  planarBytes: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  names: usize,
  namesBytes: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, planarBytes);
  if (status < 0) return status;
  const chunk = changetype<DwaChunk>(record);
  status = initChunk(chunk, table, channels, names, namesBytes);
  if (status < 0) return status;
  if (packed != 0) {
    status = readChunk(chunk, src, srcLen);
    if (status < 0) return status;
    return findSymbols(chunk);
  }
  if (srcLen != planarBytes) return BAD_ARGUMENT;
  const noRules = newRules(0);
  if (noRules === null) return OUT_OF_MEMORY;
  status = layOutChunk(chunk, noRules);
  if (status < 0) return status;
  chunk.unknown = src;
  chunk.acCount = 0;
  return OK;
}

/** Finds where each unit's AC symbols start and end, by scanning them. */
function findSymbols(chunk: DwaChunk): i32 {
  let at = chunk.ac;
  const end = chunk.ac + chunk.acCount * 2;
  for (let u = 0; u < chunk.unitCount; ++u) {
    const unit = unitAt(chunk.units, u);
    const start = at;
    const blocks = unitBlocks(unit);
    for (let block: usize = 0; block < blocks; ++block) {
      let index = 1;
      while (index < 64) {
        if (at >= end) return TRUNCATED;
        const symbol = <u32>load<u16>(at);
        at += 2;
        if (symbol < END_OF_BLOCK) ++index;
        else if (symbol == END_OF_BLOCK) break;
        else index += symbol & 0xff;
      }
    }
    unit.acStart = <u32>((start - chunk.ac) >> 1);
    unit.acCount = <u32>((at - start) >> 1);
  }
  return OK;
}

/** Blocks of all channels of a unit; also its number of DC values. */
function unitBlocks(unit: DwaUnit): usize {
  return <usize>unit.blocksX * <usize>unit.blocksY * <usize>unitChannels(unit);
}

/**
 * Stores a chunk of the channels in `table`, channel i of which is channel `origins[2 i + 1]` of the opened chunk at
 * `origins[2 i]` (u32 each) and has the same type and extent. `level`, `dcLevel` and
 * `acDeflated` as in dwaEncode.
 * Returns the number of bytes written; OUTPUT_FULL when they exceed `dstCap`, or when only the raw chunk is read by all
 * versions of OpenEXR; UNSUPPORTED when red, green and blue
 * that are coded together would be separated, or no set of rules can classify the channels under their names as they
 * were before; or another negative status.
 */
export function dwaRepack(
  origins: usize,
  dst: usize,
  dstCap: usize,
  planarBytes: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
  level: i32,
  dcLevel: i32,
  acDeflated: bool,
  names: usize,
  namesBytes: i32,
): i32 {
  let status = checkTable(table, channels, y, lines, planarBytes);
  if (status < 0) return status;
  const record = arenaAlloc(offsetof<DwaChunk>());
  if (record == 0) return OUT_OF_MEMORY;
  const chunk = changetype<DwaChunk>(record);
  status = initChunk(chunk, table, channels, names, namesBytes);
  if (status < 0) return status;
  for (let c = 0; c < channels; ++c) {
    if (!sameShape(origins, table, c)) return BAD_ARGUMENT;
  }
  let rules = currentRules();
  if (rules === null) return OUT_OF_MEMORY;
  status = classifiesAsBefore(rules, chunk, origins);
  if (status < 0) return status;
  if (status == 0) {
    rules = newRules(channels);
    if (rules === null) return OUT_OF_MEMORY;
    for (let c = 0; c < channels; ++c) {
      const channel = channelAt(chunk.list, c);
      const before = sourceChannel(origins, c);
      channel.scheme = before.scheme;
      channel.colour = before.colour;
    }
    status = makeRules(table, chunk.list, channels, rules);
    if (status < 0) return status;
    status = classifiesAsBefore(rules, chunk, origins);
    if (status < 0) return status;
    if (status == 0) return UNSUPPORTED;
    status = hidesTriples(chunk, rules);
    if (status < 0) return status;
    if (status == 1) return OUTPUT_FULL;
  }
  status = layOutChunk(chunk, rules);
  if (status < 0) return status;
  status = gather(chunk, origins);
  if (status < 0) return status;
  return writeChunk(chunk, rules, dst, dstCap, level, dcLevel, acDeflated);
}

/**
 * 1 when `rules` code no red, green and blue together where the usual rules would; 0 when not; or a negative status.
 * OpenEXR up to 3.1 (DwaCompressor::classifyChannels) keeps using the triples of an earlier chunk in a chunk that has
 * none, and refuses it when their channels are lossless there.
 */
function hidesTriples(chunk: DwaChunk, rules: DwaRules): i32 {
  const here = hasTriples(chunk, rules);
  if (here != 0) return min(here, 0);
  const current = hasTriples(chunk, currentRules());
  return current != 0 ? current : hasTriples(chunk, legacyRules());
}

/** 1 when `rules` code any red, green and blue together, 0 when not, or a negative status. */
function hasTriples(chunk: DwaChunk, rules: DwaRules | null): i32 {
  if (rules === null) return OUT_OF_MEMORY;
  const units = classify(rules, chunk.table, chunk.list, chunk.channels, chunk.units);
  for (let u = 0; u < units; ++u) {
    if (unitAt(chunk.units, u).green >= 0) return 1;
  }
  return min(units, 0);
}

function originAt(origins: usize, c: i32): Origin {
  return changetype<Origin>(origins + <usize>c * offsetof<Origin>());
}

function sourceChunk(origins: usize, c: i32): DwaChunk {
  return changetype<DwaChunk>(originAt(origins, c).chunk);
}

function sourceChannel(origins: usize, c: i32): DwaChannel {
  return channelAt(sourceChunk(origins, c).list, originAt(origins, c).channel);
}

function sourceUnit(origins: usize, c: i32): DwaUnit {
  return unitAt(sourceChunk(origins, c).units, sourceChannel(origins, c).unit);
}

function sameShape(origins: usize, table: usize, c: i32): bool {
  const source = sourceChunk(origins, c);
  const from = originAt(origins, c).channel;
  if (from < 0 || from >= source.channels) return false;
  return (
    channelType(source.table, from) == channelType(table, c) &&
    channelWidth(source.table, from) == channelWidth(table, c) &&
    channelHeight(source.table, from) == channelHeight(table, c)
  );
}

/**
 * 1 when `rules` give every channel the scheme it has in its source, and group the channels that are grouped there;
 * 0 when not; or a negative status.
 */
function classifiesAsBefore(rules: DwaRules, chunk: DwaChunk, origins: usize): i32 {
  const units = classify(rules, chunk.table, chunk.list, chunk.channels, chunk.units);
  if (units < 0) return units;
  for (let c = 0; c < chunk.channels; ++c) {
    const channel = channelAt(chunk.list, c);
    const before = sourceChannel(origins, c);
    if (channel.scheme != before.scheme || channel.colour != before.colour) return 0;
  }
  for (let u = 0; u < units; ++u) {
    const unit = unitAt(chunk.units, u);
    if (unit.green < 0) continue;
    const before = changetype<usize>(sourceUnit(origins, unit.red));
    if (changetype<usize>(sourceUnit(origins, unit.green)) != before) return 0;
    if (changetype<usize>(sourceUnit(origins, unit.blue)) != before) return 0;
  }
  return 1;
}

/** Copies every channel's piece of every stream to its new place. */
function gather(chunk: DwaChunk, origins: usize): i32 {
  let symbols: u64 = 0;
  for (let u = 0; u < chunk.unitCount; ++u) symbols += sourceUnit(origins, unitAt(chunk.units, u).red).acCount;
  if (symbols > <u64>i32.MAX_VALUE / 2) return OUT_OF_MEMORY;
  chunk.acCount = <usize>symbols;
  chunk.unknown = arenaAlloc(chunk.unknownBytes);
  chunk.rle = arenaAlloc(chunk.rleBytes);
  chunk.dc = arenaAlloc(chunk.dcCount * 2);
  chunk.ac = arenaAlloc(chunk.acCount * 2);
  if (chunk.unknown == 0 || chunk.rle == 0 || chunk.dc == 0 || chunk.ac == 0) return OUT_OF_MEMORY;
  let at: u32 = 0;
  for (let u = 0; u < chunk.unitCount; ++u) {
    const unit = unitAt(chunk.units, u);
    const source = sourceChunk(origins, unit.red);
    const before = sourceUnit(origins, unit.red);
    unit.acStart = at;
    unit.acCount = before.acCount;
    memory.copy(chunk.ac + <usize>at * 2, source.ac + <usize>before.acStart * 2, <usize>before.acCount * 2);
    memory.copy(chunk.dc + <usize>unit.dcStart * 2, source.dc + <usize>before.dcStart * 2, unitBlocks(unit) * 2);
    at += before.acCount;
  }
  for (let c = 0; c < chunk.channels; ++c) {
    const channel = channelAt(chunk.list, c);
    const source = sourceChunk(origins, c);
    const offset = sourceChannel(origins, c).offset;
    const bytes = <usize>channelBytes(chunk.table, c);
    if (channel.scheme == SCHEME_UNKNOWN) memory.copy(chunk.unknown + channel.offset, source.unknown + offset, bytes);
    else if (channel.scheme == SCHEME_RLE) memory.copy(chunk.rle + channel.offset, source.rle + offset, bytes);
  }
  return OK;
}

/** Planar samples of an opened chunk, for chunks that cannot be repacked. Returns OK or a negative status. */
export function dwaOpenedSamples(record: usize, dst: usize, dstLen: usize): i32 {
  const chunk = changetype<DwaChunk>(record);
  let size: u64 = 0;
  for (let c = 0; c < chunk.channels; ++c) size += channelBytes(chunk.table, c);
  if (size != <u64>dstLen) return BAD_ARGUMENT;
  return decodeChunk(chunk, dst);
}
