/** What a frame of a job costs: a few of its frames are done on this machine, and thrown away. */

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSequence } from '../../lib/index.js';
import { splitPattern } from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { type SequenceChain, sequenceOptionsOf } from './sequence.js';

/** First, middle and last: frames of a shot grow and shrink slowly. */
const probes = 3;

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
  const chosen = [...new Set([0, Math.floor((frames.length - 1) / 2), frames.length - 1])].slice(0, probes);
  const folder = await mkdtemp(join(tmpdir(), 'exrpipe-probe-'));
  const times: number[] = [];
  try {
    const { output = '' } = chain.common;
    const { pattern = '' } = splitPattern(output);
    const common = {
      ...chain.common,
      output: `${folder}/${pattern}`,
      inPlace: false,
      frames: chosen.map((at) => frames[at]).join(','),
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
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
  const lanes = Math.min(threads, times.length, availableParallelism());
  return { seconds: median / 1000 / lanes, peak: process.resourceUsage().maxRSS * 1024, frames: times.length };
}
