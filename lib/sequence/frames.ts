import { ExrError } from '../model/error.js';

/** Frame numbers beyond this are a typing mistake, not a shot. */
const maxFrame = 99_999_999;
/** Frames of one range; a feature film has some 200,000. */
const maxFrames = 1_000_000;

/** OpenJD's grammar, and `x` besides `:`. Blanks may stand between any two tokens, the sign and its digits included. */
const rangePattern = /^((?:-\s*)?\d+)(?:\s*-\s*((?:-\s*)?\d+)(?:\s*[x:]\s*((?:-\s*)?\d+))?)?$/;

/**
 * The frames of `1-100,120-200x2`, `1-100:2`, `-10--1`, `100-1:-1`, `1 - 3` in the order written, each once. The step is
 * written with `x` (Nuke, fileseq) or `:` (OpenJD). Throws `usage` for what is no range, `limit` for absurd ones.
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

/** Who reads the frames that {@link formatFrames} writes. */
export type FrameReader = 'exrpipe' | 'openjd' | 'opencue' | 'slurm' | 'flamenco';

interface Spelling {
  /** Between a range and its step; undefined for a reader that knows no steps. */
  readonly step: string | undefined;
  readonly negative: boolean;
}

/**
 * How each reader spells a range. OpenJD: the step after `:`, and neither overlaps nor ranges side by side (`1-9:2,2`).
 * OpenCue and fileseq: `x`; their `:` is another order of all frames. SLURM: indices of an array, from 0. Flamenco: its
 * frameChunker knows no steps and splits at every `-`. None of them is given a frame twice.
 */
const spellings: Readonly<Record<FrameReader, Spelling>> = {
  exrpipe: { step: 'x', negative: true },
  openjd: { step: ':', negative: true },
  opencue: { step: 'x', negative: true },
  slurm: { step: ':', negative: false },
  flamenco: { step: undefined, negative: false },
};

/**
 * The shortest way to write frames so that a reader gets these frames, ascending, each once: `1-100,120-200x2`. What is
 * written for `exrpipe`, the default, {@link parseFrames} reads back. Frames in steps are written as a range from three on; two
 * frames are written as such. No frames give ''.
 * @throws ExrError `usage` for negative frames where the reader knows none
 */
export function formatFrames(frames: Iterable<number>, reader: FrameReader = 'exrpipe'): string {
  const { step: sign, negative } = spellings[reader];
  const sorted = ascending(frames);
  const [least = 0] = sorted;
  if (least < 0 && !negative)
    throw new ExrError('usage', 'NEGATIVE_FRAME', `${reader} cannot be given the negative frame ${least}`, {
      hint: 'Let the frames begin at 0 or later.',
    });
  const words: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] as number;
    const step = (sorted[at + 1] ?? first) - first;
    let end = at + 1;
    while (end < sorted.length && (sorted[end] as number) - (sorted[end - 1] as number) === step) end++;
    // Two numbers that are not neighbours are clearer by themselves, and the second one may begin a longer range.
    if (step > 1 && (end - at === 2 || sign === undefined)) end = at + 1;
    const last = sorted[end - 1] as number;
    words.push(first === last ? `${first}` : `${first}-${last}${step > 1 ? `${sign}${step}` : ''}`);
    at = end;
  }
  return words.join(',');
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

function ascending(frames: Iterable<number>): number[] {
  return [...new Set(frames)].sort((a, b) => a - b);
}
