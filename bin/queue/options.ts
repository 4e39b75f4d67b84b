import type { OptionSpecs, OptionValues } from '../../lib/index.js';

/** Queue and workers find each other there. */
export const redisOption = {
  redis: {
    type: 'text',
    placeholder: 'URL',
    summary: 'the Redis of the queue (default: the variable EXRPIPE_REDIS, else redis://127.0.0.1:6379)',
  },
} as const satisfies OptionSpecs;

/** Options of `queue` besides those of every chain. */
export const queueOptions = {
  ...redisOption,
  name: {
    type: 'text',
    placeholder: 'NAME',
    summary: 'what the shot is called in the queue (default: made of its first input)',
  },
  chunk: {
    type: 'number',
    min: 1,
    max: 100_000,
    placeholder: 'N',
    summary: 'frames that a worker takes at a time (default: by their size and number)',
  },
  retries: {
    type: 'number',
    min: 0,
    max: 100,
    default: 3,
    placeholder: 'N',
    summary: 'times that frames are tried again when reading or writing failed, after 2, 4, 8, … seconds',
  },
  detach: { type: 'flag', summary: 'do not wait for the shot; print its name' },
  json: { type: 'flag', summary: 'status: print one line of JSON for each shot' },
} as const satisfies OptionSpecs;

export type QueueOptions = OptionValues<typeof queueOptions>;
