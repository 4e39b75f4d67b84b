// Decoding of components of a chunk, one alone or three under the colour transform, from a list of code-blocks that the caller
// has read from the packet headers (src/htj2k). The positions of samples in that list are checked again here; the addresses of
// bytes are the caller's responsibility.

import { arenaAlloc, arenaMark, arenaRelease } from '../memory';
import { BAD_ARGUMENT, OK, OUT_OF_MEMORY } from '../status';
import { decodeBlock, MAX_SAMPLES, MAX_SIDE, NARROW_BITS, WIDE_BITS } from './block-decode';
import { inverseLossyColour, POWER_FLOAT, TABLE_FLOAT, TABLE_HALF, toLossySamples } from './lossy-pixels';
import { inverseLossyLevel } from './lossy-wavelet';
import { clampNumbers, inverseColour, LAST_KIND, toSamples } from './pixels';
import { firstLine, inverseLevel, lineStride, planeBytes } from './wavelet';

// A component's record (u32 each).
export const COMPONENT_RECORD: usize = 32;
export const KIND: usize = 0;
export const SAMPLES: usize = 4;
export const BLOCKS: usize = 8;
export const BLOCK_COUNT: usize = 12;
/** For lossy components: f32 steps of the bands; the table of TABLE_HALF and TABLE_FLOAT, and its length. */
const STEPS: usize = 16;
const TABLE: usize = 20;
const TABLE_POINTS: usize = 24;
/** 1 when second passes ignore the line below their stripe, otherwise 0. */
const CAUSAL: usize = 28;

// A code-block's record (u32 each). Bands count from the coarsest: LL, then HL, LH, HH of each level.
export const BLOCK_RECORD: usize = 44;
export const BAND: usize = 0;
export const BLOCK_X: usize = 4;
export const BLOCK_Y: usize = 8;
export const BLOCK_WIDTH: usize = 12;
export const BLOCK_HEIGHT: usize = 16;
export const BLOCK_DATA: usize = 20;
export const BLOCK_LENGTH: usize = 24;
/** Decoder: the most bits of an exponent. */
export const BLOCK_BITS: usize = 28;
/** Decoder: the lowest bit-plane that is coded. */
export const BLOCK_PLANE: usize = 32;
/** Decoder: bytes of the passes after the cleanup pass, which follow its own, and the number of all passes. */
const BLOCK_REFINEMENT: usize = 36;
const BLOCK_PASSES: usize = 40;

/** Levels of a component (T.800 allows 32). */
export const MAX_LEVELS: i32 = 32;

/** Addresses of the bands of the component that is being decoded. */
export const BANDS: usize = memory.data(97 * 4, 16);

/** Samples of component, planes of three at most. */
const PLANES: usize = memory.data(3 * 4, 16);

/** How a group of components is coded. */
const NARROW: i32 = 0;
const WIDE: i32 = 1;
const LOSSY: i32 = 2;

/**
 * Decodes `count` components (1, or 3 under the colour transform) of `width` x `height` samples with `levels` levels of bands, of
 * which the blocks of the `skipped` finest are not decoded: there are then ceil(width / 2^skipped) x ceil(height / 2^skipped)
 * samples, of which the first `keptWidth` x `keptHeight` are taken. `how` is NARROW, WIDE (exponents are beyond NARROW_BITS) or
 * LOSSY (the 9/7 wavelet). Per component its record: kind (pixels.ts, lossy-pixels.ts), where its samples go, its blocks' records
 * and their number. Blocks of a band come from the left to the right; without any, all of it is zero.
 */
export function htj2kDecode(
  components: usize,
  count: i32,
  width: i32,
  height: i32,
  levels: i32,
  skipped: i32,
  keptWidth: i32,
  keptHeight: i32,
  how: i32,
): i32 {
  if (width < 1 || height < 1 || levels < 0 || levels > MAX_LEVELS || skipped < 0 || skipped > levels) return BAD_ARGUMENT;
  if (count != 1 && count != 3) return BAD_ARGUMENT;
  if (keptWidth < 0 || keptWidth > halved(width, skipped) || keptHeight < 0 || keptHeight > halved(height, skipped)) {
    return BAD_ARGUMENT;
  }
  if (how < NARROW || how > LOSSY) return BAD_ARGUMENT;
  for (let c = 0; c < count; ++c) {
    const record = components + <usize>c * COMPONENT_RECORD;
    const kind = load<u32>(record, KIND);
    if (how == LOSSY ? kind < TABLE_HALF || kind > POWER_FLOAT : kind > LAST_KIND) return BAD_ARGUMENT;
    if (how == LOSSY && kind <= TABLE_FLOAT && load<i32>(record, TABLE_POINTS) < 2) return BAD_ARGUMENT;
  }
  const mark = arenaMark();
  const isLossy = how == LOSSY;
  const status =
    how == WIDE
      ? decodeComponents<i64>(components, count, width, height, levels, skipped, keptWidth, keptHeight, false)
      : decodeComponents<i32>(components, count, width, height, levels, skipped, keptWidth, keptHeight, isLossy);
  arenaRelease(mark);
  return status;
}

function decodeComponents<T>(
  components: usize,
  count: i32,
  width: i32,
  height: i32,
  levels: i32,
  skipped: i32,
  keptWidth: i32,
  keptHeight: i32,
  isLossy: bool,
): i32 {
  const outWidth = halved(width, skipped);
  const outHeight = halved(height, skipped);
  for (let c = 0; c < count; ++c) {
    const plane = allocatePlane<T>(outWidth, outHeight);
    if (plane == 0) return OUT_OF_MEMORY;
    store<usize>(PLANES + (<usize>c << 2), plane);
  }
  const scratch = arenaAlloc(3 * lineStride<T>(outWidth) + 16);
  if (scratch == 0) return OUT_OF_MEMORY;
  for (let c = 0; c < count; ++c) {
    const mark = arenaMark();
    const record = components + <usize>c * COMPONENT_RECORD;
    const plane = load<usize>(PLANES + (<usize>c << 2));
    const status = decodePlane<T>(record, plane, width, height, levels, skipped, firstLine(scratch), isLossy);
    if (status < 0) return status;
    arenaRelease(mark);
  }
  const first = load<usize>(PLANES);
  const second = load<usize>(PLANES, 4);
  const third = load<usize>(PLANES, 8);
  if (count == 3) {
    if (isLossy) inverseLossyColour(first, second, third, outWidth, outHeight);
    else inverseColour<T>(first, second, third, outWidth, outHeight);
  }
  const stride = lineStride<T>(outWidth);
  for (let c = 0; c < count; ++c) {
    const record = components + <usize>c * COMPONENT_RECORD;
    const plane = load<usize>(PLANES + (<usize>c << 2));
    const kind = load<u32>(record, KIND);
    const to = load<usize>(record, SAMPLES);
    if (isLossy) {
      const table = load<usize>(record, TABLE);
      toLossySamples(plane, stride, kind, table, load<i32>(record, TABLE_POINTS), to, keptWidth, keptHeight);
    } else {
      if (skipped > 0) clampNumbers<T>(plane, kind, outWidth, outHeight);
      toSamples<T>(plane, stride, kind, to, keptWidth, keptHeight);
    }
  }
  return OK;
}

function decodePlane<T>(
  record: usize,
  plane: usize,
  width: i32,
  height: i32,
  levels: i32,
  skipped: i32,
  scratch: usize,
  isLossy: bool,
): i32 {
  const bands = 1 + 3 * (levels - skipped);
  const status = allocateBands<T>(width, height, levels, skipped, plane);
  if (status < 0) return status;
  const blocks = load<usize>(record, BLOCKS);
  const blockCount = load<i32>(record, BLOCK_COUNT);
  for (let i = 0; i < blockCount; ++i) {
    const block = blocks + <usize>i * BLOCK_RECORD;
    const band = load<i32>(block, BAND);
    if (band < 0 || band >= bands) return BAD_ARGUMENT;
    const to = blockAddress<T>(block, width, height, levels);
    if (to == 0) return BAD_ARGUMENT;
    const bits = load<u32>(block, BLOCK_BITS);
    const coarse = load<u32>(block, BLOCK_PLANE);
    if (bits < 2 || bits + coarse > (sizeof<T>() == 4 ? NARROW_BITS : WIDE_BITS)) return BAD_ARGUMENT;
    const passes = load<u32>(block, BLOCK_PASSES);
    if (passes < 1 || passes > 3 || (passes > 1 && coarse < 1)) return BAD_ARGUMENT;
    const decoded = decodeBlock<T>(
      load<usize>(block, BLOCK_DATA),
      load<u32>(block, BLOCK_LENGTH),
      to,
      lineStride<T>(bandWidth(width, levels, band)),
      load<i32>(block, BLOCK_WIDTH),
      load<i32>(block, BLOCK_HEIGHT),
      bits,
      coarse,
      load<u32>(block, BLOCK_REFINEMENT),
      passes,
      load<u32>(record, CAUSAL) != 0,
    );
    if (decoded < 0) return decoded;
    if (isLossy) {
      const step = load<f32>(load<usize>(record, STEPS) + (<usize>band << 2));
      dequantize(to, lineStride<T>(bandWidth(width, levels, band)), block, coarse > 0 ? 0 : 0.5, step);
    }
  }
  // From the coarsest level on; the last one fills the plane.
  let ll = load<usize>(BANDS);
  for (let level = levels; level > skipped; --level) {
    const at = BANDS + (<usize>(1 + 3 * (levels - level)) << 2);
    const levelWidth = halved(width, level - 1);
    const levelHeight = halved(height, level - 1);
    const to = level - 1 == skipped ? plane : allocatePlane<T>(levelWidth, levelHeight);
    if (to == 0) return OUT_OF_MEMORY;
    const hl = load<usize>(at);
    const lh = load<usize>(at, 4);
    const hh = load<usize>(at, 8);
    if (isLossy) inverseLossyLevel(ll, hl, lh, hh, to, levelWidth, levelHeight);
    else inverseLevel<T>(ll, hl, lh, hh, to, levelWidth, levelHeight, scratch);
    ll = to;
  }
  return OK;
}

/**
 * Whole numbers of a block to f32 in their place: in the middle of the interval that a number stands for, half a step
 * away from zero (`more`) unless decodeBlock has added it.
 */
function dequantize(to: usize, stride: usize, block: usize, more: f32, step: f32): void {
  const width = load<i32>(block, BLOCK_WIDTH);
  for (let y = load<i32>(block, BLOCK_HEIGHT); y > 0; --y, to += stride)
    for (let x: usize = 0; x < <usize>width << 2; x += 4) {
      const number = load<i32>(to + x);
      const value = number == 0 ? <f32>0 : number < 0 ? <f32>number - more : <f32>number + more;
      store<f32>(to + x, value * step);
    }
}

/** Cleared bands; without a level to undo, the only one is the plane itself. */
export function allocateBands<T>(width: i32, height: i32, levels: i32, skipped: i32, plane: usize): i32 {
  const bands = 1 + 3 * (levels - skipped);
  for (let band = 0; band < bands; ++band) {
    const bandW = bandWidth(width, levels, band);
    const bandH = bandHeight(height, levels, band);
    const at = bands == 1 ? plane : allocatePlane<T>(bandW, bandH);
    if (at == 0) return OUT_OF_MEMORY;
    memory.fill(at, 0, <usize>bandH * lineStride<T>(bandW) - (bandH > 0 ? 16 : 0));
    store<usize>(BANDS + (<usize>band << 2), at);
  }
  return OK;
}

/** The address of a block's first sample in its band (BANDS), or 0 when it is not inside. */
export function blockAddress<T>(block: usize, width: i32, height: i32, levels: i32): usize {
  const band = load<i32>(block, BAND);
  const x = load<u32>(block, BLOCK_X);
  const y = load<u32>(block, BLOCK_Y);
  const blockWidth = load<u32>(block, BLOCK_WIDTH);
  const blockHeight = load<u32>(block, BLOCK_HEIGHT);
  if (blockWidth < 1 || blockHeight < 1 || blockWidth > <u32>MAX_SIDE || blockHeight > <u32>MAX_SIDE) return 0;
  if (((blockWidth + 1) & ~1) * ((blockHeight + 1) & ~1) > <u32>MAX_SAMPLES) return 0;
  const right = bandWidth(width, levels, band);
  const bottom = bandHeight(height, levels, band);
  if (<u64>x + blockWidth > <u64>right || <u64>y + blockHeight > <u64>bottom) return 0;
  return load<usize>(BANDS + (<usize>band << 2)) + <usize>y * lineStride<T>(right) + <usize>x * sizeof<T>();
}

/** ceil(size / 2^times) */
export function halved(size: i32, times: i32): i32 {
  return times > 30 ? 1 : <i32>((<i64>size + (<i64>1 << <i64>times) - 1) >> <i64>times);
}

/** The level whose band this is: 1 is the finest. LL counts as the coarsest. */
function levelOf(levels: i32, band: i32): i32 {
  return band == 0 ? levels : levels - (band - 1) / 3;
}

export function bandWidth(width: i32, levels: i32, band: i32): i32 {
  const level = levelOf(levels, band);
  if (band == 0 || (band - 1) % 3 == 1) return halved(width, level);
  return halved(width, level - 1) >> 1;
}

export function bandHeight(height: i32, levels: i32, band: i32): i32 {
  const level = levelOf(levels, band);
  if (band == 0 || (band - 1) % 3 == 0) return halved(height, level);
  return halved(height, level - 1) >> 1;
}

/** The address of the first line of a new plane, or 0 when memory is exhausted or the plane is too large for any memory. */
export function allocatePlane<T>(width: i32, height: i32): usize {
  if (<u64>lineStride<T>(width) * <u64>height > 0xfff00000) return 0;
  const plane = arenaAlloc(planeBytes<T>(width, height) + 32);
  return plane == 0 ? 0 : firstLine(plane);
}
