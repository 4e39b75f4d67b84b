import type { Reporter } from './reporter.js';

/** What a command or a chain may use of its surroundings. */
export interface Session {
  readonly reporter: Reporter;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
