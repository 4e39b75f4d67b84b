/** Frame numbers as texts: the ranges that people and other programs read. */
import { ExrError } from './error.js';

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
 * written for `exrpipe`, the default, `parseFrames` reads back. Frames in steps are written as a range from three on; two
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

/** Each number once, from the least on. */
export function ascending(frames: Iterable<number>): number[] {
  return [...new Set(frames)].sort((a, b) => a - b);
}
