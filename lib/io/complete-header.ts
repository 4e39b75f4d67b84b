/**
 * What a header leaves open for a compression that exrpipe does not know: how many chunks a part of scan lines has, and how
 * many lines each has. The file holds the answer: its offset tables end where the first chunk begins, and every chunk states
 * its first line.
 */
import { type LeaderShape, leaderLength, leaderShape, parsedLength, parseLeader } from '../format/chunk-leader.js';
import { boxHeight, knowsChunks } from '../format/geometry.js';
import type { ParsedHeader } from '../format/header-parser.js';
import type { Limits } from '../format/limits.js';
import { readOffsetTables, tableLength } from '../format/offset-table.js';
import { ExrError } from '../model/error.js';
import type { Part } from '../model/header.js';
import type { RandomBytes } from './random-bytes.js';

/** A header with nothing left open. */
export interface CompleteHeader extends ParsedHeader {
  readonly chunkCounts: readonly number[];
}

export function isComplete(parsed: ParsedHeader): parsed is CompleteHeader {
  return parsed.header.parts.every(knowsChunks) && parsed.chunkCounts.every((count) => count !== undefined);
}

/**
 * Adds to a header what only the file's chunks tell.
 *
 * @throws ExrError of kind `invalid` or `unsupported` where the file does not answer it.
 */
export async function completeHeader(
  bytes: RandomBytes,
  parsed: ParsedHeader,
  limits: Limits,
): Promise<CompleteHeader> {
  if (isComplete(parsed)) return parsed;
  const chunkCounts = await countChunks(bytes, parsed, limits);
  const counted = { ...parsed, chunkCounts };
  const lines = new LineFinder(bytes, counted);
  const parts: Part[] = [];
  for (const [number, part] of parsed.header.parts.entries())
    parts.push(knowsChunks(part) ? part : { ...part, chunkLines: await lines.find(number) });
  return { ...counted, header: { ...parsed.header, parts } };
}

/** Offsets read at once while looking for the end of the tables. */
const offsetsAtOnce = 512;

async function countChunks(bytes: RandomBytes, parsed: ParsedHeader, limits: Limits): Promise<number[]> {
  const { chunkCounts, header, length } = parsed;
  const open = chunkCounts.indexOf(undefined);
  const known = chunkCounts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (open < 0) return chunkCounts.map((count) => count ?? 0);
  if (chunkCounts.indexOf(undefined, open + 1) >= 0) throw untold(header.parts[open] as Part, open, 'no "chunkCount"');
  const rest = (await countOffsets(bytes, length, known + limits.chunksPerPart)) - known;
  if (!(rest > 0)) throw untold(header.parts[open] as Part, open, 'no "chunkCount", and an empty offset table');
  return chunkCounts.map((count) => count ?? rest);
}

/** Offsets from `start` to the first place that one of them leads to; NaN where they lead nowhere past them. */
async function countOffsets(bytes: RandomBytes, start: number, most: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count <= most; ) {
    const at = start + 8 * count;
    const block = new Uint8Array(8 * offsetsAtOnce);
    const whole = Math.floor((await bytes.readInto(block, at)) / 8);
    if (whole === 0) return Number.NaN;
    const [offsets = []] = readOffsetTables(block, [whole]);
    for (const offset of offsets) {
      if (start + 8 * count === least) return count;
      count += 1;
      least = Math.min(least, offset);
      if (least < start + 8 * count) return Number.NaN;
    }
  }
  return Number.NaN;
}

function untold({ compression }: Part, part: number, lacks: string): ExrError {
  return new ExrError(
    'unsupported',
    'CHUNKS_UNKNOWN',
    `chunks compressed with ${compression} cannot be found: the part has ${lacks}`,
    { where: { part }, hint: 'Is the file damaged or unfinished? If not, write it again with another compression.' },
  );
}

/** Finds the height of a part's chunks. */
class LineFinder {
  readonly #bytes: RandomBytes;
  readonly #parsed: CompleteHeader;
  readonly #shapes: readonly LeaderShape[];
  #tables: readonly Float64Array[] | undefined;

  constructor(bytes: RandomBytes, parsed: CompleteHeader) {
    const { parts, multiPart } = parsed.header;
    this.#bytes = bytes;
    this.#parsed = parsed;
    this.#shapes = parts.map((part) => leaderShape(part, multiPart));
  }

  async find(number: number): Promise<number> {
    const count = this.#parsed.chunkCounts[number] as number;
    const height = boxHeight((this.#parsed.header.parts[number] as Part).dataWindow);
    const least = Math.ceil(height / count);
    const most = count === 1 ? height : Math.ceil(height / (count - 1)) - 1;
    if (!(least >= 1 && least <= most))
      throw new ExrError('invalid', 'BAD_CHUNK_COUNT', `${height} lines cannot be divided into ${count} chunks`, {
        where: { part: number },
        hint: 'The file is damaged.',
      });
    // For a single chunk the height does not matter beyond its lines; often the count leaves no choice either.
    if (count === 1) return height;
    if (least === most) return least;
    const lines = (await this.#byTable(number)) ?? (await this.#byWalking(number, least, most));
    if (lines !== undefined && lines >= least && lines <= most) return lines;
    throw untold(this.#parsed.header.parts[number] as Part, number, 'an empty offset table');
  }

  /** The first line of the second chunk. */
  async #byTable(number: number): Promise<number | undefined> {
    const { length, chunkCounts } = this.#parsed;
    const total = tableLength(chunkCounts);
    this.#tables ??= readOffsetTables(await this.#bytes.read(length, total), chunkCounts);
    const offset = this.#tables[number]?.[1] ?? 0;
    if (offset < length + total || offset >= this.#bytes.size) return undefined;
    const leader = await this.#leader(offset);
    return leader?.part === number ? leader.line - this.#firstLine(number) : undefined;
  }

  /** Walks from chunk to chunk until two neighbours of the part have passed: in files whose tables are zeros there are no gaps. */
  async #byWalking(number: number, least: number, most: number): Promise<number | undefined> {
    const { length, chunkCounts } = this.#parsed;
    let offset = length + tableLength(chunkCounts);
    const total = chunkCounts.reduce((sum, count) => sum + count, 0);
    let before: number | undefined;
    for (let passed = 0; passed < total; passed++) {
      const leader = await this.#leader(offset);
      if (!leader) return undefined;
      if (leader.part === number) {
        const lines = Math.abs(leader.line - (before ?? leader.line));
        if (lines >= least && lines <= most) return lines;
        before = leader.line;
      }
      offset = leader.end;
    }
    return undefined;
  }

  #firstLine(number: number): number {
    return (this.#parsed.header.parts[number] as Part).dataWindow.yMin;
  }

  /** The leader at a place; undefined where there is none. */
  async #leader(offset: number): Promise<{ part: number; line: number; end: number } | undefined> {
    const head = new Uint8Array(64);
    const read = await this.#bytes.readInto(head, offset);
    const { multiPart } = this.#parsed.header;
    const number = multiPart && read >= 4 ? new DataView(head.buffer).getInt32(0, true) : 0;
    const shape = this.#shapes[number];
    if (!shape || read < parsedLength(shape)) return undefined;
    const { part, place, payload } = parseLeader(head, shape);
    const line = place.kind === 'lines' ? place.y : 0;
    return { part, line, end: offset + leaderLength(shape) + payload };
  }
}
