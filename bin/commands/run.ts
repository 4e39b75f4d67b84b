/** `exrpipe run`: a chain from a pipeline file. */
import { orAbort, readSideFile } from '../../lib/program.js';
import { runChain } from '../chain/run-chain.js';
import { loadFilters } from '../filters.js';
import { commonOptions } from '../words/common-options.js';
import { commonValues } from '../words/grammar.js';
import { splitWords } from '../words/option-words.js';
import { parsePipeline } from '../words/pipeline-file.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

export const command: Command = {
  name: 'run',
  summary: 'Run the chain of filters in a pipeline file',
  description:
    'A pipeline file is YAML with a list of filters and their options, and does what the same chain on the command line does. Its format is described in docs/pipelines.md.',
  usage: 'PIPELINE.yaml [INPUT…] [-o OUTPUT]',
  examples: [
    { command: "run deliver.yaml shot.0001.exr -o 'out/{layer}.0001.exr'", what: 'one frame' },
    { command: 'run deliver.yaml --dry-run shot.0001.exr', what: 'check the file and see what would happen' },
  ],
  options: commonOptions,
  runsChain: true,
  async run(words, session) {
    const { named, bare } = splitWords(words, commonOptions, 'run');
    const [path, ...inputs] = bare;
    if (path === undefined) throw usageError('run: name a pipeline file', 'Write "exrpipe run PIPELINE.yaml INPUT".');
    const common = commonValues(named);
    const steps = parsePipeline(await readText(path, session.signal), path, await loadFilters());
    return runChain({ steps, inputs, common }, session);
  },
};

async function readText(path: string, signal: AbortSignal): Promise<string> {
  return Buffer.from(await orAbort(readSideFile(path), signal)).toString('utf8');
}
