/** `--watch`: frames go into the queue as a renderer finishes them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseFrames } from '../../lib/index.js';
import type { Item, ItemSource } from '../../lib/program.js';
import type { Chunk } from './chunk.js';

/** Milliseconds to wait for more frames of a chunk: they tend to be finished in the same look at the folder. */
const patience = 300;

/** Hands frames on in groups of up to `size`, until the source ends or the signal comes. */
export async function feed(
  source: ItemSource,
  size: number,
  give: (items: readonly Item[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = source.next();
  while (!signal.aborted) {
    const first = await next;
    if (!first) return;
    const items = [first];
    next = source.next();
    while (items.length < size) {
      const more = await Promise.race([next, sleep(patience, 'none' as const)]);
      if (more === 'none' || !more) break;
      items.push(more);
      next = source.next();
    }
    await give(items);
  }
}

/** Frames that a shot has already: who feeds it again leaves them out. Those of several views are looked at again. */
export function isKnown(chunks: readonly Chunk[]): (item: Item) => boolean {
  const frames = new Set(chunks.flatMap((chunk) => (chunk.frames === undefined ? [] : parseFrames(chunk.frames))));
  const files = new Set(chunks.flatMap(({ inputs = [] }) => inputs));
  return ({ frame, view, inputs }) =>
    view === undefined && ((frame !== undefined && frames.has(frame)) || inputs.every(({ path }) => files.has(path)));
}
