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

/** The first signal aborts the work, so that temporary files are removed; a second one ends the process at once. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  // Every running job listens; with many cores that is more than Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let exitCode: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const code = exitCodes.signal + (constants.signals[name] ?? 0);
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    controller.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
