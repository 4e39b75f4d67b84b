/** The command line: finds what is asked for, and turns every ending into an exit code and at most one line. */

import { type FilterTable, isExrError } from '../lib/index.js';
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
  try {
    return await dispatch(words, { reporter, signal: interruption.signal });
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    if (isClosedStdout(error)) return exitCodes.ok;
    reporter.error(error);
    return exitCode(error);
  } finally {
    interruption.stop();
  }
}

async function dispatch(given: readonly string[], around: Pick<Session, 'reporter' | 'signal'>): Promise<number> {
  const { words, session } = await withPlugins(given, around);
  const [first, second] = words;
  if (first === '--version' || first === 'version') return (await import('./commands/help.js')).showVersion();
  if (first === undefined) return (await import('./commands/help.js')).showHint(session.reporter);
  if (first === '--help' || first === '-h' || first === 'help') return showHelp(second, session);
  const load = commands.get(first);
  if (!load) return runWords(words, session);
  const { command } = await load();
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (own.includes('--help') || own.includes('-h')) return showHelp(first, session);
  // Commands write nothing but lines of text, so there is nothing to clear away when one is left where it waits. What runs a
  // chain has temporary files, and ends its own waits.
  const running = command.run(words.slice(1), session, commands);
  return command.runsChain || command.endsItself ? running : orAbort(running, session.signal);
}

/** Runs the words of a chain, or shows the help they ask for. */
async function runWords(words: readonly string[], session: Session): Promise<number> {
  const { parseChain, unknownName } = await import('./words/grammar.js');
  const filters = await session.filters();
  const [first = ''] = words;
  if (!first.startsWith('-') && first !== 'then' && !filters.has(first))
    throw unknownName(first, [...filters.keys(), ...commands.keys()]);
  const chain = parseChain(words, filters);
  if ('help' in chain) return showHelp(chain.help.definition.name, session);
  return (await import('./chain/run-chain.js')).runChain(chain, session);
}

async function showHelp(topic: string | undefined, session: Session): Promise<number> {
  return (await import('./commands/help.js')).showHelp(topic, commands, session);
}

/** The words without plug-ins, and a session that knows these. A command that runs no chain refuses the option itself. */
async function withPlugins(
  given: readonly string[],
  around: Pick<Session, 'reporter' | 'signal'>,
): Promise<{ readonly words: readonly string[]; readonly session: Session }> {
  const own = { words: given, session: { ...around, plugins: [], filters: loadFilters } };
  const load = commands.get(given[0] ?? '');
  if (!given.some((word) => word.startsWith('--plugin')) || (load && !(await load()).command.runsChain)) return own;
  const { checkCallable, takePlugins } = await import('./words/plugins.js');
  const { plugins, words } = takePlugins(given);
  const filters = async (): Promise<FilterTable> => {
    const [table, known] = await Promise.all([loadFilters(plugins), loadFilters()]);
    for (const [name, filter] of table) if (!known.has(name)) checkCallable(filter, commands);
    return table;
  };
  return { words, session: { ...around, plugins, filters } };
}

/** The reader at the other end of a pipe has enough (`| head`): no fault of ours or the user's. */
function isClosedStdout(error: unknown): boolean {
  return isExrError(error) && error.code === 'EPIPE' && error.where.file === 'stdout';
}
