import type { FilterTable } from '../../lib/index.js';
import type { Reporter } from './reporter.js';

/** What a command or a chain may use of its surroundings. */
export interface Session {
  readonly reporter: Reporter;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Plug-ins as they are named on the command line. */
  readonly plugins: readonly string[];
  /** All filters, those of the plug-ins included. They are loaded when somebody asks. */
  readonly filters: () => Promise<FilterTable>;
}
