/** `--plugin`: filters that are not exrpipe's own. */

import type { AnyFilter } from '../../lib/index.js';
import { kebabCase } from '../../lib/program.js';
import { commonOptions } from './common-options.js';
import { usageError } from './usage.js';

/**
 * Takes every `--plugin NAME` before a `--` out of the words. That comes before all else, since filters and options, by which
 * other words are read, are defined in there. So a value of this text must be joined to its option: `--add-prefix=--plugin`.
 */
export function takePlugins(given: readonly string[]): { readonly plugins: string[]; readonly words: string[] } {
  const plugins: string[] = [];
  const words: string[] = [];
  const left = [...given];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') return { plugins, words: [...words, word, ...left] };
    const joined = word.startsWith('--plugin=') ? word.slice('--plugin='.length) : undefined;
    if (word !== '--plugin' && joined === undefined) {
      words.push(word);
      continue;
    }
    const name = joined ?? left.shift();
    if (name === undefined || name === '') throw usageError('--plugin needs a value (MODULE)');
    plugins.push(name);
  }
  return { plugins, words };
}

/** Throws `usage` for a filter that the command line could not call, or could not give an option. */
export function checkCallable(
  { definition: { name, options } }: AnyFilter,
  commands: ReadonlyMap<string, unknown>,
): void {
  if (commands.has(name) || ['then', 'help', 'version'].includes(name))
    throw usageError(`the filter "${name}" of a plug-in has the name of a command`, 'Give the filter another name.');
  const taken = Object.keys(options).find((option) => Object.hasOwn(commonOptions, option));
  if (taken !== undefined)
    throw usageError(
      `the filter "${name}" of a plug-in has an option --${kebabCase(taken)}, which every chain has`,
      'Give the option another name.',
    );
}
