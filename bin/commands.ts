import type { Command } from './command.js';

/** Commands by name. Each is loaded only when asked for: a command must not wait for another's modules. */
export const commands: ReadonlyMap<string, () => Promise<{ readonly command: Command }>> = new Map([
  ['info', () => import('./commands/info.js')],
  ['validate', () => import('./commands/validate.js')],
  ['run', () => import('./commands/run.js')],
  ['completion', () => import('./commands/completion.js')],
]);
