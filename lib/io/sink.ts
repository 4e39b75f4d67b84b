/** Where a file's bytes go. Bytes are written in order; some sinks can also go back and mend what they wrote. */
export interface ByteSink {
  /** What errors call it. */
  readonly name: string;
  /** The bytes may be overwritten once the promise is kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes already written, by their position in what this sink has received. Absent where that is impossible. */
  readonly patch?: (position: number, bytes: Uint8Array) => Promise<void>;
  /** All is written: make it last. */
  finish(): Promise<void>;
  /** Give up: leave nothing behind. Never throws. */
  abort(): Promise<void>;
}
