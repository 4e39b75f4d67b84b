/** A shot cut into chunks: what one worker takes at a time. */

import { formatFrames } from '../../lib/index.js';
import type { Item } from '../../lib/program.js';

/** Frames that one job processes. Plain data. */
export interface Chunk {
  /** Their numbers, as `1-10`; undefined for files without numbers. */
  readonly frames?: string;
  /** What is named as inputs instead of the shot's own; undefined where frames choose. */
  readonly inputs?: readonly string[];
  /** How many results there will be: views and inputs count one by one. */
  readonly count: number;
}

/** What decides how many frames make a chunk. */
export interface Size {
  readonly total: number;
  /** Bytes of one frame's inputs, about. */
  readonly bytes: number;
  /** Every chunk looks at all frames of the shot first. */
  readonly surveys: boolean;
}

/** Bytes of inputs for one chunk: some ten seconds of common work on two cores. */
const chunkBytes = 512 * 2 ** 20;
const mostFrames = 200;

/**
 * Frames for each chunk: some seconds of work, so that neither Redis nor the start of a chunk counts, and what a lost worker had begun is
 * little; but some dozens of chunks in a shot, so that all workers have something until the end.
 */
export function chunkSize({ total, bytes, surveys }: Size): number {
  const share = Math.ceil(total / (surveys ? 8 : 32));
  if (surveys) return Math.max(1, share);
  return Math.max(1, Math.min(Math.floor(chunkBytes / Math.max(1, bytes)), share, mostFrames));
}

/** What an input is to a chunk, besides its items. */
export interface Inputs {
  readonly given: readonly string[];
  /** Whether a step joins them: then every frame needs them all. */
  readonly joins: boolean;
}

/** Cuts frames into chunks of about `size`, in their order. Files without numbers, and files that were named one by one, go by name. */
export function cut(items: readonly Item[], { given, joins }: Inputs, size: number): Chunk[] {
  const named = new Set(given);
  const byName = ({ frame, inputs }: Item): boolean =>
    !joins && (frame === undefined || inputs.every(({ path }) => named.has(path)));
  if (joins && items.some(({ frame }) => frame === undefined)) return [{ count: items.length }];
  const files = items.filter(byName).map(({ inputs }) => inputs.map(({ path }) => path));
  return [
    ...batches([...perFrame(items.filter((item) => !byName(item)))], size).map((batch) => ({
      frames: formatFrames(batch.map(([frame]) => frame)),
      count: batch.reduce((sum, [, count]) => sum + count, 0),
    })),
    ...batches(files, size).map((batch) => ({ inputs: batch.flat(), count: batch.length })),
  ];
}

/** How many items each frame has, in the order of the frames. */
function perFrame(items: readonly Item[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { frame = 0 } of items) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  return counts;
}

function batches<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

/** What a chunk is called in messages. */
export function chunkText({ frames, inputs = [], count }: Chunk): string {
  if (frames !== undefined) return /^-?\d+$/.test(frames) ? `frame ${frames}` : `frames ${frames}`;
  return count === 1 && inputs[0] !== undefined ? inputs[0] : `${count} files`;
}
