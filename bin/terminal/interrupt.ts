import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';
import { exitCodes } from './reporter.js';

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, as shells count; undefined while none came. */
  readonly exitCode: number | undefined;
  stop(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Milliseconds from a signal to the end of the program at the latest. Farm engines kill a task some time after they have asked it
 * to end (SLURM after 30 s), and a job of a codec cannot be interrupted, nor a file system that does not answer.
 */
const patience = 9000;

export interface InterruptionOptions {
  /** Called before the process ends at once, for a second signal or since it takes too long after the first. Must not wait. */
  readonly onExit?: () => void;
  /** Milliseconds from the first signal to that. */
  readonly patience?: number;
}

/**
 * The first signal aborts the work, so that temporary files are removed; a second one ends the process at once, and so does time.
 * A temporary file that is left then is removed by a later run.
 */
export function watchSignals({ onExit, ...limits }: InterruptionOptions = {}): Interruption {
  const controller = new AbortController();
  // Every running job listens; with many cores that is more than Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let exitCode: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (code: number): never => {
    onExit?.();
    process.exit(code);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    const code = exitCodes.signal + (constants.signals[name] ?? 0);
    if (exitCode !== undefined) end(code);
    exitCode = code;
    timer = setTimeout(end, limits.patience ?? patience, code).unref();
    controller.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
