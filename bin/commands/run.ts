/** `exrpipe run`: a chain from a pipeline file. */

import { readPipeline } from '../../lib/index.js';
import { orAbort } from '../../lib/program.js';
import { runChain } from '../chain/run-chain.js';
import { commonOptions } from '../words/common-options.js';
import { commonValues } from '../words/grammar.js';
import { splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

export const command: Command = {
  name: 'run',
  summary: 'Run the chain of filters in a pipeline file',
  description:
    'A pipeline file is YAML with a list of filters and their options, and does what the same chain does on the command line. It may also name inputs, an output, frames and plug-ins; what is given on the command line wins. docs/pipelines.md describes the format.',
  usage: 'PIPELINE.yaml [INPUT…] [-o OUTPUT]',
  examples: [
    { command: "run deliver.yaml shot.0001.exr -o 'out/{layer}.0001.exr'", what: 'one frame' },
    { command: 'run deliver.yaml --dry-run shot.0001.exr', what: 'check the file and see what would happen' },
  ],
  options: commonOptions,
  runsChain: true,
  async run(words, session) {
    const { named, bare } = splitWords(words, commonOptions, 'run');
    const [path, ...given] = bare;
    if (path === undefined) throw usageError('run: name a pipeline file', 'Write "exrpipe run PIPELINE.yaml INPUT".');
    const common = commonValues(named);
    const {
      steps,
      plugins,
      inputs: own,
      output,
      ...more
    } = await orAbort(readPipeline(path, await session.filters()), session.signal);
    const inputs = given.length > 0 ? given : own;
    const place = output === undefined || common.inPlace ? {} : { output };
    return runChain({ steps, inputs, plugins, common: { ...more, ...place, ...common } }, session);
  },
};
