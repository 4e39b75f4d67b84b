/** Bytes that can be read at any position: a file, or a stream copied to one. */
export interface RandomBytes {
  readonly size: number;
  /** Exactly `length` bytes, in a buffer of their own. Throws when the end comes first. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Fills `into` from `position`, as far as the bytes go; how many there were. */
  readInto(into: Uint8Array, position: number): Promise<number>;
  /** Gives back what it holds. */
  close(): Promise<void>;
}
