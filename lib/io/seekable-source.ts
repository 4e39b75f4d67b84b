import type { Buffers } from '../engine/buffers.js';
import type { ChunkSource, PayloadPieces } from '../engine/document.js';
import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { TableState } from '../format/file-state.js';
import type { ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import { type ChunkRef, chunkKey, fileOrder, readOffsetTables, tableLength } from '../format/offset-table.js';
import { ExrError, isExrError, withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { ChunkChecker, type KnownChunk } from './chunk-check.js';
import { type CompleteHeader, completeHeader } from './complete-header.js';
import type { RandomBytes } from './random-bytes.js';
import { Slab } from './slab.js';

/** A chunk is read in one go up to this size; a larger gap to the next chunk is looked into first. */
const oneRead = 64 << 20;

/** Chunks, and the header to which they belong, with all that only the file could tell. */
export interface SourceChunks {
  readonly header: Header;
  readonly source: ChunkSource;
}

/** How the chunks of a file are looked for. */
export interface ChunkSearch {
  readonly limits: Limits;
  /** The file may lack some. */
  readonly holes: boolean;
  /** Every chunk's leader is looked at beforehand, not only the first and the last; damaged ones are missing then. */
  readonly leaders: boolean;
}

/** The chunks of a file whose header has been parsed. */
export async function openChunks(bytes: RandomBytes, parsed: ParsedHeader, search: ChunkSearch): Promise<SourceChunks> {
  const complete = await completeHeader(bytes, parsed, search.limits);
  return { header: complete.header, source: await SeekableSource.open(bytes, complete, search) };
}

/** Where a chunk begins, and how many bytes there are to the next one, or to the end of the file. */
interface ChunkPosition {
  readonly offset: number;
  readonly span: number;
}

/** Where the chunks of a file lie. */
interface ChunkMap {
  readonly table: TableState;
  /** The chunks in the order they lie in the file. */
  readonly order: readonly ChunkRef[];
  /** Offsets by part and chunk, 0 where a chunk is missing; no more is held for each than two numbers. */
  readonly starts: readonly Float64Array[];
  /** Where what comes behind a chunk begins. */
  readonly ends: readonly Float64Array[];
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
   * found by walking from one to the next; all of them must be there unless `holes` says otherwise.
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

  read(chunk: ChunkRef, buffers?: Buffers): Promise<Uint8Array> {
    return this.#reading(chunk, async (place) => {
      const length = Math.min(place.span, oneRead);
      const into = buffers?.take(length);
      const whole = into ? await this.#fill(into, place.offset) : await this.#bytes.read(place.offset, length);
      const { start, known } = this.#checkLeader(whole, chunk, place);
      this.#checker.checkClaim(known, this.#bytes.size);
      return whole.length === place.span
        ? whole.subarray(start, start + known.payload)
        : await this.#bytes.read(place.offset + start, known.payload);
    });
  }

  /** The same as reading bytes, into memory that is there. */
  async #fill(into: Uint8Array, position: number): Promise<Uint8Array> {
    const read = await this.#bytes.readInto(into, position);
    // It says what there is to say about files that are too short.
    return read === into.length ? into : await this.#bytes.read(position, into.length);
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
   * Reads at a chunk's place. Where the table leads to something else, the chunks are looked for by walking, once: if all turn
   * up, the table was wrong and nothing is lost.
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

  /** The chunks by walking; what the table says where not all of them are found, or where they have been looked for before. */
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

  /** Where the payload begins after the chunk's offset, and its length, when `head` really is this chunk's leader. */
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

/** Errors that a wrong offset table may be behind. */
const misleads: ReadonlySet<string> = new Set(['BAD_OFFSET', 'BAD_CHUNK_LEADER', 'BAD_CHUNK_SIZE', 'CHUNK_OVERLAPS']);

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

function positionOf({ starts, ends }: ChunkMap, { part, index }: ChunkRef): ChunkPosition | undefined {
  const offset = starts[part]?.[index] ?? 0;
  return offset === 0 ? undefined : { offset, span: (ends[part]?.[index] ?? 0) - offset };
}

/** Where the chunks are, by the tables or by walking. Throws `invalid` for a file that lacks some, unless it may have holes. */
async function mapChunks(
  bytes: RandomBytes,
  parsed: CompleteHeader,
  checker: ChunkChecker,
  { holes, leaders }: ChunkSearch,
): Promise<ChunkMap> {
  const { chunkCounts, length } = parsed;
  const first = length + tableLength(chunkCounts);
  if (first > bytes.size) {
    if (!holes) throw cutOff(bytes.size);
    return { table: 'empty', order: [], starts: [], ends: [] };
  }
  const tables = readOffsetTables(await bytes.read(length, first - length), chunkCounts);
  const order = fileOrder(tables, first, bytes.size);
  const listed = order && makeMap('sound', order, tables, bytes.size);
  // Offsets of another header are all wrong, and the end of a file that was cut off is its last chunk's.
  const looked = listed && (await lookAt(bytes, checker, listed, leaders ? listed.order : endsOf(listed.order)));
  if (listed && looked?.bad.length === 0) return listed;
  const walked = await walk(bytes, parsed, checker);
  const table = tables.every((part) => part.every((offset) => offset === 0)) ? 'empty' : 'wrong';
  if (walked.complete) return { ...walked.map, table };
  // A table that leads to all but damaged chunks is better than none; those are errors when they are read.
  if (listed && looked && (holes || !looked.cutOff)) return holes ? without(listed, looked.bad) : listed;
  if (holes) return { ...walked.map, table };
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  const found = looked ? total - looked.bad.length : walked.map.order.length;
  const what = looked ? 'the file is cut off' : 'the offset table is not complete';
  throw new ExrError('invalid', 'CHUNKS_MISSING', `only ${found} of ${total} chunks are there, and ${what}`, {
    where: { offset: walked.end },
    hint: `The file is unfinished or damaged${parsed.header.parts.length > 1 ? '' : '; render it again'}.`,
  });
}

function makeMap(
  table: TableState,
  order: readonly ChunkRef[],
  starts: readonly Float64Array[],
  size: number,
): ChunkMap {
  const ends = starts.map(({ length }) => new Float64Array(length));
  let end = size;
  for (let at = order.length - 1; at >= 0; at--) {
    const { part, index } = order[at] as ChunkRef;
    (ends[part] as Float64Array)[index] = end;
    end = (starts[part] as Float64Array)[index] as number;
  }
  return { table, order, starts, ends };
}

function without(map: ChunkMap, chunks: readonly ChunkRef[]): ChunkMap {
  const gone = new Set(chunks.map(chunkKey));
  const starts = map.starts.map((table) => table.slice());
  for (const { part, index } of chunks) (starts[part] as Float64Array)[index] = 0;
  return { ...map, order: map.order.filter((chunk) => !gone.has(chunkKey(chunk))), starts };
}

/** The first and the last of a list. */
function endsOf(order: readonly ChunkRef[]): ChunkRef[] {
  return [...new Set([order[0], order.at(-1)])].filter((chunk) => chunk !== undefined);
}

/** Bytes that any leader takes, with the sizes that begin a deep payload. */
const longestLeader = 64;

/** Leaders that are near each other come with one read. */
const nearBytes = 64 << 10;

/** Looks at leaders one after the other, in the order they lie in a file. */
class LeaderView {
  readonly #bytes: RandomBytes;
  readonly #buffer = new Uint8Array(nearBytes);
  #from = 0;
  #length = 0;

  constructor(bytes: RandomBytes) {
    this.#bytes = bytes;
  }

  /** The bytes of a leader and some more; fewer only at the end of the file. Valid until the next call. Throws what reading throws. */
  async at(offset: number): Promise<Uint8Array> {
    const far = offset < this.#from || offset > this.#from + nearBytes;
    if (far || offset + longestLeader > this.#from + this.#length) {
      const into = this.#buffer.subarray(0, far ? longestLeader : nearBytes);
      this.#from = offset;
      this.#length = await this.#bytes.readInto(into, offset);
    }
    return this.#buffer.subarray(offset - this.#from, Math.min(this.#length, offset - this.#from + longestLeader));
  }
}

interface Looked {
  /** Chunks whose leaders are not where the table says, or that reach into what follows them. */
  readonly bad: readonly ChunkRef[];
  /** Whether one of them is there as far as the file goes. */
  readonly cutOff: boolean;
}

/** Looks at the leaders of chunks that the offset table leads to. */
async function lookAt(
  bytes: RandomBytes,
  checker: ChunkChecker,
  map: ChunkMap,
  chunks: readonly ChunkRef[],
): Promise<Looked> {
  const view = new LeaderView(bytes);
  const bad: ChunkRef[] = [];
  let cutOff = false;
  for (const chunk of chunks) {
    const { offset, span } = positionOf(map, chunk) as ChunkPosition;
    const head = await view.at(offset);
    const found = leaderAt(head, checker);
    const isThis = found?.part === chunk.part && found.index === chunk.index;
    if (isThis && leaderLength(checker.shape(chunk.part)) + found.payload <= span) continue;
    bad.push(chunk);
    const isShort = head.length < parsedLength(checker.shape(chunk.part));
    if (offset + span === bytes.size && (isThis || isShort)) cutOff = true;
  }
  return { bad, cutOff };
}

interface Walk {
  readonly map: ChunkMap;
  readonly complete: boolean;
  /** Where it ended. */
  readonly end: number;
}

/** Finds the chunks of a file whose tables say nothing: they follow each other without gaps in such files. */
async function walk(bytes: RandomBytes, { chunkCounts, length }: CompleteHeader, checker: ChunkChecker): Promise<Walk> {
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  const starts = chunkCounts.map((count) => new Float64Array(count));
  const order: ChunkRef[] = [];
  const view = new LeaderView(bytes);
  let offset = length + tableLength(chunkCounts);
  while (order.length < total) {
    // A read that fails is no sign of a missing chunk, and ends the walk with its own error.
    const chunk = leaderAt(await view.at(offset), checker);
    const end = chunk && offset + leaderLength(checker.shape(chunk.part)) + chunk.payload;
    const table = chunk && starts[chunk.part];
    if (!chunk || !table || end === undefined || end > bytes.size || table[chunk.index] !== 0) break;
    table[chunk.index] = offset;
    order.push({ part: chunk.part, index: chunk.index });
    offset = end;
  }
  return { map: makeMap('wrong', order, starts, offset), complete: order.length === total, end: offset };
}

/** The chunk whose leader begins here, or undefined when these bytes are no leader. */
function leaderAt(head: Uint8Array, checker: ChunkChecker): KnownChunk | undefined {
  if (head.length < shortestLeader) return undefined;
  try {
    return checker.check(head, checker.partAt(head));
  } catch (error) {
    if (isExrError(error)) return undefined;
    throw error;
  }
}

/** Bytes of the leader of flat lines in a file of one part. */
const shortestLeader = 8;
