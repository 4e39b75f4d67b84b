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
  /** Whether a chain follows right behind its name, with the options of every chain, or one of these words. */
  readonly precedes?: readonly string[];
  /** Whether it runs the command line that stands behind `--`, which ends its own waits. */
  readonly wraps?: boolean;
  /** Whether it ends its own waits when a signal comes, as what runs a chain does. */
  readonly endsItself?: boolean;
  /** Gets the words after the command's name, and the table of all commands should it tell about others; gives the exit code. */
  readonly run: (words: readonly string[], session: Session, commands: CommandTable) => Promise<number>;
}

/** Commands by name. Each is loaded only when asked for: a command must not wait for another's modules. */
export type CommandTable = ReadonlyMap<string, () => Promise<{ readonly command: Command }>>;
