/** Small images for reports: few, of bounded size, and none where a frame cannot be shown. */
import { makeLimits } from '../../lib/format/index.js';
import { type Limits, openExr } from '../../lib/index.js';
import { defaultLook, makePreview, writePreview } from '../../lib/look.js';
import { lookTitle, sizePerView } from '../../lib/previews.js';
import { isAbort } from '../../lib/program.js';
import type { FrameRow, Thumbnail } from './model.js';

/** Pixels of an image at most. */
const size = { width: 288, height: 216 };
/** Images of frames as they come, and of frames with something wrong. */
const mostUsual = 3;
const mostBad = 3;

/** What an image is made of. */
export type Pictured = Pick<FrameRow, 'name' | 'file' | 'state'>;

/** The first, the middle and the last frame, and the first few with something wrong. */
export function chosenFrames<Own extends Pictured>(frames: readonly Own[]): Own[] {
  const there = frames.filter(({ state }) => state !== 'missing');
  const usual = [0, Math.floor((there.length - 1) / 2), there.length - 1].slice(0, mostUsual);
  const bad = there.flatMap(({ state }, at) => (state === 'error' ? [at] : []));
  const chosen = [...new Set([...usual, ...bad.slice(0, mostBad)])].filter((at) => at >= 0).sort((a, b) => a - b);
  return chosen.flatMap((at) => there[at] ?? []);
}

/** Images of these frames, without those that have nothing to show. Rejects only with the signal's reason. */
export async function thumbnailsOf(
  frames: readonly Pictured[],
  { signal, limits }: { readonly signal: AbortSignal; readonly limits: Partial<Limits> | undefined },
): Promise<Thumbnail[]> {
  const found: Thumbnail[] = [];
  for (const frame of frames) {
    signal.throwIfAborted();
    try {
      found.push(await thumbnail(frame, signal, makeLimits(limits)));
    } catch (error) {
      signal.throwIfAborted();
      // A frame that cannot be decoded is among the findings; here it only has no image.
      if (isAbort(error)) throw error;
    }
  }
  return found;
}

async function thumbnail({ name, file, state }: Pictured, signal: AbortSignal, limits: Limits): Promise<Thumbnail> {
  const document = await openExr(file, { limits, holes: true });
  try {
    const look = defaultLook(document.header);
    const own = sizePerView(size, look.views.length);
    const preview = await makePreview(document, look, { size: own, signal, limits });
    const pieces: Uint8Array[] = [];
    // The writer uses its buffer again.
    await writePreview(preview, { write: async (piece) => void pieces.push(piece.slice()) });
    const layer = lookTitle(look);
    return { name, file, layer, state, width: preview.columns, height: preview.rows, png: Buffer.concat(pieces) };
  } finally {
    await document.source.close();
  }
}
