/** How much of a file each part takes, from the offset tables alone. */
import type { ParsedHeader } from '../format/header-parser.js';
import { type FileSizes, partSizes, readOffsetTables, tableLength } from '../format/offset-table.js';
import type { RandomBytes } from './random-bytes.js';

/** Tables larger than this are not read: it would take longer than the answer is worth. */
const mostTables = 16 << 20;

/**
 * The sizes of a file's parts. Undefined where the offset tables do not give them: zeros of a streamed or unfinished file,
 * damage, parts whose number of chunks only the chunks themselves reveal.
 */
export async function readPartSizes(
  bytes: RandomBytes,
  { chunkCounts, length }: Pick<ParsedHeader, 'chunkCounts' | 'length'>,
): Promise<FileSizes | undefined> {
  const counts = chunkCounts.flatMap((count) => count ?? []);
  const first = length + tableLength(counts);
  if (counts.length < chunkCounts.length || first - length > mostTables || first > bytes.size) return undefined;
  return partSizes(readOffsetTables(await bytes.read(length, first - length), counts), first, bytes.size);
}
