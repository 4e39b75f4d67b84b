/** The words of a shot: what one would type for the whole of it, which is what workers are given. */

import { type FilterTable, type OptionSpecs, readPipeline, type SequenceOptions } from '../../lib/index.js';
import { orAbort } from '../../lib/program.js';
import { type SequenceChain, sequenceOptionsOf } from '../chain/sequence.js';
import { loadFilters } from '../filters.js';
import type { Session } from '../terminal/session.js';
import { commonOptions } from '../words/common-options.js';
import { commonValues, parseChain } from '../words/grammar.js';
import { findOption, type Given, optionWord, splitWords, takeOption } from '../words/option-words.js';
import { takePlugins } from '../words/plugins.js';
import { usageError } from '../words/usage.js';
import type { Chunk } from './chunk.js';

/**
 * Takes options that are no filter's out of the words, wherever they stand before a `--`. Where a filter has one of the same name
 * (`matte --name`), what stands behind the filter is the filter's.
 */
export function takeOwn(
  given: readonly string[],
  specs: OptionSpecs,
  filters: FilterTable,
): { readonly own: readonly Given[]; readonly words: readonly string[] } {
  const left = [...given];
  const own: Given[] = [];
  const words: string[] = [];
  let begun = false;
  let known: OptionSpecs = {};
  while (left.length > 0 && left[0] !== '--') {
    const word = left[0] as string;
    const option = optionWord(word);
    const has = (some: OptionSpecs): boolean => option !== undefined && findOption(some, option.name) !== undefined;
    if (has(specs) && !has(known)) {
      own.push(takeOption(left, specs, 'queue'));
    } else if (has(known) || has(commonOptions)) {
      const before = [...left];
      takeOption(left, { ...commonOptions, ...known }, 'queue');
      words.push(...before.slice(0, before.length - left.length));
    } else {
      if (word === 'then') begun = false;
      else if (!begun && !option) {
        begun = true;
        known = filters.get(word)?.definition.options ?? {};
      }
      words.push(left.shift() as string);
    }
  }
  return { own, words: [...words, ...left] };
}

/** A chain from its words, or from the pipeline file that they run. Throws `usage`. */
export async function readChain(
  given: readonly string[],
  session: Session,
): Promise<{ readonly chain: SequenceChain; readonly session: Session }> {
  const { plugins, words } = takePlugins(given);
  let table: Promise<FilterTable> | undefined;
  const own: Session = {
    ...session,
    plugins,
    filters: () => {
      table ??= loadFilters(plugins);
      return table;
    },
  };
  const chain = words[0] === 'run' ? await readRun(words.slice(1), own) : parseChain(words, await own.filters());
  if ('help' in chain)
    throw usageError('--help belongs at the front', `Write "exrpipe help ${chain.help.definition.name}".`);
  return { chain, session: own };
}

/** `run PIPELINE.yaml INPUT… -o OUTPUT`, as the command of this name takes it. */
async function readRun(words: readonly string[], session: Session): Promise<SequenceChain> {
  const { named, bare } = splitWords(words, commonOptions, 'run');
  const [path, ...given] = bare;
  if (path === undefined)
    throw usageError('run: name a pipeline file', 'Write "exrpipe queue run PIPELINE.yaml INPUT".');
  const common = commonValues(named);
  const reading = readPipeline(path, await session.filters());
  const { steps, plugins, inputs, output, ...more } = await orAbort(reading, session.signal);
  const place = output === undefined || common.inPlace ? {} : { output };
  return { steps, inputs: given.length > 0 ? given : inputs, plugins, common: { ...more, ...place, ...common } };
}

/** What the worker decides and not the shot: how much of its machine it gives. */
export interface Machine {
  readonly jobs?: number | undefined;
  readonly memory?: number | undefined;
}

/**
 * A chunk of a shot as a run of its own, which resumes what another worker had begun. Frames that were there when the shot was
 * submitted and are not any more must not keep the others from being done: they are found missing by their number.
 */
export function chunkRun(chain: SequenceChain, chunk: Chunk, session: Session, machine: Machine): SequenceOptions {
  const { missing } = chain.common;
  const options = sequenceOptionsOf(chain, session);
  return {
    ...options,
    inputs: chunk.inputs ?? options.inputs,
    frames: chunk.frames ?? options.frames,
    missing: missing === 'fail' ? 'skip' : missing,
    skipExisting: true,
    watch: undefined,
    jobs: machine.jobs ?? options.jobs,
    memory: machine.memory ?? options.memory,
  };
}
