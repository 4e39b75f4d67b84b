/** Memory and size of a task. The figures are those of docs/sequences.md, where they are measured. */

const mebibyte = 1 << 20;
/** The program by itself. */
const programMemory = 60 * mebibyte;
const threadMemory = 30 * mebibyte;
/** Headers, tables and buffers of the outputs that are open at once. */
const frameMemory = 4 * mebibyte;
/** Chunks in progress per thread by default. */
export const pixelMemoryPerThread = 64 * mebibyte;
/** Schedulers count in large steps. */
const memoryStep = 64 * mebibyte;

/**
 * Bytes a task takes at most: the program, its threads, the pixels in progress, and a quarter for what V8 has not yet freed.
 * A frame needs the memory of its largest unit of work even where that is more than its share, so a measured peak counts if it is
 * greater.
 * @param pixels bytes of chunks in progress in all frames of a task together (`--memory`)
 * @param measured peak of a probe, in bytes
 */
export function memoryOfTask(threads: number, pixels: number, measured = 0): number {
  const computed = programMemory + threads * (threadMemory + frameMemory) + pixels;
  return Math.ceil((Math.max(computed, measured) * 1.25) / memoryStep) * memoryStep;
}

/** Frames of a task of about this many seconds, at least one. */
export function framesOfTask(secondsPerTask: number, secondsPerFrame: number, mostFrames: number): number {
  const frames = Math.round(secondsPerTask / Math.max(secondsPerFrame, 1e-3));
  return Math.min(Math.max(frames, 1), Math.max(mostFrames, 1));
}

/** Seconds after which a task counts as hung: many times what it should take, since storage of a farm has bad hours. */
export function timeoutOfTask(secondsPerFrame: number, framesPerTask: number): number {
  return Math.max(3600, Math.ceil(secondsPerFrame * framesPerTask * 20));
}
