/** Finds the chunks of a file: by its offset tables where they are right, else by walking from one leader to the next. */

import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import type { Limits } from '../format/limits.js';
import { type ChunkRef, fileOrder, readOffsetTables, tableLength } from '../format/offset-table.js';
import { ExrError, isExrError } from '../model/error.js';
import type { ChunkChecker, KnownChunk } from './chunk-check.js';
import { type ChunkMap, type ChunkPosition, makeMap, positionOf, without } from './chunk-map.js';
import type { CompleteHeader } from './complete-header.js';
import type { RandomBytes } from './random-bytes.js';

/** How the chunks of a file are found. */
export interface ChunkSearch {
  readonly limits: Limits;
  /** The file may lack some chunks. */
  readonly holes: boolean;
  /** Every chunk's leader is checked beforehand, not only the first and the last; damaged chunks then count as missing. */
  readonly leaders: boolean;
}

export function cutOff(size: number): ExrError {
  return new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, after ${size} bytes`, {
    hint: 'It is cut off or unfinished; copy or render it again.',
  });
}

/**
 * Finds the chunks by the tables or by walking.
 *
 * @throws ExrError of kind `invalid` for a file that lacks some, unless it may have holes.
 */
export async function mapChunks(
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
  // Offsets of another header are all wrong, and a truncated file lacks the end of its last chunk.
  const looked = listed && (await lookAt(bytes, checker, listed, leaders ? listed.order : endsOf(listed.order)));
  if (listed && looked?.bad.length === 0) return listed;
  const walked = await walk(bytes, parsed, checker);
  const table = tables.every((part) => part.every((offset) => offset === 0)) ? 'empty' : 'wrong';
  if (walked.complete) return { ...walked.map, table };
  // A table that leads to all but damaged chunks is better than none; those fail when they are read.
  if (listed && looked && (holes || !looked.cutOff)) return holes ? without(listed, looked.bad) : listed;
  if (holes) return { ...walked.map, table };
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  const found = looked ? total - looked.bad.length : walked.map.order.length;
  const what = looked ? 'the file is cut off' : 'the offset table is not complete';
  throw new ExrError('invalid', 'CHUNKS_MISSING', `only ${found} of ${total} chunks exist, and ${what}`, {
    where: { offset: walked.end },
    hint: `The file is unfinished or damaged${parsed.header.parts.length > 1 ? '' : '; render it again'}.`,
  });
}

/** The first and the last of a list. */
function endsOf(order: readonly ChunkRef[]): ChunkRef[] {
  return [...new Set([order[0], order.at(-1)])].filter((chunk) => chunk !== undefined);
}

/** Bytes that any leader takes, with the sizes that begin a deep payload. */
const longestLeader = 64;

/** Leaders close to each other take a single read. */
const nearBytes = 64 << 10;

/** Reads leaders one after the other, in file order. */
class LeaderView {
  readonly #bytes: RandomBytes;
  readonly #buffer = new Uint8Array(nearBytes);
  #from = 0;
  #length = 0;

  constructor(bytes: RandomBytes) {
    this.#bytes = bytes;
  }

  /**
   * The bytes of a leader and some more; fewer only at the end of the file. Valid until the next call. Throws what reading
   * throws.
   */
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
  /** Chunks whose leaders are not at their offsets in the table, or that overlap the next chunk. */
  readonly bad: readonly ChunkRef[];
  /** Whether one of them exists as far as the file goes. */
  readonly cutOff: boolean;
}

/** Checks the leaders of chunks that the offset table leads to. */
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

/** Finds the chunks of a file with empty tables: in such files they follow each other without gaps. */
export async function walk(
  bytes: RandomBytes,
  { chunkCounts, length }: CompleteHeader,
  checker: ChunkChecker,
): Promise<Walk> {
  const total = chunkCounts.reduce((sum, count) => sum + count, 0);
  const starts = chunkCounts.map((count) => new Float64Array(count));
  const order: ChunkRef[] = [];
  const view = new LeaderView(bytes);
  let offset = length + tableLength(chunkCounts);
  while (order.length < total) {
    // A failing read does not mean a missing chunk; it ends the walk with its own error.
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

/** The chunk whose leader begins here, or undefined when these bytes are not a leader. */
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
