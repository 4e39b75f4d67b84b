/** Waiting for a shot, with progress and the report as of a run on one machine. */

import { type SequenceChain, showRun } from '../chain/sequence.js';
import type { Session } from '../terminal/session.js';
import { chunkText } from './chunk.js';
import type { Follower, Repeated } from './follow.js';
import type { Shot } from './shot.js';

/** Gives the exit code. Throws the signal's reason; the shot goes on without us. */
export async function wait(
  { name }: Shot,
  follower: Follower,
  common: SequenceChain['common'],
  { signal, reporter }: Pick<Session, 'signal' | 'reporter'>,
  once = false,
): Promise<number> {
  try {
    return await showRun(
      common,
      { signal, reporter },
      (onEvent) => follower.follow({ onEvent, signal, once }),
      () => {
        const { repeated, workers } = follower.account();
        const cancelled = follower.state === 'cancelled';
        return {
          fields: { queue: { name, cancelled, workers, repeated } },
          lines: [
            ...repeated.map(repeatedText),
            ...(cancelled ? [`the shot is cancelled; to go on: exrpipe queue resume ${name}`] : []),
          ],
        };
      },
    );
  } catch (error) {
    if (signal.aborted)
      reporter.line(
        `the shot continues; to see it: exrpipe queue status ${name}, to end it: exrpipe queue cancel ${name}`,
      );
    throw error;
  }
}

/** `begun again: frames 11-20 (2 starts, 1 worker lost)`. */
export function repeatedText({ frames, files, started, retried, stalled, resubmitted }: Repeated): string {
  const chunk = { ...(frames !== undefined && { frames }), ...(files && { inputs: files }), count: files?.length ?? 0 };
  const counted = [
    `${started} ${started === 1 ? 'start' : 'starts'}`,
    ...(retried > 0 ? [`${retried} failed before`] : []),
    ...(stalled > 0 ? [`${stalled} ${stalled === 1 ? 'worker' : 'workers'} lost`] : []),
    ...(resubmitted > 0 ? [`submitted again ${resubmitted === 1 ? 'once' : `${resubmitted} times`}`] : []),
  ];
  return `begun again: ${chunkText(chunk)} (${counted.join(', ')})`;
}
