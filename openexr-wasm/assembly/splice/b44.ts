// Where the channels of a B44 or B44A chunk start: its blocks are independent, channel after channel, so channels can
// be moved as they are. See b44.ts for the format.

import { channelBytes, channelHeight, channelType, channelWidth, checkTable, TYPE_HALF } from '../planes';
import { CORRUPT, OK, TRUNCATED } from '../status';

/** Bytes of a block, and of one whose samples are all equal, which its third byte indicates. */
const PACKED_BLOCK: usize = 14;
const FLAT_BLOCK: usize = 3;
const FLAT_MARK: u8 = 13 << 2;

/**
 * Finds the channels of a B44 or B44A chunk of `rawBytes` bytes of samples, which is not stored raw. `offsets` receives
 * the channels' starts and the last one's end (u32 each). Returns OK or a negative status.
 */
export function b44Offsets(
  src: usize,
  srcLen: usize,
  offsets: usize,
  rawBytes: usize,
  table: usize,
  channels: i32,
  y: i32,
  lines: i32,
): i32 {
  const status = checkTable(table, channels, y, lines, rawBytes);
  if (status < 0) return status;
  let at: usize = 0;
  for (let c = 0; c < channels; ++c) {
    store<u32>(offsets + (<usize>c << 2), <u32>at);
    if (channelType(table, c) != TYPE_HALF) {
      const bytes = <usize>channelBytes(table, c);
      if (srcLen - at < bytes) return TRUNCATED;
      at += bytes;
      continue;
    }
    const blocks = ((<u64>channelWidth(table, c) + 3) >> 2) * ((<u64>channelHeight(table, c) + 3) >> 2);
    for (let i: u64 = 0; i < blocks; ++i) {
      if (srcLen - at < FLAT_BLOCK) return TRUNCATED;
      const bytes = load<u8>(src + at, 2) >= FLAT_MARK ? FLAT_BLOCK : PACKED_BLOCK;
      if (srcLen - at < bytes) return TRUNCATED;
      at += bytes;
    }
  }
  store<u32>(offsets + (<usize>channels << 2), <u32>at);
  return at == srcLen ? OK : CORRUPT;
}
