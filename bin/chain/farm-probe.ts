/** What a frame of a job costs: a few of its frames are done on this machine, and thrown away. */

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSequence } from '../../lib/index.js';
import { splitPattern } from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { type SequenceChain, sequenceOptionsOf } from './sequence.js';

/** Frames over the whole shot: they grow and shrink slowly. The first of each thread also pays for its start. */
const probes = 6;

export interface FrameCost {
  /** Seconds of a frame while a task does others beside it. */
  readonly seconds: number;
  /** Bytes that this process took at most. */
  readonly peak: number;
  /** How many frames were tried. */
  readonly frames: number;
}

/**
 * Measures what some frames of a chain take on this machine. Undefined where none could be done, and for a chain that looks at a whole
 * shot first, of which a few frames tell nothing.
 * @param frames those that exist
 */
export async function probeFrames(
  chain: SequenceChain,
  frames: readonly number[],
  { threads, memory }: { readonly threads: number; readonly memory: number },
  session: Session,
): Promise<FrameCost | undefined> {
  if (frames.length === 0 || chain.steps.some(({ beginSurvey }) => beginSurvey !== undefined)) return undefined;
  const step = (frames.length - 1) / (probes - 1);
  const chosen = new Set(Array.from({ length: probes }, (_, at) => frames[Math.round(at * step)] as number));
  const folder = await mkdtemp(join(tmpdir(), 'exrpipe-probe-'));
  const times: number[] = [];
  try {
    const { output = '' } = chain.common;
    const { pattern = '' } = splitPattern(output);
    const common = {
      ...chain.common,
      output: `${folder}/${pattern}`,
      inPlace: false,
      frames: [...chosen].join(','),
      missing: 'skip' as const,
      onError: 'continue' as const,
      skipExisting: false,
      jobs: threads,
      memory: String(memory),
    };
    await runSequence({
      ...sequenceOptionsOf({ ...chain, common }, session),
      signal: session.signal,
      onEvent: (event) => {
        if (event.type === 'frame-done') times.push(event.milliseconds);
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  session.signal.throwIfAborted();
  if (times.length === 0) return undefined;
  const lanes = Math.min(threads, times.length, availableParallelism());
  const warm = times.slice(Math.min(lanes, times.length - 1)).sort((a, b) => a - b);
  const median = warm[Math.floor(warm.length / 2)] as number;
  return { seconds: median / 1000 / lanes, peak: process.resourceUsage().maxRSS * 1024, frames: times.length };
}
