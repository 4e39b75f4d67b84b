/** Advice to add a step to a chain, as the whole command to type. */

import { isExrError } from '../../lib/index.js';
import { type AdviceWording, commandText } from '../terminal/advice.js';
import type { Session } from '../terminal/session.js';
import { commandLine, type PrintableChain, withPlugins } from '../words/print-chain.js';

/** Words advice about a chain. What cannot be written on a command line is worded as the step alone. */
export async function adviceWording(
  chain: PrintableChain & { readonly plugins?: readonly string[] },
  session: Pick<Session, 'filters' | 'plugins'>,
): Promise<AdviceWording> {
  const filters = await session.filters();
  const own = withPlugins(chain, session);
  return (advice) =>
    commandText(advice, (step) => {
      try {
        return commandLine({ ...own, steps: [...own.steps, step] }, filters);
      } catch (error) {
        if (isExrError(error)) return undefined;
        throw error;
      }
    });
}
