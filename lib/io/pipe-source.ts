import type { ChunkMemory } from '../engine/buffers.js';
import type { ChunkSource, PayloadPieces } from '../engine/document.js';
import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { TableState } from '../format/file-state.js';
import type { ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import { type ChunkRef, chunkKey, fileOrder, readOffsetTables, tableLength } from '../format/offset-table.js';
import { closeQuietly } from '../model/close.js';
import { ExrError, withPlace } from '../model/error.js';
import { ChunkChecker, type KnownChunk } from './chunk-check.js';
import { isComplete } from './complete-header.js';
import type { PipeReader } from './pipe-reader.js';
import { copyPipe, type OpenScratch } from './scratch.js';
import { openChunks, type SourceChunks } from './seekable-source.js';

export interface PipeOptions {
  readonly limits: Limits;
  readonly holes: boolean;
  readonly openScratch: OpenScratch;
}

/** Bytes of a stream that are inspected before it is read, and held until then. */
const mostAhead = 16 << 20;

/**
 * The chunks of a stream whose header has been parsed. `head` is the part of the stream before `pipe`'s position: exactly the
 * header. A stream with empty tables, or whose header leaves their length open, is copied first.
 */
export async function openPipe(
  pipe: PipeReader,
  head: Uint8Array,
  parsed: ParsedHeader,
  { limits, holes, openScratch }: PipeOptions,
): Promise<SourceChunks> {
  const copy = async (...taken: Uint8Array[]): Promise<SourceChunks> => {
    const bytes = await copyPipe(taken, pipe, openScratch);
    return openChunks(bytes, parsed, { limits, holes, leaders: false }).catch(async (error) => {
      await closeQuietly(bytes);
      throw error;
    });
  };
  if (!isComplete(parsed)) return copy(head);
  const tables = await pipe.take(tableLength(parsed.chunkCounts));
  const offsets = readOffsetTables(tables, parsed.chunkCounts);
  const order = fileOrder(offsets, pipe.position, Number.POSITIVE_INFINITY);
  if (!order) return copy(head, tables);
  const respool = async () => (await copy(head, tables)).source;
  const { header } = parsed;
  return { header, source: new PipeSource(pipe, new ChunkChecker(header, limits), { order, offsets }, respool) };
}

/**
 * Chunks of a stream, in the order they arrive, which the offset table, coming first, gives.
 * A stream with an empty table, or whose chunks are needed in another order, is copied to a temporary file.
 */
export class PipeSource implements ChunkSource {
  readonly #pipe: PipeReader;
  readonly #checker: ChunkChecker;
  readonly #respool: () => Promise<ChunkSource>;
  readonly #spans: ReadonlyMap<number, number>;
  /** Offsets of the chunks, in order. */
  readonly #offsets: Float64Array;
  #order: readonly ChunkRef[];
  #next = 0;
  #closed = false;
  #spooled: ChunkSource | undefined;

  constructor(
    pipe: PipeReader,
    checker: ChunkChecker,
    { order, offsets }: { readonly order: readonly ChunkRef[]; readonly offsets: readonly Float64Array[] },
    respool: () => Promise<ChunkSource>,
  ) {
    this.#pipe = pipe;
    this.#checker = checker;
    this.#order = order;
    this.#respool = respool;
    this.#offsets = Float64Array.from(order, ({ part, index }) => offsets[part]?.[index] ?? 0);
    const spans = new Map<number, number>();
    for (let at = 1; at < order.length; at++)
      spans.set(chunkKey(order[at - 1] as ChunkRef), (this.#offsets[at] as number) - (this.#offsets[at - 1] as number));
    this.#spans = spans;
  }

  get random(): boolean {
    return this.#spooled !== undefined;
  }

  get order(): readonly ChunkRef[] {
    return this.#order;
  }

  get missing(): readonly ChunkRef[] {
    return this.#spooled?.missing ?? [];
  }

  get table(): TableState {
    return this.#spooled?.table ?? 'sound';
  }

  get ahead(): readonly ChunkRef[] {
    if (this.#spooled) return this.#spooled.ahead;
    if (this.#next > 0) return [];
    // Only the last chunk itself gives its length.
    const end = this.#offsets.findIndex((offset) => offset - this.#pipe.position > mostAhead);
    return this.#order.slice(0, (end < 0 ? this.#order.length : end) - 1);
  }

  /** Reads the bytes and puts them back. */
  async peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]> {
    if (this.#spooled) return this.#spooled.peek(chunks);
    if (this.#next > 0) throw new RangeError('the stream has been read already');
    const start = this.#pipe.position;
    const positions = new Map(this.#order.map((one, at) => [chunkKey(one), at]));
    const places = chunks.map((chunk) => {
      const at = positions.get(chunkKey(chunk)) as number;
      return { chunk, offset: this.#offsets[at] as number, end: this.#offsets[at + 1] as number };
    });
    const bytes = await this.#pipe.take(Math.max(start, ...places.map(({ end }) => end)) - start);
    this.#pipe.unread(bytes);
    return places.map(({ chunk, offset, end }) => this.#payloadIn(bytes.subarray(offset - start, end - start), chunk));
  }

  space(chunk: ChunkRef): number | undefined {
    if (this.#spooled) return this.#spooled.space(chunk);
    const span = this.#spans.get(chunkKey(chunk));
    return span === undefined ? undefined : Math.max(0, span - leaderLength(this.#checker.shape(chunk.part)));
  }

  async read(chunk: ChunkRef, memory?: ChunkMemory): Promise<Uint8Array> {
    if (this.#spooled) return this.#spooled.read(chunk, memory);
    const known = await this.#advance(chunk);
    try {
      // A stream has at least the bytes before its last chunk.
      this.#checker.checkClaim(known, Math.max(this.#offsets.at(-1) ?? 0, this.#pipe.position) + known.payload);
      return await this.#pipe.take(known.payload, memory);
    } catch (error) {
      throw withPlace(error, { part: chunk.part, chunk: chunk.index });
    }
  }

  async head(chunk: ChunkRef, length: number): Promise<Uint8Array> {
    if (this.#spooled) return this.#spooled.head(chunk, length);
    return (await this.read(chunk)).subarray(0, length);
  }

  async pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    if (this.#spooled) return this.#spooled.pieces(chunk);
    const { payload: length } = await this.#advance(chunk);
    return { length, pieces: this.#pipe.pieces(length) };
  }

  async makeRandom(): Promise<void> {
    if (this.#spooled) return;
    if (this.#next > 0) throw new RangeError('the stream has been read already');
    this.#spooled = await this.#respool();
    this.#order = this.#spooled.order;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A copied stream is closed with its copy; the pipe is closed whether or not that succeeds.
    await closeQuietly(this.#spooled);
    await this.#pipe.close();
  }

  /** Skips chunks up to this one and stops at its payload; returns its leader. */
  async #advance(chunk: ChunkRef): Promise<KnownChunk> {
    const wanted = chunkKey(chunk);
    for (;;) {
      const position = this.#next++;
      const next = this.#order[position];
      if (!next) throw new RangeError(`chunk ${chunk.index} of part ${chunk.part} has already passed`);
      try {
        const known = await this.#enter(next, this.#offsets[position] as number);
        if (chunkKey(next) === wanted) return known;
        await this.#pipe.skip(known.payload);
      } catch (error) {
        throw withPlace(error, next);
      }
    }
  }

  /** Reads past a chunk's leader and returns it. */
  async #enter({ part, index }: ChunkRef, offset: number): Promise<KnownChunk> {
    if (this.#pipe.position > offset)
      throw new ExrError('invalid', 'CHUNK_OVERLAPS', 'the chunk begins before the previous one ends', {
        where: { offset },
        hint: 'The file is damaged.',
      });
    await this.#pipe.skip(offset - this.#pipe.position);
    const shape = this.#checker.shape(part);
    const head = await this.#pipe.take(parsedLength(shape));
    const known = this.#checkLeader(head, { part, index });
    this.#pipe.unread(head.subarray(leaderLength(shape)));
    return known;
  }

  /** The payload of a chunk whose bytes, leader and all, are these and perhaps more. */
  #payloadIn(bytes: Uint8Array, chunk: ChunkRef): Uint8Array {
    try {
      const start = leaderLength(this.#checker.shape(chunk.part));
      const known = this.#checkLeader(bytes, chunk);
      this.#checker.checkClaim(known, this.#offsets.at(-1) ?? 0);
      const { payload: length } = known;
      if (start + length > bytes.length)
        throw new ExrError('invalid', 'CHUNK_OVERLAPS', 'the chunk reaches into the next one', {
          hint: 'The file is damaged.',
        });
      return bytes.slice(start, start + length);
    } catch (error) {
      throw withPlace(error, chunk);
    }
  }

  /** The leader, if `head` really begins with this chunk's. */
  #checkLeader(head: Uint8Array, { part, index }: ChunkRef): KnownChunk {
    const leader = this.#checker.check(head, this.#checker.partAt(head));
    if (leader.part !== part || leader.index !== index)
      throw new ExrError('invalid', 'BAD_OFFSET', 'the offset table leads to another chunk', {
        hint: 'The file is damaged.',
      });
    return leader;
  }
}
