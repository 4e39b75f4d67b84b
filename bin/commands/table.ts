import type { Command } from './command.js';

/** Commands by name. Each is loaded only when asked for: a command must not wait for another's modules. */
export const commands: ReadonlyMap<string, () => Promise<{ readonly command: Command }>> = new Map([
  ['info', () => import('./info.js')],
  ['validate', () => import('./validate.js')],
  ['run', () => import('./run.js')],
  ['completion', () => import('./completion.js')],
]);
