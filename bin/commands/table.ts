import type { CommandTable } from './command.js';

/** All commands. Only main knows this table; who needs it is given it, since a command's module must not import the table back. */
export const commands: CommandTable = new Map([
  ['info', () => import('./info.js')],
  ['validate', () => import('./validate.js')],
  ['preview', () => import('./preview.js')],
  ['show', () => import('./show.js')],
  ['sheet', () => import('./sheet.js')],
  ['masks', () => import('./masks.js')],
  ['checksum', () => import('./checksum.js')],
  ['run', () => import('./run.js')],
  ['farm', () => import('./farm.js')],
  ['farm-task', () => import('./farm-task.js')],
  ['farm-report', () => import('./farm-report.js')],
  ['queue', () => import('./queue.js')],
  ['worker', () => import('./worker.js')],
  ['doctor', () => import('./doctor.js')],
  ['completion', () => import('./completion.js')],
]);
