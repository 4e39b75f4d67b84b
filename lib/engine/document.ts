import type { TableState } from '../format/file-state.js';
import type { ChunkRef } from '../format/offset-table.js';
import { asyncDispose } from '../model/dispose.js';
import type { ErrorPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import type { ChunkMemory } from './buffers.js';

/**
 * The chunks that arrived, behind one door for files and pipes.
 * A payload is a chunk without its leader (see format/chunk-leader).
 */
export interface ChunkSource {
  /** The existing chunks, in file order. */
  readonly order: readonly ChunkRef[];
  /** Chunks that the header promises and the source does not have: of an unfinished frame that was opened all the same. */
  readonly missing: readonly ChunkRef[];
  /** Whether the offset tables lead to the chunks. Where they do not, chunks may turn up all the same. */
  readonly table: TableState;
  /** Whether {@link read} takes chunks in any order, and more than once. Otherwise only forwards along {@link order}. */
  readonly random: boolean;
  /** Bytes from the end of a chunk's leader to the next leader: its payload, and a gap if there is one. Undefined for the last chunk of a pipe. */
  space(chunk: ChunkRef): number | undefined;
  /**
   * The payload of a chunk, in a buffer of its own: in memory taken from `memory`, where that is worth it. Throws ExrError naming
   * part and chunk.
   */
  read(chunk: ChunkRef, memory?: ChunkMemory): Promise<Uint8Array>;
  /**
   * The payloads of several small chunks: those that lie beside each other are read at once, and share a buffer. Absent where
   * that saves nothing.
   */
  readTogether?(chunks: readonly ChunkRef[], memory?: ChunkMemory): Promise<Uint8Array[]>;
  /** The first bytes of a payload, as many as there are up to `length`. Of a pipe all are read. */
  head(chunk: ChunkRef, length: number): Promise<Uint8Array>;
  /** A payload for passing it on without holding it. The pieces must be taken before anything else is read. */
  pieces(chunk: ChunkRef): Promise<PayloadPieces>;
  /** Chunks that {@link peek} can give: all where any order is possible, else the first of {@link order}, until reading begins. */
  readonly ahead: readonly ChunkRef[];
  /** Payloads of chunks of {@link ahead}, in buffers of their own. Nothing is used up by it: reading begins where it would have. */
  peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]>;
  /** Makes any order possible: a pipe that cannot seek is copied to a temporary file first. */
  makeRandom(): Promise<void>;
  /** Gives back what it holds: file, temporary file, memory. Closing again does nothing. */
  close(): Promise<void>;
  /** Whether {@link close} has been called. */
  readonly closed: boolean;
}

/** What it takes to have chunks for work on pixels. */
export type ChunkReader = Pick<ChunkSource, 'order' | 'random' | 'space' | 'read' | 'readTogether'>;

/** A payload that need not be in memory whole. */
export interface PayloadPieces {
  /** Bytes of all pieces together. */
  readonly length: number;
  /** Each piece may be overwritten once the next is requested. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Where some of a document's parts came from. */
export interface InputInfo {
  /** Path as given, undefined for a stream. */
  readonly path: string | undefined;
  /** File name without folder, frame number and `.exr`; `stdin` for a stream. */
  readonly stem: string;
  /** Frame number at the end of the file name, as written there (`0101`). */
  readonly frame: string | undefined;
  /** What stood for `%V` in the file name of a sequence with views. */
  readonly view?: string | undefined;
  /** What the file was when it was opened, for whoever may replace it: another text after another program has written it. */
  readonly version?: string | undefined;
  /** Numbers of the arrived parts that are this input's. */
  readonly parts: readonly number[];
}

/**
 * One frame on its way through a pipeline: the header as wanted so far, and what it is to be made from.
 * Filters change only `header`; a sink compares it with `arrived` and moves the pixels.
 */
export interface ExrDocument {
  readonly header: Header;
  /** The headers that arrived; `plane.part` counts in here. */
  readonly arrived: Header;
  readonly source: ChunkSource;
  readonly inputs: readonly InputInfo[];
}

/**
 * A document that was opened, and is to be closed: by `await using`, by `source.close()`, or by `writeDocument`, which does it in any
 * case. Copies of it with another header share what is closed.
 */
export interface OpenDocument extends ExrDocument, AsyncDisposable {}

/** Makes a document close its source when it is disposed of, and every copy that is made of it. */
export function disposable(document: ExrDocument): OpenDocument {
  return {
    ...document,
    [asyncDispose](this: ExrDocument) {
      return this.source.close();
    },
  };
}

/** The file that a document was read from, for errors; nothing where there were several. */
export function inputPlace({ inputs }: Pick<ExrDocument, 'inputs'>): ErrorPlace {
  const [first] = inputs;
  return inputs.length === 1 && first ? { file: first.path ?? 'stdin' } : {};
}
