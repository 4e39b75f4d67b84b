import type { ChunkSource, PayloadPieces } from '../engine/document.js';
import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import {
  type ChunkRef,
  chunkKey,
  fileOrder,
  type PlacedChunk,
  readOffsetTables,
  tableLength,
} from '../format/offset-table.js';
import { ExrError, withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { ChunkChecker } from './chunk-check.js';
import { type CompleteHeader, completeHeader } from './complete-header.js';
import type { RandomBytes } from './random-bytes.js';
import { Slab } from './slab.js';

/** A chunk is read in one go up to this size; a larger gap to the next chunk is looked into first. */
const oneRead = 64 << 20;

interface ChunkPosition {
  readonly offset: number;
  /** Bytes to the next chunk, or the end of the file. */
  readonly span: number;
}

/** Chunks, and the header to which they belong, with all that only the file could tell. */
export interface SourceChunks {
  readonly header: Header;
  readonly source: ChunkSource;
}

/** The chunks of a file whose header has been parsed. */
export async function openChunks(
  bytes: RandomBytes,
  parsed: ParsedHeader,
  limits: Limits,
  holes: boolean,
): Promise<SourceChunks> {
  const complete = await completeHeader(bytes, parsed, limits);
  return { header: complete.header, source: await SeekableSource.open(bytes, complete, limits, holes) };
}

/** Chunks of a file, in any order. */
export class SeekableSource implements ChunkSource {
  readonly random = true;
  readonly order: readonly ChunkRef[];
  readonly missing: readonly ChunkRef[];
  readonly #bytes: RandomBytes;
  readonly #checker: ChunkChecker;
  readonly #places: ReadonlyMap<number, ChunkPosition>;
  readonly #slab: Slab;

  private constructor(
    bytes: RandomBytes,
    checker: ChunkChecker,
    order: readonly PlacedChunk[],
    missing: readonly ChunkRef[],
  ) {
    this.missing = missing;
    this.#bytes = bytes;
    this.#checker = checker;
    this.#slab = new Slab(bytes);
    this.order = order;
    this.#places = new Map(
      order.map((chunk, i) => [
        chunkKey(chunk),
        { offset: chunk.offset, span: (order[i + 1]?.offset ?? bytes.size) - chunk.offset },
      ]),
    );
  }

  /**
   * Reads the offset tables. Where they cannot be right (zeros of a streamed file), the chunks are found by walking from one to
   * the next; all of them must be there unless `holes` says otherwise.
   */
  static async open(
    bytes: RandomBytes,
    parsed: CompleteHeader,
    limits: Limits,
    holes: boolean,
  ): Promise<SeekableSource> {
    const checker = new ChunkChecker(parsed.header, limits);
    const { chunkCounts, length } = parsed;
    const first = length + tableLength(chunkCounts);
    if (first > bytes.size) throw cutOff(bytes.size);
    const tables = readOffsetTables(await bytes.read(length, first - length), chunkCounts);
    const order = fileOrder(tables, first, bytes.size) ?? (await walk(bytes, parsed, checker, first, holes));
    return new SeekableSource(bytes, checker, order, missingChunks(chunkCounts, order));
  }

  space(chunk: ChunkRef): number | undefined {
    const place = this.#places.get(chunkKey(chunk));
    return place && Math.max(0, place.span - leaderLength(this.#checker.shape(chunk.part)));
  }

  async read(chunk: ChunkRef): Promise<Uint8Array> {
    const place = this.#place(chunk);
    try {
      const whole = await this.#bytes.read(place.offset, Math.min(place.span, oneRead));
      const { start, length } = this.#checkLeader(whole, chunk, place);
      return whole.length === place.span
        ? whole.subarray(start, start + length)
        : await this.#bytes.read(place.offset + start, length);
    } catch (error) {
      throw withPlace(error, { part: chunk.part, chunk: chunk.index, offset: place.offset });
    }
  }

  async pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    const place = this.#place(chunk);
    try {
      const head = await this.#slab.view(
        place.offset,
        Math.min(place.span, parsedLength(this.#checker.shape(chunk.part))),
      );
      const { start, length } = this.#checkLeader(head, chunk, place);
      return { length, pieces: this.#slab.pieces(place.offset + start, length) };
    } catch (error) {
      throw withPlace(error, { part: chunk.part, chunk: chunk.index, offset: place.offset });
    }
  }

  get ahead(): readonly ChunkRef[] {
    return this.order;
  }

  peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]> {
    return Promise.all(chunks.map((chunk) => this.read(chunk)));
  }

  async makeRandom(): Promise<void> {}

  async close(): Promise<void> {
    await this.#bytes.close();
  }

  #place(chunk: ChunkRef): ChunkPosition {
    const place = this.#places.get(chunkKey(chunk));
    if (place) return place;
    throw new ExrError('invalid', 'CHUNK_MISSING', 'the chunk is missing: the file is unfinished or damaged', {
      where: { part: chunk.part, chunk: chunk.index },
    });
  }

  /** Where the payload begins after the chunk's offset, and its length, when `head` really is this chunk's leader. */
  #checkLeader(
    head: Uint8Array,
    { part, index }: ChunkRef,
    { span }: ChunkPosition,
  ): { start: number; length: number } {
    const shape = this.#checker.shape(part);
    if (head.length < parsedLength(shape)) throw cutOff(this.#bytes.size);
    const leader = this.#checker.check(head, this.#checker.partAt(head));
    if (leader.part !== part || leader.index !== index)
      throw new ExrError('invalid', 'BAD_OFFSET', 'the offset table leads to another chunk', {
        hint: 'The file is damaged.',
      });
    const start = leaderLength(shape);
    if (start + leader.payload > span)
      throw new ExrError(
        'invalid',
        'CHUNK_OVERLAPS',
        'the chunk reaches into the next one, or beyond the end of the file',
        {
          hint: 'The file is damaged or cut off; copy or render it again.',
        },
      );
    return { start, length: leader.payload };
  }
}

function missingChunks(chunkCounts: readonly number[], order: readonly ChunkRef[]): ChunkRef[] {
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  if (order.length === total) return [];
  const there = new Set(order.map(chunkKey));
  return chunkCounts.flatMap((count, part) =>
    Array.from({ length: count }, (_, index) => ({ part, index })).filter((chunk) => !there.has(chunkKey(chunk))),
  );
}

function cutOff(size: number): ExrError {
  return new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, after ${size} bytes`, {
    hint: 'It is cut off or unfinished; copy or render it again.',
  });
}

/** Finds the chunks of a file whose tables say nothing: they follow each other without gaps in such files. */
async function walk(
  bytes: RandomBytes,
  { chunkCounts, header }: CompleteHeader,
  checker: ChunkChecker,
  first: number,
  holes: boolean,
): Promise<PlacedChunk[]> {
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  const found = new Map<number, PlacedChunk>();
  let offset = first;
  while (found.size < total) {
    const head = await bytes.read(offset, Math.min(64, bytes.size - offset)).catch(() => new Uint8Array());
    const chunk = head.length >= 12 ? leaderAt(head, checker) : undefined;
    const end = chunk && offset + leaderLength(checker.shape(chunk.part)) + chunk.payload;
    if (!chunk || end === undefined || end > bytes.size || found.has(chunkKey(chunk))) {
      if (holes) break;
      throw new ExrError(
        'invalid',
        'CHUNKS_MISSING',
        `only ${found.size} of ${total} chunks are there, and the offset table is not complete`,
        {
          where: { offset },
          hint: `The file is unfinished or damaged${header.parts.length > 1 ? '' : '; render it again'}.`,
        },
      );
    }
    found.set(chunkKey(chunk), { part: chunk.part, index: chunk.index, offset });
    offset = end;
  }
  return [...found.values()];
}

/** The chunk whose leader begins here, or undefined when these bytes are no leader. */
function leaderAt(head: Uint8Array, checker: ChunkChecker) {
  try {
    const part = checker.partAt(head);
    return checker.check(head, part);
  } catch {
    return undefined;
  }
}
