// Copying a deflate match: bytes that repeat earlier output.

/** For each distance below 16: where each of 16 bytes comes from, so that the bytes before repeat. */
const REPEATS: usize = memory.data(256, 16);
let haveRepeats: bool = false;

/** Must be called before the first copyMatch. */
export function prepareMatches(): void {
  if (haveRepeats) return;
  for (let distance: usize = 1; distance < 16; ++distance) {
    for (let i: usize = 0; i < 16; ++i) store<u8>(REPEATS + 16 * distance + i, <u8>(i % distance));
  }
  haveRepeats = true;
}

/** Copies `count` bytes from `distance` bytes before; up to 15 more may be written. */
export function copyMatch(to: usize, distance: usize, count: usize): void {
  const end = to + count;
  if (distance >= 16) {
    for (; to < end; to += 16) v128.store(to, v128.load(to - distance));
    return;
  }
  // As many whole repeats as fit into 16 bytes, again and again.
  const repeated = i8x16.swizzle(v128.load(to - distance), v128.load(REPEATS + 16 * distance));
  const step = <usize>16 - (<usize>16 % distance);
  for (; to < end; to += step) v128.store(to, repeated);
}
