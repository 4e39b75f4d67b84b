/** `exrpipe farm`: a chain as a job of a render farm. */

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FilterTable, OptionSpecs } from '../../lib/index.js';
import { loadPlugins, readPipeline, withPlugins } from '../../lib/index.js';
import { farmEngines, orAbort, withPlace } from '../../lib/program.js';
import { jobText, makeFarmJob } from '../chain/farm-job.js';
import type { SequenceChain } from '../chain/sequence.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { commonOptions, helpOption } from '../words/common-options.js';
import { commonValues, parseChain } from '../words/grammar.js';
import {
  checkValues,
  findOption,
  type Given,
  optionValues,
  optionWord,
  splitWords,
  takeOption,
} from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const engines = farmEngines.map(({ name }) => name);

/** Options of jobs. They stand before the chain or in it. */
const jobOptions = {
  to: {
    type: 'file',
    writes: true,
    required: true,
    placeholder: 'FOLDER',
    summary: "the job's own folder, for its files, logs and reports; every machine of the farm must see it",
  },
  name: { type: 'text', placeholder: 'NAME', summary: "the job's name (default: that of the frames)" },
  secondsPerTask: {
    type: 'number',
    min: 1,
    max: 86_400,
    default: 10,
    placeholder: 'N',
    summary: 'how long a task should take; a few frames are tried on this machine to find out how many frames that is',
  },
  framesPerTask: {
    type: 'number',
    min: 1,
    max: 1_000_000,
    placeholder: 'N',
    summary: 'frames per task, without a trial',
  },
  program: {
    type: 'text',
    default: 'exrpipe',
    placeholder: 'PATH',
    summary: 'exrpipe on the machines of the farm: a name on their PATH, or a full path',
  },
  plain: { type: 'flag', summary: 'openjd: without TASK_CHUNKING, for farms that do not know this extension' },
} as const satisfies OptionSpecs;

const options = {
  engine: {
    type: 'choice',
    choices: engines,
    required: true,
    positional: true,
    placeholder: 'ENGINE',
    summary: engines.join(', '),
  },
  ...jobOptions,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'farm',
  summary: 'Write a chain as a job for a render farm',
  description: [
    `The command line after the engine is that of a run on one machine, "run PIPELINE.yaml" included. It becomes a job: tasks of a few frames each, then a check of all outputs (validate), and a report (farm-report). ENGINE is ${farmEngines.map(({ name, summary }) => `${name} (${summary})`).join(', ')}.`,
    'A few frames are tried on this machine to find out how many make a task of --seconds-per-task; their results are discarded. Frames that do not exist yet need --frames.',
    'The files hold command lines, dependencies and chunks of frames. Existing outputs are kept (--skip-existing), so a job can be submitted again, and any task may run twice. A task requests the threads and memory of --threads and --memory, plus what the program itself needs (docs/farms.md).',
    'Where a filter has an option of the same name, as compress --to, write the one of farm before the chain: "farm slurm --to jobs/a compress --to dwaa …".',
  ].join('\n\n'),
  usage: 'FILTER… INPUT… -o OUTPUT --to FOLDER',
  examples: [
    {
      command: "farm openjd repair 'shot.####.exr' --frames 1-240 -o fixed/ --to jobs/shot",
      what: 'a job bundle for AWS Deadline Cloud',
    },
    {
      command: "farm slurm --to jobs/shot run deliver.yaml 'shot.####.exr' -o 'out/{layer}/shot.####.exr' --threads 4",
      what: 'scripts for SLURM; jobs/shot/submit.sh submits them',
    },
    {
      command: "farm flamenco inject-manifest --from donor.exr 'shot.####.exr' --frames 1-240 -o fixed/ --to jobs/shot",
      what: 'job types for Flamenco, one of them with the render before',
    },
  ],
  options,
  runsChain: true,
  leads: true,
  async run(words, session) {
    const [name, ...rest] = words;
    if (name === undefined || name.startsWith('-'))
      throw usageError(
        `farm: name an engine first: ${engines.join(', ')}`,
        'Write "exrpipe farm ENGINE FILTER … --to FOLDER".',
      );
    checkValues({ engine: options.engine }, { engine: name }, 'farm');
    const engine = farmEngines.find((one) => one.name === name) as (typeof farmEngines)[number];
    const filters = await session.filters();
    const { chain, table, given } = await readChain(rest, filters, session);
    const wishes = checkValues(jobOptions, optionValues(given, jobOptions, 'farm'), 'farm');
    session.reporter.configure(chain.common);
    if (wishes.plain && name !== 'openjd') throw usageError('farm: --plain is for openjd');
    const job = await makeFarmJob(chain, wishes, table, session);
    const { files, folders = [], next } = engine.emit(job, wishes);
    for (const folder of [...folders, 'reports'])
      await placed(wishes.to, () => mkdir(join(job.folder, folder), { recursive: true }));
    for (const { name: file, text, executable } of files)
      await write(resolve(job.folder, file), text, executable ?? false);
    if (!chain.common.quiet) session.reporter.line(`${jobText(job)}; to submit the job:`);
    await writeStdout(next.map((line) => `${line}\n`).join(''));
    return exitCodes.ok;
  },
};

interface ReadChain {
  readonly chain: SequenceChain;
  /** The filters of its plug-ins included. */
  readonly table: FilterTable;
  /** Options of the job. */
  readonly given: readonly Given[];
}

/** A chain, or the words of `run`. */
async function readChain(words: readonly string[], filters: FilterTable, session: Session): Promise<ReadChain> {
  const before: Given[] = [];
  const left = [...words];
  const leading = { ...commonOptions, ...jobOptions };
  const commonBefore: string[] = [];
  for (let word = left[0]; word !== undefined && optionWord(word) && word !== '--'; word = left[0]) {
    const own = findOption(jobOptions, optionWord(word)?.name ?? '') !== undefined;
    const count = left.length;
    const given = takeOption(left, leading, 'farm');
    if (own) before.push(given);
    else commonBefore.push(...words.slice(words.length - count, words.length - left.length));
  }
  if (left[0] !== 'run') {
    if (left.length === 0)
      throw usageError(
        'farm: the chain is missing',
        'Write "exrpipe farm ENGINE FILTER … INPUT -o OUTPUT --to FOLDER".',
      );
    const chain = parseChain([...commonBefore, ...left], filters, jobOptions);
    if ('help' in chain) throw usageError('farm: --help goes right after "farm"');
    return { chain, table: filters, given: [...before, ...(chain.more ?? [])] };
  }
  const { named, bare } = splitWords([...commonBefore, ...left.slice(1)], leading, 'run');
  const [path, ...given] = bare;
  if (path === undefined) throw usageError('farm: name a pipeline file after "run"');
  const isCommon = ({ option }: Given): boolean => Object.hasOwn(commonOptions, option);
  const common = commonValues(named.filter(isCommon));
  const { steps, plugins, inputs, output, ...more } = await orAbort(readPipeline(path, filters), session.signal);
  const place = output === undefined || common.inPlace ? {} : { output };
  const chain = { steps, plugins, inputs: given.length > 0 ? given : inputs, common: { ...more, ...place, ...common } };
  return {
    chain,
    table: withPlugins(filters, await loadPlugins(plugins)),
    given: [...before, ...named.filter((one) => !isCommon(one))],
  };
}

async function write(path: string, text: string, executable: boolean): Promise<void> {
  await placed(path, async () => {
    await writeFile(path, text);
    if (executable) await chmod(path, 0o755);
  });
}

async function placed(file: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw withPlace(error, { file });
  }
}
