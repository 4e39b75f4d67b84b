import { ExrError } from '../model/error.js';
import { ascending } from '../model/frame-numbers.js';

export { type FrameReader, formatFrames } from '../model/frame-numbers.js';

/** Frame numbers beyond this are a typing mistake, not a shot. */
const maxFrame = 99_999_999;
/** Frames of one range; a feature film has some 200,000. */
const maxFrames = 1_000_000;

/** OpenJD's grammar, and `x` besides `:`. Blanks may stand between any two tokens, the sign and its digits included. */
const rangePattern = /^((?:-\s*)?\d+)(?:\s*-\s*((?:-\s*)?\d+)(?:\s*[x:]\s*((?:-\s*)?\d+))?)?$/;

/**
 * The frames of `1-100,120-200x2`, `1-100:2`, `-10--1`, `100-1:-1`, `1 - 3` in the order written, each once. The step is
 * written with `x` (Nuke, fileseq) or `:` (OpenJD).
 *
 * @throws ExrError of kind `usage` for what is not a range, `limit` for absurd ones.
 */
export function parseFrames(text: string): number[] {
  const frames = new Set<number>();
  for (const word of text.split(',')) {
    const range = parseRange(word.trim());
    if ((range.last - range.first) / range.step + frames.size > maxFrames)
      throw new ExrError('limit', 'TOO_MANY_FRAMES', `"${text}" has more than ${maxFrames} frames`);
    for (let frame = range.first; range.step > 0 ? frame <= range.last : frame >= range.last; frame += range.step)
      frames.add(frame);
  }
  return [...frames];
}

function parseRange(word: string): { first: number; last: number; step: number } {
  const match = rangePattern.exec(word);
  if (!match) throw badRange(word, 'Write for example 1-100, 1-100x2 or 7,9,12-20.');
  const [first = 0, last = first, step = 1] = match.slice(1).flatMap((number) => numberOf(number) ?? []);
  if (Math.max(Math.abs(first), Math.abs(last)) > maxFrame)
    throw new ExrError('limit', 'FRAME_TOO_LARGE', `"${word}" goes beyond frame ${maxFrame}`);
  if (step === 0) throw badRange(word, 'The step cannot be 0.');
  if (first !== last && first < last !== step > 0)
    throw badRange(
      word,
      step > 0 ? `Write ${last}-${first}, or ${first}-${last}x-1 for backwards.` : 'The step goes the wrong way.',
    );
  return { first, last, step };
}

/** `- 3` is -3, as OpenJD reads it. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replace(/\s+/, ''));
}

function badRange(word: string, hint: string): ExrError {
  return new ExrError('usage', 'BAD_FRAME_RANGE', `"${word}" is not a range of frames`, { hint });
}

/**
 * Frames cut into `count` chunks for as many tasks, ascending, each frame in one of them. Chunks differ by one frame at most,
 * the longer ones first; of fewer frames than chunks the last chunks have none. Every task that is given the same frames and
 * count makes the same cut.
 */
export function cutFrames(frames: Iterable<number>, count: number): number[][] {
  const sorted = ascending(frames);
  const least = Math.floor(sorted.length / count);
  const longer = sorted.length % count;
  const start = (chunk: number): number => chunk * least + Math.min(chunk, longer);
  return Array.from({ length: count }, (_, chunk) => sorted.slice(start(chunk), start(chunk + 1)));
}
