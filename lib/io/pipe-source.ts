import type { ChunkSource, PayloadPieces } from '../engine/document.js';
import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import { type ChunkRef, chunkKey, fileOrder, readOffsetTables, tableLength } from '../format/offset-table.js';
import { ExrError, withPlace } from '../model/error.js';
import { ChunkChecker } from './chunk-check.js';
import type { PipeReader } from './pipe-reader.js';
import { SeekableSource } from './seekable-source.js';
import { spoolPipe } from './spool.js';

/**
 * Chunks of a stream, in the order they arrive; the offset table, which comes first, tells that order.
 * A stream whose table says nothing, or whose chunks are wanted in another order, is copied to a temporary file.
 */
export class PipeSource implements ChunkSource {
  readonly #pipe: PipeReader;
  readonly #checker: ChunkChecker;
  readonly #respool: () => Promise<SeekableSource>;
  readonly #spans: ReadonlyMap<number, number>;
  readonly #offsets: readonly number[];
  #order: readonly ChunkRef[];
  #next = 0;
  #spooled: SeekableSource | undefined;

  private constructor(
    pipe: PipeReader,
    checker: ChunkChecker,
    order: readonly { readonly part: number; readonly index: number; readonly offset: number }[],
    respool: () => Promise<SeekableSource>,
  ) {
    this.#pipe = pipe;
    this.#checker = checker;
    this.#order = order;
    this.#respool = respool;
    this.#offsets = order.map(({ offset }) => offset);
    this.#spans = new Map(
      order.slice(0, -1).map((chunk, i) => [chunkKey(chunk), (this.#offsets[i + 1] as number) - chunk.offset]),
    );
  }

  /** `head` is what of the stream came before `pipe`'s position: exactly the header. */
  static async open(pipe: PipeReader, head: Uint8Array, parsed: ParsedHeader, limits: Limits): Promise<ChunkSource> {
    const tables = await pipe.take(tableLength(parsed.chunkCounts));
    const order = fileOrder(readOffsetTables(tables, parsed.chunkCounts), pipe.position, Number.POSITIVE_INFINITY);
    const respool = async () => {
      const spool = await spoolPipe([head, tables], pipe);
      return SeekableSource.open(spool, parsed, limits).catch(async (error) => {
        await spool.close();
        throw error;
      });
    };
    return order ? new PipeSource(pipe, new ChunkChecker(parsed, limits), order, respool) : respool();
  }

  get random(): boolean {
    return this.#spooled !== undefined;
  }

  get order(): readonly ChunkRef[] {
    return this.#order;
  }

  space(chunk: ChunkRef): number | undefined {
    if (this.#spooled) return this.#spooled.space(chunk);
    const span = this.#spans.get(chunkKey(chunk));
    return span === undefined ? undefined : Math.max(0, span - leaderLength(this.#checker.shape(chunk.part)));
  }

  async read(chunk: ChunkRef): Promise<Uint8Array> {
    if (this.#spooled) return this.#spooled.read(chunk);
    const length = await this.#advance(chunk);
    return this.#pipe.take(length).catch((error) => {
      throw withPlace(error, chunk);
    });
  }

  async pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    if (this.#spooled) return this.#spooled.pieces(chunk);
    const length = await this.#advance(chunk);
    return { length, pieces: this.#pipe.pieces(length) };
  }

  async makeRandom(): Promise<void> {
    if (this.#spooled) return;
    if (this.#next > 0) throw new RangeError('the stream has been read already');
    this.#spooled = await this.#respool();
    this.#order = this.#spooled.order;
  }

  async close(): Promise<void> {
    await this.#spooled?.close();
    await this.#pipe.close();
  }

  /** Goes past chunks up to this one and stands at its payload, whose length it gives. */
  async #advance(chunk: ChunkRef): Promise<number> {
    const wanted = chunkKey(chunk);
    for (;;) {
      const position = this.#next++;
      const next = this.#order[position];
      if (!next) throw new RangeError(`chunk ${chunk.index} of part ${chunk.part} has passed already`);
      try {
        const length = await this.#enter(next, this.#offsets[position] as number);
        if (chunkKey(next) === wanted) return length;
        await this.#pipe.skip(length);
      } catch (error) {
        throw withPlace(error, next);
      }
    }
  }

  /** Goes past a chunk's leader; gives the length of its payload. */
  async #enter({ part, index }: ChunkRef, offset: number): Promise<number> {
    if (this.#pipe.position > offset)
      throw new ExrError('invalid', 'CHUNK_OVERLAPS', 'the chunk begins before the one ahead of it ends', {
        where: { offset },
        hint: 'The file is damaged.',
      });
    await this.#pipe.skip(offset - this.#pipe.position);
    const shape = this.#checker.shape(part);
    const head = await this.#pipe.take(parsedLength(shape));
    const leader = this.#checker.check(head, this.#checker.partAt(head));
    if (leader.part !== part || leader.index !== index)
      throw new ExrError('invalid', 'BAD_OFFSET', 'the offset table leads to another chunk', {
        hint: 'The file is damaged.',
      });
    this.#pipe.unread(head.subarray(leaderLength(shape)));
    return leader.payload;
  }
}
