/** `exrpipe queue`: a shot for workers on any number of machines. */

import { verbs } from '../queue/manage.js';
import { queueOptions } from '../queue/options.js';
import { submit } from '../queue/submit.js';
import { takeOwn } from '../queue/words.js';
import { helpOption } from '../words/common-options.js';
import { checkValues, optionValues } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

export const command: Command = {
  name: 'queue',
  summary: 'Run a chain over a shot on many machines, through Redis',
  description: [
    'Takes the command line of a run over a sequence, cuts the shot into chunks of frames, and puts them into a queue. Workers (exrpipe worker) on any number of machines with the same shared storage take them. It shows the progress, writes the report, and ends with the exit code of such a run; Ctrl-C leaves the shot to the workers. Run the same command line again to continue. Frames whose outputs exist are always skipped (as with --skip-existing).',
    'queue status [NAME] lists shots (--report FILE records the results of the frames of one), queue cancel NAME ends one, and queue resume NAME takes it up again, failed frames included. docs/queue.md has the rest: "npm install bullmq ioredis" and a Redis are needed.',
  ].join('\n\n'),
  usage: 'CHAIN… INPUT… -o OUTPUT | status [NAME] | cancel NAME | resume NAME',
  examples: [
    {
      command: "queue compress --to dwaa 'shot.####.exr' -o small/ --redis redis://farm01",
      what: 'a shot for the workers of the Redis on farm01',
    },
    { command: 'queue repair --in-place renders/ --name sh010 --detach', what: 'do not wait for it' },
    { command: 'queue status', what: 'all shots' },
    { command: 'queue cancel sh010', what: 'end one' },
  ],
  options: { ...queueOptions, ...helpOption },
  runsChain: true,
  precedes: ['run', ...verbs.keys()],
  async run(words, session) {
    // Plug-ins belong to the words of the shot.
    const typed = [...session.plugins.flatMap((name) => ['--plugin', name]), ...words];
    const { own, words: chain } = takeOwn(typed, queueOptions, await session.filters());
    const options = checkValues(queueOptions, optionValues(own, queueOptions, 'queue'), 'queue');
    const [first] = chain.slice(2 * session.plugins.length);
    if (first === undefined)
      throw usageError(
        'queue: name a chain and its inputs',
        'Write "exrpipe queue FILTER [options] INPUT… -o OUTPUT".',
      );
    const verb = verbs.get(first);
    return verb ? verb(chain.slice(1), options, session) : submit(chain, options, session);
  },
};
