/** The worker's side of the process that does its work. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventError, ExrError, type SequenceEvent } from '../../lib/index.js';
import { isStandalone, toErrorData } from '../../lib/program.js';
import type { FromHand, ToHand } from './hand-messages.js';

/** Milliseconds in which a process drops its frames when it is stopped. */
const patience = 7000;

/** Runs chunks. */
export interface Hand {
  /**
   * Runs a chunk and reports what happens. Gives what kept it from running, or what ended it before its end; undefined when every
   * frame has its result.
   */
  run(
    order: Omit<Extract<ToHand, { type: 'chunk' }>, 'type'>,
    onEvent: (event: SequenceEvent) => void,
    signal: AbortSignal,
  ): Promise<EventError | undefined>;
  close(): Promise<void>;
}

/** A process that is started with the first chunk and kept for the others; one that dies is replaced. */
export class ProcessHand implements Hand {
  #child: ChildProcess | undefined;

  async run(
    order: Omit<Extract<ToHand, { type: 'chunk' }>, 'type'>,
    onEvent: (event: SequenceEvent) => void,
    signal: AbortSignal,
  ): Promise<EventError | undefined> {
    const child = this.#start();
    const stop = (): void => void tell(child, { type: 'stop' });
    try {
      return await new Promise<EventError | undefined>((resolve) => {
        child.removeAllListeners();
        child.on('message', (message: FromHand) => {
          if (message.type === 'event') onEvent(message.event);
          else resolve(message.error);
        });
        const lost = (why: string): void => resolve(toErrorData(handDied(why)));
        child.on('error', (error) => lost(error.message));
        child.on('exit', (code, name) => lost(name ?? `exit code ${code}`));
        if (!isAlive(child)) return lost('it did not start');
        tell(child, { type: 'chunk', ...order });
        signal.addEventListener('abort', stop, { once: true });
        if (signal.aborted) stop();
      });
    } finally {
      signal.removeEventListener('abort', stop);
      child.removeAllListeners();
      child.on('error', () => {});
    }
  }

  /** Ends the process; what it is at is dropped. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || !isAlive(child)) return;
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    const late = new AbortController();
    void sleep(patience, undefined, { signal: late.signal }).then(
      () => child.kill('SIGKILL'),
      () => {},
    );
    await ended;
    late.abort();
  }

  #start(): ChildProcess {
    if (this.#child && isAlive(this.#child)) return this.#child;
    const program = isStandalone ? [] : [...process.execArgv, process.argv[1] as string];
    this.#child = spawn(process.execPath, [...program, 'worker', 'hand'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('error', () => {});
    return this.#child;
  }
}

function isAlive({ exitCode, signalCode, connected }: ChildProcess): boolean {
  return exitCode === null && signalCode === null && connected;
}

function tell(child: ChildProcess, message: ToHand): void {
  if (child.connected) child.send(message, () => {});
}

function handDied(why: string): ExrError {
  return new ExrError('io', 'WORKER_DIED', `the process working on it ended (${why})`, {
    hint: 'If memory is short, give the worker fewer jobs.',
  });
}
