import type { PayloadPieces } from '../engine/document.js';
import type { ChunkRef } from '../format/offset-table.js';
import type { Header } from '../model/header.js';
import type { OpenScratch } from './scratch.js';

/** Where a file's bytes go. Bytes are written in order; some sinks can also go back and change what they wrote. */
export interface ByteSink {
  /** What errors call it. */
  readonly name: string;
  /** The bytes may be overwritten once the promise is kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes already written, by their position in what this sink has received. Absent where that is impossible. */
  readonly patch?: (position: number, bytes: Uint8Array) => Promise<void>;
  /** All is written: make it last. Where the signal comes before it is done, throws its reason and nothing has changed. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Give up, even while a write waits: leave nothing behind, and write nothing more. Never throws. */
  abort(): Promise<void>;
}

/** A chunk by its part's number in the output file, and the bytes from its leader's end to the next leader. */
export interface SizedChunk {
  readonly chunk: ChunkRef;
  /** Unknown only for the last. */
  readonly size: number | undefined;
}

/** Where the driver puts an output's chunks: what writes a file format. */
export interface ImageSink {
  /** A chunk by its place in the output's header, as the format takes it: coded, or as samples. */
  write(chunk: ChunkRef, payload: Uint8Array): Promise<void>;
  /** A coded chunk that is not in memory whole. Formats that take samples are never given one. */
  writePieces(chunk: ChunkRef, payload: PayloadPieces): Promise<void>;
  /** All chunks are written: make the file last, unless the signal comes before. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Give up, even while a write waits: leave nothing behind. Never throws. */
  abort(): Promise<void>;
}

/** An output that is about to be written. */
export interface OutputStart {
  /** Its parts, whose chunks come in any order, each once. */
  readonly header: Header;
  readonly bytes: ByteSink;
  /** The sizes of all chunks in the order in which they will come, where they are known beforehand. */
  readonly sizes: () => readonly SizedChunk[] | undefined;
  /** The user wants no more than zeros for what is known only at the end. */
  readonly zeroTable: boolean;
  readonly openScratch: OpenScratch;
}

/** A format that outputs can have beside OpenEXR, chosen by the ending of the path. */
export interface OutputFormat {
  /** How messages call it. */
  readonly name: string;
  /** Endings of file names, in lower case and with the dot. */
  readonly endings: readonly string[];
  /**
   * What comes with each chunk: `coded` as the part's compression has it, or its `samples`, planar, at full resolution, in the
   * order and of the types of the part's channels. `lines` are samples of the display window, a few whole lines at a time, from
   * the top to the bottom.
   */
  readonly takes: 'coded' | 'samples' | 'lines';
  /** Begins an output. */
  readonly open: (output: OutputStart) => Promise<ImageSink>;
}
