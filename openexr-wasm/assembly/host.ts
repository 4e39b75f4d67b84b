// Deflating belongs to the host: node:zlib in Node, a library of the user's choice in a browser. It is called from within
// a codec, so that every codec is a single call from outside. Memory must not grow during the call; src/instance.ts
// implements it.

/**
 * Deflates `length` bytes at `from` into a zlib stream at `to`, at zlib level `level` (1 to 9). Returns the number
 * of bytes written, or OUTPUT_FULL when the stream is longer than `capacity`.
 */
export declare function deflate(from: usize, length: usize, to: usize, capacity: usize, level: i32): i32;
