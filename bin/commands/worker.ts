/** `exrpipe worker`: takes frames out of the queue. */

import type { OptionSpecs } from '../../lib/index.js';
import { redisOption } from '../queue/options.js';
import { helpOption, parseSize } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const options = {
  ...redisOption,
  jobs: {
    type: 'number',
    min: 1,
    max: 256,
    placeholder: 'N',
    summary: 'frames to process concurrently (default: what the shot asks for, else three for every two cores)',
  },
  memory: { type: 'text', placeholder: 'SIZE', summary: 'memory for pixels in progress, such as 512M' },
  lostAfter: {
    type: 'number',
    min: 2,
    max: 3600,
    default: 30,
    placeholder: 'SECONDS',
    summary: 'without a sign of life for this long a worker counts as lost, and its frames run elsewhere',
  },
  idle: {
    type: 'number',
    min: 1,
    placeholder: 'SECONDS',
    summary: 'end after this long without work (default: never)',
  },
  quiet: { type: 'flag', summary: 'print only errors on stderr' },
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'worker',
  summary: 'Process frames of the shots that exrpipe queue submits',
  description: [
    'Takes chunks of frames out of the queue, one at a time, until it is stopped; start one on each machine. The shared storage must be mounted at the same path on all of them, with the same version of exrpipe.',
    'SIGTERM and Ctrl-C drop the frames in progress, return their chunk, and end the worker with exit code 143 or 130 within ten seconds. A worker that is killed loses its chunk to another one.',
    'Anyone who can write to the Redis can have the worker run any chain of exrpipe, with the rights of its user.',
  ].join('\n\n'),
  usage: '',
  examples: [
    { command: 'worker --redis redis://farm01', what: 'until Ctrl-C' },
    {
      command: 'worker --redis redis://farm01 --jobs 4 --idle 600',
      what: 'four frames at a time; ends when there is nothing to do',
    },
  ],
  options,
  endsItself: true,
  async run(words, session) {
    if (words[0] === 'hand') return (await import('../queue/hand.js')).runHand(session);
    const { values, bare } = readWords(words, options, 'worker');
    if (bare.length > 0) throw usageError(`worker: unexpected "${bare[0]}"`, 'Shots are submitted by "exrpipe queue".');
    session.reporter.configure({ quiet: values.quiet });
    const { runWorker } = await import('../queue/worker.js');
    return runWorker(
      { ...values, memory: values.memory === undefined ? undefined : parseSize(values.memory) },
      session,
    );
  },
};
