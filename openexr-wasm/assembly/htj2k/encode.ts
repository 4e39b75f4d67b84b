// Encoding of components of a chunk, one alone or three under the colour transform, to code-blocks. Packet headers and everything
// around them are the caller's business (src/htj2k).

import { arenaMark, arenaRelease } from '../memory';
import { TYPE_FLOAT, TYPE_HALF } from '../planes';
import { BAD_ARGUMENT, OUT_OF_MEMORY, OUTPUT_FULL } from '../status';
import { encodeBlock, MOST_BYTES } from './block-encode';
import {
  allocateBands,
  allocatePlane,
  BAND,
  BANDS,
  bandWidth,
  BLOCK_COUNT,
  BLOCK_DATA,
  BLOCK_HEIGHT,
  BLOCK_LENGTH,
  BLOCK_RECORD,
  BLOCK_WIDTH,
  blockAddress,
  BLOCKS,
  COMPONENT_RECORD,
  halved,
  KIND,
  MAX_LEVELS,
  SAMPLES,
} from './decode';
import { forwardColour, fromSamples } from './pixels';
import { forwardLevel, lineStride } from './wavelet';

const PLANES: usize = memory.data(3 * 4, 16);

/** Where a block is encoded before it is known whether it fits. */
const BLOCK: usize = memory.data(<i32>MOST_BYTES, 16);

/**
 * Encodes `count` components (1, or 3 under the colour transform) of `width` x `height` samples with `levels` levels, and puts the
 * blocks one after the other at `to`. Records are as for htj2kDecode, all components of the same size; `kind` is TYPE_UINT,
 * TYPE_HALF or TYPE_FLOAT. Of the blocks' records BLOCK_DATA and BLOCK_LENGTH are filled in: no bytes where all samples are zero.
 * Returns
 * the bytes written, or OUTPUT_FULL when they are more than `capacity`.
 */
export function htj2kEncode(
  components: usize,
  count: i32,
  width: i32,
  height: i32,
  levels: i32,
  to: usize,
  capacity: usize,
): i32 {
  if (width < 1 || height < 1 || levels < 0 || levels > MAX_LEVELS) return BAD_ARGUMENT;
  if (count != 1 && count != 3) return BAD_ARGUMENT;
  let isNarrow = true;
  for (let c = 0; c < count; ++c) {
    const kind = load<u32>(components + <usize>c * COMPONENT_RECORD, KIND);
    if (kind > TYPE_FLOAT) return BAD_ARGUMENT;
    if (kind != TYPE_HALF) isNarrow = false;
  }
  const mark = arenaMark();
  const written = isNarrow
    ? encodeComponents<i32>(components, count, width, height, levels, to, capacity)
    : encodeComponents<i64>(components, count, width, height, levels, to, capacity);
  arenaRelease(mark);
  return written;
}

function encodeComponents<T>(
  components: usize,
  count: i32,
  width: i32,
  height: i32,
  levels: i32,
  to: usize,
  capacity: usize,
): i32 {
  for (let c = 0; c < count; ++c) {
    const plane = allocatePlane<T>(width, height);
    if (plane == 0) return OUT_OF_MEMORY;
    store<usize>(PLANES + (<usize>c << 2), plane);
    const record = components + <usize>c * COMPONENT_RECORD;
    fromSamples<T>(load<usize>(record, SAMPLES), load<u32>(record, KIND), plane, width, height);
  }
  if (count == 3) forwardColour<T>(load<usize>(PLANES), load<usize>(PLANES, 4), load<usize>(PLANES, 8), width, height);
  let total: usize = 0;
  for (let c = 0; c < count; ++c) {
    const mark = arenaMark();
    const plane = load<usize>(PLANES + (<usize>c << 2));
    const record = components + <usize>c * COMPONENT_RECORD;
    const written = encodePlane<T>(record, plane, width, height, levels, to + total, capacity - total);
    if (written < 0) return written;
    total += written;
    arenaRelease(mark);
  }
  return <i32>total;
}

function encodePlane<T>(
  record: usize,
  plane: usize,
  width: i32,
  height: i32,
  levels: i32,
  to: usize,
  capacity: usize,
): i32 {
  const status = allocateBands<T>(width, height, levels, 0, plane);
  if (status < 0) return status;
  // From the finest level on; the low band of each but the last is the next one's samples.
  let from = plane;
  for (let level = 1; level <= levels; ++level) {
    const at = BANDS + (<usize>(1 + 3 * (levels - level)) << 2);
    const levelWidth = halved(width, level - 1);
    const levelHeight = halved(height, level - 1);
    const ll =
      level == levels ? load<usize>(BANDS) : allocatePlane<T>((levelWidth + 1) >> 1, (levelHeight + 1) >> 1);
    if (ll == 0) return OUT_OF_MEMORY;
    forwardLevel<T>(from, ll, load<usize>(at), load<usize>(at, 4), load<usize>(at, 8), levelWidth, levelHeight);
    from = ll;
  }
  const blocks = load<usize>(record, BLOCKS);
  const blockCount = load<i32>(record, BLOCK_COUNT);
  let total: usize = 0;
  for (let i = 0; i < blockCount; ++i) {
    const block = blocks + <usize>i * BLOCK_RECORD;
    const band = load<i32>(block, BAND);
    if (band < 0 || band > 3 * levels) return BAD_ARGUMENT;
    const numbers = blockAddress<T>(block, width, height, levels);
    if (numbers == 0) return BAD_ARGUMENT;
    const stride = lineStride<T>(bandWidth(width, levels, band));
    const bytes = encodeBlock<T>(
      numbers,
      stride,
      load<i32>(block, BLOCK_WIDTH),
      load<i32>(block, BLOCK_HEIGHT),
      BLOCK,
    );
    if (total + bytes > capacity) return OUTPUT_FULL;
    memory.copy(to + total, BLOCK, bytes);
    store<usize>(block, to + total, BLOCK_DATA);
    store<u32>(block, <u32>bytes, BLOCK_LENGTH);
    total += bytes;
  }
  return <i32>total;
}
