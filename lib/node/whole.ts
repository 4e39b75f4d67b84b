import { leaderLength, parsedLength } from '../format/chunk-leader.js';
import { type Limits, makeLimits } from '../format/limits.js';
import { fileOrder, readOffsetTables, tableLength } from '../format/offset-table.js';
import { ChunkChecker } from '../io/chunk-check.js';
import { completeHeader } from '../io/complete-header.js';
import { HeadedBytes } from '../io/headed-bytes.js';
import { readHeader } from '../io/read-header.js';
import { closeQuietly } from '../model/close.js';
import { isExrError } from '../model/error.js';
import type { Header } from '../model/header.js';
import { FileBytes } from './file-bytes.js';
import { nextBytes } from './read-header.js';
import { openRegular } from './side-file.js';

/**
 * The header of a file that is complete: it parses, its offset tables are filled, every chunk begins inside the file, and the
 * last one ends inside it. Undefined for a file that is missing, unfinished, truncated or not an EXR. Reads a few kilobytes.
 *
 * A writer fills the tables last, so a file that is still being written fails here. (So does one written with `table: 'zero'`,
 * whose tables stay empty.)
 */
export async function readWholeHeader(path: string, limits?: Partial<Limits>): Promise<Header | undefined> {
  const known = makeLimits(limits);
  // Not a pipe, which would wait to be opened, nor anything else that can be read only once.
  const handle = await openRegular(path).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const { parsed, head } = await readHeader(nextBytes(handle), known);
    const bytes = new HeadedBytes(new FileBytes(handle, size), head);
    const { header, chunkCounts } = await completeHeader(bytes, parsed, known);
    const first = parsed.length + tableLength(chunkCounts);
    if (first > size) return undefined;
    const tables = readOffsetTables(await bytes.read(parsed.length, first - parsed.length), chunkCounts);
    const last = fileOrder(tables, first, size)?.at(-1);
    if (!last) return undefined;
    const offset = tables[last.part]?.[last.index] ?? 0;
    const checker = new ChunkChecker(header, known);
    const shape = checker.shape(last.part);
    const leader = await bytes.read(offset, Math.min(parsedLength(shape), size - offset));
    if (leader.length < parsedLength(shape)) return undefined;
    const { payload } = checker.check(leader, checker.partAt(leader));
    return offset + leaderLength(shape) + payload <= size ? header : undefined;
  } catch (error) {
    if (isExrError(error)) return undefined;
    throw error;
  } finally {
    await closeQuietly(handle);
  }
}
