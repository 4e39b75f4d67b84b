import type { FilterExample, OptionSpecs } from '../../lib/index.js';
import type { Session } from '../terminal/session.js';

/** A command that is no filter. Like a filter's, its definition drives parsing, help, completion and reference. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** What follows the name: `FILE…`. */
  readonly usage: string;
  readonly examples: readonly FilterExample[];
  readonly options: OptionSpecs;
  /** Whether it works on frames as a filter does. */
  readonly runsChain?: boolean;
  /** Whether a chain follows behind its first word, with the options of every chain. */
  readonly leads?: boolean;
  /** Whether it runs the command line that stands behind `--`, which ends its own waits. */
  readonly wraps?: boolean;
  /** Gets the words after the command's name, and the table of all commands should it tell about others; gives the exit code. */
  readonly run: (words: readonly string[], session: Session, commands: CommandTable) => Promise<number>;
}

/** Commands by name. Each is loaded only when asked for: a command must not wait for another's modules. */
export type CommandTable = ReadonlyMap<string, () => Promise<{ readonly command: Command }>>;
