// Writes bits, lowest bit of each byte first, as deflate requires.

/** Where the next whole byte goes, and how far bytes may go. */
export let bitOut: usize = 0;
let bitLimit: usize = 0;
/** Bits that do not make up a byte yet, and how many. */
export let pendingBits: u64 = 0;
export let pendingCount: u64 = 0;
/** Whether something did not fit; from then on nothing is written. */
export let bitsFull: bool = false;
let bitStart: usize = 0;

/** Starts to write at `dst`, at most `capacity` bytes. Up to 16 bytes after them are scratch. */
export function startBits(dst: usize, capacity: usize): void {
  bitStart = dst;
  bitOut = dst;
  bitLimit = dst + capacity;
  pendingBits = 0;
  pendingCount = 0;
  bitsFull = false;
}

/** Bits written. */
export function bitPosition(): u64 {
  return (<u64>(bitOut - bitStart) << 3) + pendingCount;
}

/** Whether `bits` more bits fit; otherwise nothing more is written. */
export function roomFor(bits: u64): bool {
  if (bitOut + <usize>((pendingCount + bits) >> 3) > bitLimit) bitsFull = true;
  return !bitsFull;
}

/** Resumes after a caller that has written what roomFor allowed by itself: the next byte, and fewer than 8 pending bits. */
export function putPending(out: usize, bits: u64, count: u64): void {
  bitOut = out;
  pendingBits = bits;
  pendingCount = count;
}

/** Writes the low `count` (at most 57) bits of `value`, whose other bits are 0. */
export function putBits(value: u64, count: u64): void {
  if (bitOut >= bitLimit) {
    bitsFull = true;
    return;
  }
  pendingBits |= value << pendingCount;
  pendingCount += count;
  store<u64>(bitOut, pendingBits);
  bitOut += <usize>(pendingCount >> 3);
  pendingBits >>= pendingCount & 0x38;
  pendingCount &= 7;
}

/** Fills up the last byte with zeros, and leaves it in memory. */
export function alignBits(): void {
  if (pendingCount != 0) putBits(0, 8 - pendingCount);
}

/** Writes bytes; the bits before must be aligned. */
export function putBytes(from: usize, count: usize): void {
  if (bitOut + count > bitLimit) {
    bitsFull = true;
    return;
  }
  memory.copy(bitOut, from, count);
  bitOut += count;
}

/** Sets a bit that alignBits has left in memory, at a position that bitPosition gave. */
export function setBit(at: u64): void {
  const address = bitStart + <usize>(at >> 3);
  const mask: u32 = 1 << (<u32>at & 7);
  store<u8>(address, <u8>(<u32>load<u8>(address) | mask));
}

/** Copies bits `from` to `to` of `src`, after which 16 bytes are readable. */
export function copyBits(src: usize, from: u64, to: u64): void {
  if (!roomFor(to - from)) return;
  // Fill up the last byte, so that whole bytes follow.
  if (pendingCount != 0 && to - from >= 8) {
    const count = 8 - pendingCount;
    putBits((load<u64>(src + <usize>(from >> 3)) >> (from & 7)) & ((<u64>1 << count) - 1), count);
    from += count;
  }
  if (to - from >= 256) {
    const right = <i32>(from & 7);
    const bytes = <usize>((to - from) >> 3);
    let at = src + <usize>(from >> 3);
    let into = bitOut;
    const end = into + bytes;
    from += <u64>bytes << 3;
    if (right == 0) {
      memory.copy(into, at, bytes);
    } else {
      // Each lane is 8 bytes: its own bits moved down, and the first of the next byte on top.
      for (; into + 16 <= end; into += 16, at += 16) {
        const low = i64x2.shr_u(v128.load(at), right);
        v128.store(into, v128.or(low, i64x2.shl(v128.load(at, 8), 64 - right)));
      }
      for (; into < end; ++into, ++at) store<u8>(into, <u8>(<u32>load<u16>(at) >> right));
    }
    bitOut = end;
  }
  while (from < to) {
    const count = min(to - from, 48);
    putBits((load<u64>(src + <usize>(from >> 3)) >> (from & 7)) & ((<u64>1 << count) - 1), count);
    from += count;
  }
}
