// A bump arena over the linear memory above the static data. One chunk is coded at a time: the wrapper resets the
// arena, places input and channel table, and the codec allocates its output and scratch after them. Nothing is
// freed individually. Allocations are 16-byte aligned and NOT cleared: a codec must write all of its output or fail.

const PAGE: u64 = 65536;
const ALIGN: u64 = 16;

/** Room after every allocation, so that 16-byte loads near the end of a buffer stay inside the arena. */
const GUARD: u64 = 16;

let arenaTop: u64 = 0;
let arenaPeak: u64 = 0;
let arenaLimit: u64 = 0xffff0000;

/** Where the arena starts: the first 16-byte boundary above the static data. */
function arenaBase(): u64 {
  return (<u64>__heap_base + ALIGN - 1) & ~(ALIGN - 1);
}

/** Forgets all allocations. */
export function arenaReset(): void {
  arenaTop = arenaBase();
  arenaPeak = arenaTop;
}

/** The most bytes that were allocated at a time since the arena was reset, static data included. */
export function arenaUsed(): u32 {
  return <u32>arenaPeak;
}

/** Sets the largest memory size in bytes (static data included) the arena may grow to. */
export function arenaSetLimit(bytes: u32): void {
  arenaLimit = <u64>bytes;
}

/** Returns the address of `bytes` fresh, uncleared bytes, or 0 when memory cannot grow that far. */
export function arenaAlloc(bytes: usize): usize {
  if (arenaTop === 0) arenaReset();
  const start = arenaTop;
  const end = (start + <u64>bytes + GUARD + ALIGN - 1) & ~(ALIGN - 1);
  if (end > arenaLimit) return 0;
  const have = <u64>(<u32>memory.size()) * PAGE;
  if (end > have) {
    const pages = (end - have + PAGE - 1) / PAGE;
    if (memory.grow(<i32>pages) < 0) return 0;
  }
  arenaTop = end;
  if (end > arenaPeak) arenaPeak = end;
  return <usize>start;
}

/** Resets the arena and allocates `bytes`: all the memory management that a simple caller needs. */
export function reserve(bytes: usize): usize {
  arenaReset();
  return arenaAlloc(bytes);
}

/** The arena's current state, for arenaRelease. */
export function arenaMark(): u64 {
  return arenaTop;
}

/** Forgets what was allocated since a mark was taken: for the scratch of codecs that work in several rounds. */
export function arenaRelease(mark: u64): void {
  arenaTop = mark;
}
