import { ExrError } from '../model/error.js';

/** Frame numbers beyond this are a typing mistake, not a shot. */
const maxFrame = 99_999_999;
/** Frames of one range; a feature film has some 200,000. */
const maxFrames = 1_000_000;

const rangePattern = /^(-?\d+)(?:-(-?\d+)(?:[x:](-?\d+))?)?$/;

/**
 * The frames of `1-100,120-200x2`, `1-100:2`, `-10--1`, `100-1:-1` in the order written, each once. The step is written with
 * `x` (Nuke, fileseq) or `:` (OpenJD).
 *
 * @throws ExrError of kind `usage` for what is no range, `limit` for absurd ones.
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
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  const step = match[3] === undefined ? 1 : Number(match[3]);
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

function badRange(word: string, hint: string): ExrError {
  return new ExrError('usage', 'BAD_FRAME_RANGE', `"${word}" is not a range of frames`, { hint });
}

/**
 * The shortest way to write frames that {@link parseFrames} reads back, ascending: `1-100,120-200x2`. Frames in steps are
 * written as a range from three on; two frames are written as such.
 */
export function formatFrames(frames: Iterable<number>): string {
  const sorted = [...new Set(frames)].sort((a, b) => a - b);
  const words: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] as number;
    const step = (sorted[at + 1] ?? first) - first;
    let end = at + 1;
    while (end < sorted.length && (sorted[end] as number) - (sorted[end - 1] as number) === step) end++;
    // Two numbers that are not neighbours are clearer by themselves, and the second one may begin a longer range.
    if (end - at === 2 && step > 1) end = at + 1;
    const last = sorted[end - 1] as number;
    words.push(first === last ? `${first}` : `${first}-${last}${step > 1 ? `x${step}` : ''}`);
    at = end;
  }
  return words.join(',');
}
