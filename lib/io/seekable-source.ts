import type { ChunkMemory } from '../engine/buffers.js';
import type { ChunkSource, PayloadPieces } from '../engine/document.js';
import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { TableState } from '../format/file-state.js';
import type { ParsedHeader } from '../format/header-parser.js';
import { type ChunkRef, chunkKey } from '../format/offset-table.js';
import { ExrError, isExrError, withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { ChunkChecker, type KnownChunk } from './chunk-check.js';
import { type ChunkMap, type ChunkPosition, positionOf } from './chunk-map.js';
import { type CompleteHeader, completeHeader } from './complete-header.js';
import { type ChunkSearch, cutOff, mapChunks, walk } from './find-chunks.js';
import type { RandomBytes } from './random-bytes.js';
import { Slab } from './slab.js';

/** A chunk is read in one go up to this size; with a larger gap to the next chunk, its leader is checked first. */
const oneRead = 64 << 20;

/** Bytes of neighbouring chunks that are read in one go. */
const mostTogether = 4 << 20;

/** Chunks and their header, completed with what only the file reveals. */
export interface SourceChunks {
  readonly header: Header;
  readonly source: ChunkSource;
}

/** The chunks of a file whose header has been parsed. */
export async function openChunks(bytes: RandomBytes, parsed: ParsedHeader, search: ChunkSearch): Promise<SourceChunks> {
  const complete = await completeHeader(bytes, parsed, search.limits);
  return { header: complete.header, source: await SeekableSource.open(bytes, complete, search) };
}

/** Chunks of a file, in any order. */
export class SeekableSource implements ChunkSource {
  readonly random = true;
  readonly #bytes: RandomBytes;
  readonly #parsed: CompleteHeader;
  readonly #checker: ChunkChecker;
  readonly #slab: Slab;
  #map: ChunkMap;
  #closed = false;

  private constructor(bytes: RandomBytes, parsed: CompleteHeader, checker: ChunkChecker, map: ChunkMap) {
    this.#bytes = bytes;
    this.#parsed = parsed;
    this.#checker = checker;
    this.#slab = new Slab(bytes);
    this.#map = map;
  }

  /**
   * Reads the offset tables. Where they cannot be right (zeros of a streamed file, offsets of another header), the chunks are
   * found by walking from one to the next; all of them must exist unless `holes` is set.
   */
  static async open(bytes: RandomBytes, parsed: CompleteHeader, search: ChunkSearch): Promise<SeekableSource> {
    const checker = new ChunkChecker(parsed.header, search.limits);
    return new SeekableSource(bytes, parsed, checker, await mapChunks(bytes, parsed, checker, search));
  }

  get order(): readonly ChunkRef[] {
    return this.#map.order;
  }

  get table(): TableState {
    return this.#map.table;
  }

  get missing(): readonly ChunkRef[] {
    return missingChunks(this.#parsed.chunkCounts, this.#map.order);
  }

  space(chunk: ChunkRef): number | undefined {
    const place = this.#find(chunk);
    return place && Math.max(0, place.span - leaderLength(this.#checker.shape(chunk.part)));
  }

  read(chunk: ChunkRef, memory?: ChunkMemory): Promise<Uint8Array> {
    return this.#reading(chunk, async (place) => {
      const length = Math.min(place.span, oneRead);
      const whole = await this.#readInto(memory, place.offset, length);
      const { start, known } = this.#checkLeader(whole, chunk, place);
      this.#checker.checkClaim(known, this.#bytes.size);
      return whole.length === place.span
        ? whole.subarray(start, start + known.payload)
        : await this.#bytes.read(place.offset + start, known.payload);
    });
  }

  async readTogether(chunks: readonly ChunkRef[], memory?: ChunkMemory): Promise<Uint8Array[]> {
    const payloads = await Promise.all(this.#runs(chunks).map((run) => this.#readRun(run, memory)));
    const all = new Map(payloads.flat());
    return chunks.map((chunk) => all.get(chunk) as Uint8Array);
  }

  /** Chunks that lie beside each other in the file, up to `mostTogether` bytes. */
  #runs(chunks: readonly ChunkRef[]): ChunkRef[][] {
    const placed = chunks.map((chunk) => ({ chunk, place: this.#find(chunk) }));
    const runs: { chunks: ChunkRef[]; start: number; end: number }[] = [];
    for (const { chunk, place } of placed.toSorted((a, b) => (a.place?.offset ?? 0) - (b.place?.offset ?? 0))) {
      const last = runs.at(-1);
      const end = place ? place.offset + place.span : 0;
      if (last && place && last.end === place.offset && end - last.start <= mostTogether) {
        last.chunks.push(chunk);
        last.end = end;
      } else runs.push({ chunks: [chunk], start: place?.offset ?? 0, end });
    }
    return runs.map((run) => run.chunks);
  }

  async #readRun(run: readonly ChunkRef[], memory?: ChunkMemory): Promise<(readonly [ChunkRef, Uint8Array])[]> {
    const [first, last] = [run[0], run.at(-1)].map((chunk) => chunk && this.#find(chunk));
    const whole =
      run.length > 1 && first && last
        ? await this.#readInto(memory, first.offset, last.offset + last.span - first.offset).catch(notRead)
        : undefined;
    return Promise.all(
      run.map(async (chunk) => {
        const place = this.#find(chunk);
        const payload =
          whole && first && place && this.#payloadIn(whole.subarray(place.offset - first.offset), chunk, place);
        return [chunk, payload ?? (await this.read(chunk, memory))] as const;
      }),
    );
  }

  /** The payload of a chunk whose bytes these begin with; undefined if that is not so, for which `read` has the reason. */
  #payloadIn(bytes: Uint8Array, chunk: ChunkRef, place: ChunkPosition): Uint8Array | undefined {
    try {
      const { start, known } = this.#checkLeader(bytes.subarray(0, place.span), chunk, place);
      this.#checker.checkClaim(known, this.#bytes.size);
      return bytes.subarray(start, start + known.payload);
    } catch (error) {
      if (isExrError(error)) return undefined;
      throw error;
    }
  }

  /** Reads bytes like `bytes.read`, into this memory if there is any. */
  async #readInto(memory: ChunkMemory | undefined, position: number, length: number): Promise<Uint8Array> {
    const into = memory?.take(length);
    // `read` has the error for files that are too short.
    if (into && (await this.#bytes.readInto(into, position)) === length) return into;
    return this.#bytes.read(position, length);
  }

  head(chunk: ChunkRef, length: number): Promise<Uint8Array> {
    return this.#reading(chunk, async (place) => {
      const leader = parsedLength(this.#checker.shape(chunk.part));
      const bytes = await this.#bytes.read(place.offset, Math.min(place.span, Math.min(length, oneRead) + leader));
      const { start, known } = this.#checkLeader(bytes, chunk, place);
      return bytes.subarray(start, start + Math.min(length, known.payload));
    });
  }

  pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    return this.#reading(chunk, async (place) => {
      const head = await this.#slab.view(
        place.offset,
        Math.min(place.span, parsedLength(this.#checker.shape(chunk.part))),
      );
      const { start, known } = this.#checkLeader(head, chunk, place);
      return { length: known.payload, pieces: this.#slab.pieces(place.offset + start, known.payload) };
    });
  }

  get ahead(): readonly ChunkRef[] {
    return this.order;
  }

  peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]> {
    return Promise.all(chunks.map((chunk) => this.read(chunk)));
  }

  async makeRandom(): Promise<void> {}

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#bytes.close();
  }

  /**
   * Reads at a chunk's offset. Where the table leads to something else, the chunks are searched for by walking, once: if all
   * are found, the table was wrong and nothing is lost.
   */
  async #reading<Result>(chunk: ChunkRef, read: (place: ChunkPosition) => Promise<Result>): Promise<Result> {
    const map = this.#map;
    const place = this.#find(chunk);
    if (!place)
      throw new ExrError('invalid', 'CHUNK_MISSING', 'the chunk is missing: the file is unfinished or damaged', {
        where: { part: chunk.part, chunk: chunk.index },
      });
    try {
      return await read(place);
    } catch (error) {
      const found = isExrError(error) && misleads.has(error.code) ? await this.#walkOnce() : map;
      if (found === map) throw withPlace(error, { part: chunk.part, chunk: chunk.index, offset: place.offset });
      this.#map = found;
      return this.#reading(chunk, read);
    }
  }

  #walked: Promise<ChunkMap> | undefined;

  /** The chunks by walking; those of the table if not all are found, or if a walk has failed before. */
  async #walkOnce(): Promise<ChunkMap> {
    const map = this.#map;
    if (map.table !== 'sound') return map;
    this.#walked ??= walk(this.#bytes, this.#parsed, this.#checker).then(({ map: found, complete }) =>
      complete ? { ...found, table: 'wrong' } : map,
    );
    return this.#walked;
  }

  #find(chunk: ChunkRef): ChunkPosition | undefined {
    return positionOf(this.#map, chunk);
  }

  /** Where the payload begins after the chunk's offset, and its length, if `head` really is this chunk's leader. */
  #checkLeader(
    head: Uint8Array,
    { part, index }: ChunkRef,
    { span }: ChunkPosition,
  ): { start: number; known: KnownChunk } {
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
    return { start, known: leader };
  }
}

/** Chunks that cannot be read together are read one by one, which tells which of them is at fault. */
function notRead(error: unknown): undefined {
  if (!isExrError(error)) throw error;
}

/** Errors that a wrong offset table may have caused. */
const misleads: ReadonlySet<string> = new Set(['BAD_OFFSET', 'BAD_CHUNK_LEADER', 'BAD_CHUNK_SIZE', 'CHUNK_OVERLAPS']);

function missingChunks(chunkCounts: readonly number[], order: readonly ChunkRef[]): ChunkRef[] {
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  if (order.length === total) return [];
  const there = new Set(order.map(chunkKey));
  return chunkCounts.flatMap((count, part) =>
    Array.from({ length: count }, (_, index) => ({ part, index })).filter((chunk) => !there.has(chunkKey(chunk))),
  );
}
