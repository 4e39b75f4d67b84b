/** A command line, from its words to what does them: a command, a chain, or help. */

import type { FilterTable } from '../../lib/index.js';
import { orAbort } from '../../lib/program.js';
import { loadFilters } from '../filters.js';
import type { Session } from '../terminal/session.js';
import type { CommandTable } from './command.js';

/** What is there before the words are read. */
export type Surroundings = Pick<Session, 'reporter' | 'signal'>;

/** Does what the words ask for and gives the exit code. Throws what goes wrong. */
export async function dispatch(
  given: readonly string[],
  around: Surroundings,
  commands: CommandTable,
): Promise<number> {
  const { words, session } = await withPlugins(given, around, commands);
  const [first, second] = words;
  if (first === '--version' || first === 'version') return (await import('./help.js')).showVersion();
  if (first === undefined) return (await import('./help.js')).showHint(session.reporter);
  if (first === '--help' || first === '-h' || first === 'help') return showHelp(second, session, commands);
  const load = commands.get(first);
  if (!load) return runWords(words, session, commands);
  const { command } = await load();
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (own.includes('--help') || own.includes('-h')) return showHelp(first, session, commands);
  // Commands write nothing but lines of text, so there is nothing to clear away when one is left where it waits. What runs a
  // chain has temporary files, and ends its own waits.
  const running = command.run(words.slice(1), session, commands);
  return command.runsChain || command.wraps || command.endsItself ? running : orAbort(running, session.signal);
}

/** Runs the words of a chain, or shows the help they ask for. */
async function runWords(words: readonly string[], session: Session, commands: CommandTable): Promise<number> {
  const { parseChain, unknownName } = await import('../words/grammar.js');
  const filters = await session.filters();
  const [first = ''] = words;
  if (!first.startsWith('-') && first !== 'then' && !filters.has(first))
    throw unknownName(first, [...filters.keys(), ...commands.keys()]);
  const chain = parseChain(words, filters);
  if ('help' in chain) return showHelp(chain.help.definition.name, session, commands);
  return (await import('../chain/run-chain.js')).runChain(chain, session);
}

async function showHelp(topic: string | undefined, session: Session, commands: CommandTable): Promise<number> {
  return (await import('./help.js')).showHelp(topic, commands, session);
}

/** The words without plug-ins, and a session that knows these. A command that runs no chain refuses the option itself. */
async function withPlugins(
  given: readonly string[],
  around: Surroundings,
  commands: CommandTable,
): Promise<{ readonly words: readonly string[]; readonly session: Session }> {
  const own = { words: given, session: { ...around, plugins: [], filters: loadFilters } };
  const load = commands.get(given[0] ?? '');
  if (!given.some((word) => word.startsWith('--plugin')) || (load && !(await load()).command.runsChain)) return own;
  const { checkCallable, takePlugins } = await import('../words/plugins.js');
  const { plugins, words } = takePlugins(given);
  const filters = async (): Promise<FilterTable> => {
    const [table, known] = await Promise.all([loadFilters(plugins), loadFilters()]);
    for (const [name, filter] of table) if (!known.has(name)) checkCallable(filter, commands);
    return table;
  };
  return { words, session: { ...around, plugins, filters } };
}
