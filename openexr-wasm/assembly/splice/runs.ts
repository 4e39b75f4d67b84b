// What moves in a splice. The bytes that a chunk's zlib stream holds are a sequence of strands: one scan line of one
// channel each, or for ZIP, whose bytes are interleaved, the even or the odd bytes of one. Strands are moved, never cut.
// Neighbours that stay neighbours in every target make up a run, which is moved as a whole.

import { arenaAlloc } from '../memory';
import {
  channelBytes,
  channelHeight,
  channelType,
  channelWidth,
  channelXSampling,
  channelYSampling,
  checkTable,
  hasLine,
  lineBytes,
  TYPE_FLOAT,
  TYPE_HALF,
} from '../planes';
import { resetLog } from './log';
import { NO_STRAND, Run, runAt, Source, Target } from './records';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY } from '../status';

/** The bytes of ZIP and ZIPS: first all even ones, then all odd ones; as differences of neighbours. */
export const FORM_ZIP: i32 = 0;
/** The bytes of PXR24: byte planes per line and channel, complete in themselves. */
export const FORM_PXR24: i32 = 1;

export let form: i32 = FORM_ZIP;
export let sourceCount: i32 = 0;
export let targetCount: i32 = 0;
let sources: usize = 0;
let targets: usize = 0;
let firstLine: i32 = 0;
let lineCount: i32 = 0;

export function sourceAt(i: i32): Source {
  return changetype<Source>(sources + <usize>i * offsetof<Source>());
}

export function targetAt(i: i32): Target {
  return changetype<Target>(targets + <usize>i * offsetof<Target>());
}

/** Begins a splice of chunks that cover lines y .. y + lines - 1. Returns OK or a negative status. */
export function spliceStart(streamForm: i32, sourceLimit: i32, targetLimit: i32, y: i32, lines: i32): i32 {
  if (streamForm < FORM_ZIP || streamForm > FORM_PXR24) return BAD_ARGUMENT;
  if (sourceLimit < 0 || targetLimit < 0 || lines < 0) return BAD_ARGUMENT;
  resetLog();
  form = streamForm;
  firstLine = y;
  lineCount = lines;
  sourceCount = 0;
  targetCount = 0;
  sources = arenaAlloc(<usize>sourceLimit * offsetof<Source>());
  targets = arenaAlloc(<usize>targetLimit * offsetof<Target>());
  return sources == 0 || targets == 0 ? OUT_OF_MEMORY : OK;
}

/** Adds a packed chunk, compressed and of `rawBytes` bytes of samples. Returns its number or a negative status. */
export function spliceAddSource(src: usize, srcLen: usize, rawBytes: usize, table: usize, channels: i32): i32 {
  const status = checkTable(table, channels, firstLine, lineCount, rawBytes);
  if (status < 0) return status;
  const source = sourceAt(sourceCount);
  source.src = src;
  source.srcLen = srcLen;
  source.table = table;
  source.channels = channels;
  const cells = <u64>lineCount * <u64>channels;
  if (cells > 0x10000000) return OUT_OF_MEMORY;
  source.strandAt = arenaAlloc(<usize>cells << 2);
  if (source.strandAt == 0) return OUT_OF_MEMORY;
  let strand: u32 = 0;
  let bytes: usize = 0;
  let at = source.strandAt;
  for (let line = 0; line < lineCount; ++line) {
    for (let c = 0; c < channels; ++c) {
      const size = hasLine(firstLine + line, channelYSampling(table, c)) ? strandBytes(table, c) : 0;
      store<u32>(at, size == 0 ? NO_STRAND : strand++);
      at += 4;
      bytes += size;
    }
  }
  source.strandsPerHalf = strand;
  source.strands = form == FORM_ZIP ? strand * 2 : strand;
  source.bytes = form == FORM_ZIP ? bytes * 2 : bytes;
  source.breaks = arenaAlloc(<usize>source.strands + 1);
  source.runOf = arenaAlloc(<usize>source.strands << 2);
  if (source.breaks == 0 || source.runOf == 0) return OUT_OF_MEMORY;
  memory.fill(source.breaks, 0, <usize>source.strands + 1);
  store<u8>(source.breaks, BREAK);
  return sourceCount++;
}

/** Marks of a strand: a run starts here, a target takes it. */
const BREAK: u8 = 1;
const WANTED: u8 = 2;

/** Bytes of one strand of a channel. */
function strandBytes(table: usize, c: i32): usize {
  if (form == FORM_ZIP) return lineBytes(table, c) >> 1;
  const type = channelType(table, c);
  const planes: usize = type == TYPE_HALF ? 2 : type == TYPE_FLOAT ? 3 : 4;
  return <usize>channelWidth(table, c) * planes;
}

/**
 * Adds a chunk to write: channel c of `table` is channel `origins[2 c + 1]` of source `origins[2 c]` (u32 each), whose
 * shape it must have. Returns its number or a negative status.
 */
export function spliceAddTarget(rawBytes: usize, table: usize, channels: i32, origins: usize): i32 {
  const status = checkTable(table, channels, firstLine, lineCount, rawBytes);
  if (status < 0) return status;
  let bytes: u64 = 0;
  for (let c = 0; c < channels; ++c) {
    const origin = load<u32>(origins + ((<usize>c) << 3));
    if (origin >= <u32>sourceCount) return BAD_ARGUMENT;
    const source = sourceAt(origin);
    const from = load<u32>(origins + ((<usize>c) << 3), 4);
    if (from >= <u32>source.channels || !sameShape(source.table, from, table, c)) return BAD_ARGUMENT;
    bytes += <u64>strandBytes(table, c) * <u64>channelHeight(table, c);
  }
  const target = targetAt(targetCount);
  target.table = table;
  target.channels = channels;
  target.origins = origins;
  target.bytes = form == FORM_ZIP ? <usize>bytes * 2 : <usize>bytes;
  return targetCount++;
}

function sameShape(table: usize, c: i32, other: usize, d: i32): bool {
  return (
    channelType(table, c) == channelType(other, d) &&
    channelXSampling(table, c) == channelXSampling(other, d) &&
    channelYSampling(table, c) == channelYSampling(other, d) &&
    channelWidth(table, c) == channelWidth(other, d) &&
    channelBytes(table, c) == channelBytes(other, d)
  );
}

// A walk over the strands of a target, in the order of its bytes.
let walkTarget: usize = 0;
let walkHalf: i32 = 0;
let walkLine: i32 = 0;
let walkChannel: i32 = 0;
/** The current position of nextStrand. */
export let strandSource: i32 = 0;
export let strand: u32 = 0;

export function startWalk(target: Target): void {
  walkTarget = changetype<usize>(target);
  walkHalf = 0;
  walkLine = 0;
  walkChannel = 0;
}

/** Goes to the target's next strand. Returns false at its end. */
export function nextStrand(): bool {
  const target = changetype<Target>(walkTarget);
  const halves = form == FORM_ZIP ? 2 : 1;
  while (walkHalf < halves) {
    while (walkLine < lineCount) {
      while (walkChannel < target.channels) {
        const origin = target.origins + ((<usize>walkChannel) << 3);
        ++walkChannel;
        const source = sourceAt(load<u32>(origin));
        const cell = <usize>walkLine * <usize>source.channels + <usize>load<u32>(origin, 4);
        const found = load<u32>(source.strandAt + (cell << 2));
        if (found == NO_STRAND) continue;
        strandSource = load<i32>(origin);
        strand = found + <u32>walkHalf * source.strandsPerHalf;
        return true;
      }
      walkChannel = 0;
      ++walkLine;
    }
    walkLine = 0;
    ++walkHalf;
  }
  return false;
}

/** The run that starts at the current strand of the walk; null inside one. */
export function startingRun(): Run | null {
  const source = sourceAt(strandSource);
  if ((load<u8>(source.breaks + <usize>strand) & BREAK) == 0) return null;
  return runAt(source, load<u32>(source.runOf + (<usize>strand << 2)));
}

/** Finds the runs of all sources. To be called when all sources and targets have been added. Returns OK or a negative status. */
export function splicePlan(): i32 {
  for (let t = 0; t < targetCount; ++t) markBreaks(targetAt(t));
  for (let s = 0; s < sourceCount; ++s) {
    const status = findRuns(sourceAt(s));
    if (status < 0) return status;
  }
  return OK;
}

function markBreaks(target: Target): void {
  // Where the run would continue: source and strand after the last one.
  let source = -1;
  let expected: u32 = 0;
  startWalk(target);
  while (nextStrand()) {
    if (strandSource != source || strand != expected) {
      if (source >= 0) addMark(source, expected, BREAK);
      addMark(strandSource, strand, BREAK);
    }
    addMark(strandSource, strand, WANTED);
    source = strandSource;
    expected = strand + 1;
  }
  if (source >= 0) addMark(source, expected, BREAK);
}

function addMark(source: i32, at: u32, mark: u8): void {
  const address = sourceAt(source).breaks + <usize>at;
  store<u8>(address, load<u8>(address) | mark);
}

function findRuns(source: Source): i32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < source.strands; ++i) count += <u32>(load<u8>(source.breaks + <usize>i) & BREAK);
  if (<u64>count * offsetof<Run>() > 0x7fffffff) return OUT_OF_MEMORY;
  source.runs = arenaAlloc(<usize>count * offsetof<Run>());
  if (source.runs == 0) return OUT_OF_MEMORY;
  source.runCount = count;

  let number: u32 = 0;
  let position: usize = 0;
  let strandNumber: u32 = 0;
  const halves = form == FORM_ZIP ? 2 : 1;
  for (let half = 0; half < halves; ++half) {
    let cell = source.strandAt;
    for (let line = 0; line < lineCount; ++line) {
      for (let c = 0; c < source.channels; ++c, cell += 4) {
        if (load<u32>(cell) == NO_STRAND) continue;
        const mark = load<u8>(source.breaks + <usize>strandNumber);
        if (mark & BREAK) {
          const run = runAt(source, number++);
          run.start = <u32>position;
          run.bytes = 0;
          run.wanted = mark & WANTED ? 1 : 0;
        }
        const bytes = strandBytes(source.table, c);
        const run = runAt(source, number - 1);
        run.bytes += <u32>bytes;
        position += bytes;
        store<u32>(source.runOf + (<usize>strandNumber << 2), number - 1);
        ++strandNumber;
      }
    }
  }
  return OK;
}
