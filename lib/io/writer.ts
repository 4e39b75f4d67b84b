import type { PayloadPieces } from '../engine/document.js';
import { ByteWriter } from '../format/bytes.js';
import { type LeaderShape, leaderLength, leaderShape, writeLeader } from '../format/chunk-leader.js';
import { Geometry } from '../format/geometry.js';
import { writeHeader } from '../format/header-writer.js';
import { type ChunkRef, tableLength, writeOffsetTables } from '../format/offset-table.js';
import { orAbort } from '../model/abort.js';
import { closeQuietly } from '../model/close.js';
import { ExrError } from '../model/error.js';
import type { Header, Part } from '../model/header.js';
import type { OpenScratch, Scratch } from './scratch.js';
import type { ByteSink, ImageSink, OutputStart, SizedChunk } from './sink.js';

/**
 * How the offset table, which precedes the chunks, gets its values:
 *   exact  the sizes of all chunks are known before the first is written
 *   patch  the table is written last, by going back
 *   spool  the chunks go to a temporary file first
 *   zero   never: the table stays zero, for readers that find the chunks by walking (chunks must lie part by part)
 */
export type TableMode = 'exact' | 'patch' | 'spool' | 'zero';

export interface WriterOptions {
  readonly mode: TableMode;
  /** For `exact`: all chunks in the order they will be written. */
  readonly sizes?: Iterable<SizedChunk>;
  /** For `spool`. */
  readonly openScratch: OpenScratch;
}

/** The writer of an output, with the table mode that its sink allows. */
export function openExrWriter({ header, bytes, sizes, zeroTable, openScratch }: OutputStart): Promise<ExrWriter> {
  if (zeroTable) return ExrWriter.open(header, bytes, { mode: 'zero', openScratch });
  if (bytes.patch) return ExrWriter.open(header, bytes, { mode: 'patch', openScratch });
  const known = sizes();
  return ExrWriter.open(
    header,
    bytes,
    known ? { mode: 'exact', sizes: known, openScratch } : { mode: 'spool', openScratch },
  );
}

/** Small writes are gathered to this size. */
const gather = 256 << 10;

/** Writes one EXR file to a sink: header, tables, chunks in any order. */
export class ExrWriter implements ImageSink {
  readonly #sink: ByteSink;
  readonly #mode: TableMode;
  readonly #head: Uint8Array;
  readonly #shapes: readonly LeaderShape[];
  readonly #geometries: readonly Geometry[];
  readonly #tables: readonly Float64Array[];
  readonly #chunks: Gatherer;
  readonly #spool: Scratch | undefined;
  #position: number;
  #left: number;

  private constructor(header: Header, sink: ByteSink, mode: TableMode, head: Uint8Array, spool: Scratch | undefined) {
    const multiPart = header.parts.length > 1 || header.multiPart;
    this.#sink = sink;
    this.#mode = mode;
    this.#head = head;
    this.#spool = spool;
    this.#shapes = header.parts.map((part) => leaderShape(part, multiPart));
    this.#geometries = header.parts.map((part) => new Geometry(part));
    this.#tables = this.#geometries.map(({ chunkCount }) => new Float64Array(chunkCount));
    this.#position = head.length + tableLength(this.#tables.map(({ length }) => length));
    this.#left = this.#tables.reduce((sum, { length }) => sum + length, 0);
    this.#chunks = new Gatherer((bytes) => (spool ? spool.append(bytes) : sink.write(bytes)));
  }

  static async open(header: Header, sink: ByteSink, options: WriterOptions): Promise<ExrWriter> {
    const { mode, sizes = [] } = options;
    const head = writeHeader(mode === 'zero' ? withChunkCounts(header) : header);
    const spool = mode === 'spool' ? await options.openScratch() : undefined;
    const writer = new ExrWriter(header, sink, mode, head, spool);
    if (mode === 'exact') writer.#layOut(sizes);
    // Where the table is patched later, a small file can wait for that in memory and go out in one write.
    const write = mode === 'patch' ? (bytes: Uint8Array) => writer.#chunks.write(bytes) : sink.write.bind(sink);
    if (mode !== 'spool') {
      await write(writer.#head);
      await write(writeOffsetTables(writer.#tables));
    }
    return writer;
  }

  async write(chunk: ChunkRef, payload: Uint8Array): Promise<void> {
    await this.#begin(chunk, payload.length);
    await this.#chunks.write(payload);
  }

  /** Writes a chunk whose payload is not in memory whole. */
  async writePieces(chunk: ChunkRef, { length, pieces }: PayloadPieces): Promise<void> {
    await this.#begin(chunk, length);
    for await (const piece of pieces) await this.#chunks.write(piece);
  }

  async finish(signal?: AbortSignal): Promise<void> {
    if (this.#left > 0) throw new RangeError(`${this.#left} chunks have not been written`);
    await orAbort(this.#complete(), signal);
    await this.#sink.finish(signal);
  }

  /** Writes what is known only at the end. */
  async #complete(): Promise<void> {
    const tables = writeOffsetTables(this.#tables);
    const patched = this.#mode === 'patch' && this.#chunks.patch(this.#head.length, tables);
    await this.#chunks.flush();
    if (this.#mode === 'patch' && !patched) await this.#sink.patch?.(this.#head.length, tables);
    if (this.#spool) {
      await this.#sink.write(this.#head);
      await this.#sink.write(tables);
      await this.#copySpool(this.#spool, this.#position - this.#head.length - tables.length);
    }
  }

  async abort(): Promise<void> {
    await closeQuietly(this.#spool);
    await this.#sink.abort();
  }

  /** Enters a chunk in the table and writes its leader; `length` bytes of payload must follow. */
  async #begin({ part, index }: ChunkRef, length: number): Promise<void> {
    const shape = this.#shapes[part] as LeaderShape;
    const table = this.#tables[part] as Float64Array;
    const leader = writeLeader(part, (this.#geometries[part] as Geometry).place(index), shape, length);
    if (this.#mode === 'exact') await this.#padTo(table[index] as number);
    else if (table[index] !== 0) throw new RangeError(`chunk ${index} of part ${part} is written twice`);
    if (this.#mode !== 'zero') table[index] = this.#position;
    await this.#chunks.write(leader);
    this.#position += leader.length + length;
    this.#left -= 1;
  }

  /** Fills the tables from sizes known beforehand. */
  #layOut(sizes: Iterable<SizedChunk>): void {
    let at = this.#position;
    for (const { chunk, size } of sizes) {
      (this.#tables[chunk.part] as Float64Array)[chunk.index] = at;
      at += leaderLength(this.#shapes[chunk.part] as LeaderShape) + (size ?? 0);
    }
  }

  /** The table is already written, so every chunk must begin at its offset there; gaps of the input become zeros. */
  async #padTo(offset: number): Promise<void> {
    const gap = offset - this.#position;
    if (gap < 0)
      throw new ExrError('invalid', 'CHUNK_OVERLAPS', 'a chunk is larger than the offset table allows', {
        hint: 'The file is damaged.',
      });
    for (let left = gap; left > 0; ) {
      const zeros = new Uint8Array(Math.min(left, gather));
      await this.#chunks.write(zeros);
      left -= zeros.length;
    }
    this.#position = offset;
  }

  async #copySpool(spool: Scratch, size: number): Promise<void> {
    for (let at = 0; at < size; ) {
      const into = new Uint8Array(Math.min(1 << 20, size - at));
      const read = await spool.readInto(into, at);
      if (read === 0) throw new ExrError('io', 'SPOOL_LOST', 'the temporary file ends too early');
      await this.#sink.write(into.subarray(0, read));
      at += read;
    }
    await closeQuietly(spool);
  }
}

/** If the table stays empty, the header must give the number of chunks where the compression does not determine it. */
function withChunkCounts(header: Header): Header {
  const parts = header.parts.map((part): Part => {
    if (part.chunkLines === undefined) return part;
    const value = new ByteWriter().i32(new Geometry(part).chunkCount).done();
    return { ...part, attributes: part.attributes.with('chunkCount', { type: 'int', value }) };
  });
  return { ...header, parts };
}

/**
 * Collects small writes, since each costs the same whatever its size. While what is collected is written, the next is collected
 * in another buffer; an error then comes with the next write or at the end.
 */
class Gatherer {
  readonly #out: (bytes: Uint8Array) => Promise<void>;
  /** Both grow on demand: most files of a split are small, and allocating the full size for each would be garbage to collect. */
  #buffer = new Uint8Array(0);
  #other = new Uint8Array(0);
  #filled = 0;
  #position = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(out: (bytes: Uint8Array) => Promise<void>) {
    this.#out = out;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#filled + bytes.length > gather) await this.#turn();
    if (bytes.length >= gather) {
      await this.#writing;
      await this.#out(bytes);
      this.#position += bytes.length;
      return;
    }
    this.#reserve(this.#filled + bytes.length);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Overwrites bytes while nothing has gone out yet. False when it is too late. */
  patch(position: number, bytes: Uint8Array): boolean {
    if (this.#position > 0 || position + bytes.length > this.#filled) return false;
    this.#buffer.set(bytes, position);
    return true;
  }

  async flush(): Promise<void> {
    await this.#turn();
    await this.#writing;
  }

  /** Begins to write what is collected, once what was collected before is out. */
  async #turn(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#filled);
    [this.#buffer, this.#other] = [this.#other, this.#buffer];
    this.#position += this.#filled;
    this.#filled = 0;
    this.#writing = this.#out(full);
    // The next write reports an error; without a handler it would end the process before.
    this.#writing.catch(() => {});
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.min(gather, Math.max(2 * this.#buffer.length, length, 4096)));
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }
}
