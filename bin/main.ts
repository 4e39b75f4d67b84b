/** The command line: finds what is asked for, and turns every ending into an exit code and at most one line. */

import { isExrError } from '../lib/index.js';
import { orAbort } from '../lib/program.js';
import { commands } from './commands/table.js';
import { loadFilters } from './filters.js';
import { watchSignals } from './terminal/interrupt.js';
import { exitCode, exitCodes, Reporter } from './terminal/reporter.js';
import type { Session } from './terminal/session.js';

/** Runs one command line (without `node` and the script) and gives the exit code. Never throws. */
export async function main(words: readonly string[]): Promise<number> {
  const reporter = new Reporter();
  const interruption = watchSignals();
  const session: Session = { reporter, signal: interruption.signal };
  try {
    return await dispatch(words, session);
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    if (isClosedStdout(error)) return exitCodes.ok;
    reporter.error(error);
    return exitCode(error);
  } finally {
    interruption.stop();
  }
}

async function dispatch(words: readonly string[], session: Session): Promise<number> {
  const [first, second] = words;
  if (first === '--version' || first === 'version') return (await import('./commands/help.js')).showVersion();
  if (first === undefined) return (await import('./commands/help.js')).showHint(session.reporter);
  if (first === '--help' || first === '-h' || first === 'help') return showHelp(second);
  const load = commands.get(first);
  if (!load) return runWords(words, session);
  const { command } = await load();
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (own.includes('--help') || own.includes('-h')) return showHelp(first);
  // Commands write nothing but lines of text, so there is nothing to clear away when one is left where it waits. What runs a
  // chain has temporary files, and ends its own waits.
  const running = command.run(words.slice(1), session, commands);
  return command.runsChain ? running : orAbort(running, session.signal);
}

/** Runs the words of a chain, or shows the help they ask for. */
async function runWords(words: readonly string[], session: Session): Promise<number> {
  const { parseChain } = await import('./words/grammar.js');
  const chain = parseChain(words, await loadFilters());
  if ('help' in chain) return showHelp(chain.help.definition.name);
  return (await import('./chain/run-chain.js')).runChain(chain, session);
}

async function showHelp(topic: string | undefined): Promise<number> {
  return (await import('./commands/help.js')).showHelp(topic, commands);
}

/** The reader at the other end of a pipe has enough (`| head`): no fault of ours or the user's. */
function isClosedStdout(error: unknown): boolean {
  return isExrError(error) && error.code === 'EPIPE' && error.where.file === 'stdout';
}
