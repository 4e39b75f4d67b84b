/**
 * The process that does a worker's work, one chunk after the other. It is another one so that nothing keeps the worker from telling
 * Redis in time that it lives, and because each shot has a working folder of its own. It ends when its worker does, however that ends.
 */

import { runSequence } from '../../lib/index.js';
import { toErrorData } from '../../lib/program.js';
import { eventInOptionWords } from '../terminal/option-hints.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { usageError } from '../words/usage.js';
import type { FromHand, ToHand } from './hand-messages.js';
import { chunkRun, readChain } from './words.js';

/** Works for the process that started this one, until that is gone. Gives the exit code. */
export async function runHand(session: Session): Promise<number> {
  if (!process.send) throw usageError('"exrpipe worker hand" is started by "exrpipe worker"');
  let current = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const stop = (): void => current.abort();
  session.signal.addEventListener('abort', stop);
  await new Promise<void>((resolve) => {
    process.on('message', (message: ToHand) => {
      if (message.type === 'stop') return stop();
      current = new AbortController();
      if (session.signal.aborted) stop();
      running = runChunk(message, { ...session, signal: current.signal });
    });
    process.once('disconnect', resolve);
  });
  stop();
  await running;
  return exitCodes.ok;
}

async function runChunk(order: Extract<ToHand, { type: 'chunk' }>, session: Session): Promise<void> {
  try {
    process.chdir(order.folder);
    const { chain, session: own } = await readChain(order.words, session);
    await runSequence({
      ...chunkRun(chain, order.chunk, own, order.machine),
      signal: session.signal,
      onEvent: (event) => {
        if (event.type !== 'progress') send({ type: 'event', event: eventInOptionWords(event) });
      },
    });
    send({ type: 'end', error: undefined });
  } catch (error) {
    send({ type: 'end', error: toErrorData(error) });
  }
}

function send(message: FromHand): void {
  // The worker may be gone: its results are then found in the files.
  if (process.connected) process.send?.(message, () => {});
}
