/** `exrpipe queue status|cancel|resume`. */

import { printable } from '../../lib/format/index.js';
import { jsonFormat } from '../../lib/index.js';
import type { SequenceChain } from '../chain/sequence.js';
import { jsonLine } from '../terminal/json.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { alignColumns } from '../terminal/table.js';
import { commonOptions } from '../words/common-options.js';
import { commonValues } from '../words/grammar.js';
import { splitWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import { type OpenDesk, openDesk } from './desk.js';
import { Follower } from './follow.js';
import type { QueueOptions } from './options.js';
import type { Shot } from './shot.js';
import { wait } from './wait.js';

/** What can be done about shots that are there, by the word that follows `queue`. */
export const verbs = new Map([
  ['status', status],
  ['cancel', cancel],
  ['resume', resume],
]);

type Common = SequenceChain['common'];

/** Of the options of a run these have to do with showing it. */
function readWords(
  verb: string,
  words: readonly string[],
): { readonly names: readonly string[]; readonly common: Common } {
  const { named, bare } = splitWords(words, commonOptions, `queue ${verb}`);
  const fitting = ['report', 'progress', 'quiet'];
  const other = named.find(({ option }) => !fitting.includes(option));
  if (other)
    throw usageError(
      `queue ${verb}: --${other.option} does not apply here`,
      'It takes --report, --progress and --quiet.',
    );
  return { names: bare, common: commonValues(named) };
}

async function oneShot(verb: string, names: readonly string[], desk: OpenDesk): Promise<Shot> {
  const [name, more] = names;
  const there = await desk.shots.names();
  const known = there.length > 0 ? `There are: ${there.join(', ')}.` : 'There are none.';
  if (name === undefined || more !== undefined) throw usageError(`queue ${verb}: name one shot`, known);
  const shot = await desk.shots.read(name);
  if (!shot) throw usageError(`there is no shot "${name}" in the queue`, known);
  return shot;
}

async function followerOf(shot: Shot, { shots, jobs }: OpenDesk): Promise<Follower> {
  const state = (await shots.state(shot.name)) ?? 'going';
  return new Follower(shot, await shots.chunks(shot.name), state, { shots, jobs });
}

/** Lists all shots, or what became of one, with a report of its frames. */
async function status(words: readonly string[], { redis, json }: QueueOptions, session: Session): Promise<number> {
  const { names, common } = readWords('status', words);
  if (common.report !== undefined && names.length === 0)
    throw usageError('queue status: --report needs the name of a shot');
  await using desk = await openDesk(redis, session);
  const wanted = names.length > 0 ? [(await oneShot('status', names, desk)).name] : await desk.shots.names();
  const found = await Promise.all(wanted.map((name) => describe(name, desk)));
  if (json) for (const one of found) await writeStdout(jsonLine({ format: jsonFormat, ...one }));
  else
    await writeStdout(
      `${table(found, await desk.jobs.workers())
        .map(printable)
        .join('\n')}\n`,
    );
  if (common.report !== undefined) {
    const shot = await oneShot('status', names, desk);
    await wait(shot, await followerOf(shot, desk), { ...common, progress: 'none', quiet: true }, session, true);
  }
  return exitCodes.ok;
}

interface Described {
  readonly name: string;
  readonly state: 'feeding' | 'running' | 'waiting' | 'cancelled' | 'done' | 'failed';
  readonly frames: number;
  readonly done: number;
  readonly existing: number;
  readonly failed: number;
  readonly submitted: string;
  readonly folder: string;
  readonly words: readonly string[];
}

async function describe(name: string, { shots }: OpenDesk): Promise<Described> {
  const [shot, state, chunks, progress] = await Promise.all([
    shots.read(name),
    shots.state(name),
    shots.chunks(name),
    shots.progress(name),
  ]);
  const all = [...progress.values()];
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
  const failed = sum((one) => one.failed);
  const isOver = all.filter(({ ended }) => ended).length >= chunks.length;
  const running = all.length > 0 ? 'running' : 'waiting';
  return {
    name,
    state: state === 'cancelled' || state === 'feeding' ? state : !isOver ? running : failed > 0 ? 'failed' : 'done',
    frames: chunks.reduce((total, { count }) => total + count, 0),
    done: sum((one) => one.done),
    existing: sum((one) => one.existing),
    failed,
    submitted: shot?.submitted ?? '',
    folder: shot?.folder ?? '',
    words: shot?.words ?? [],
  };
}

function table(found: readonly Described[], workers: number): string[] {
  const rows = found.map(({ name, state, frames, done, existing, failed, submitted }) =>
    [name, state, frames, done, existing, failed, submitted].map(String),
  );
  const head = ['shot', 'state', 'frames', 'done', 'up to date', 'failed', 'submitted'];
  return [...(rows.length > 0 ? alignColumns([head, ...rows]) : ['no shots']), `workers: ${workers}`];
}

/** Ends a shot: what waits is taken out of the queue, and workers drop what they are at. */
async function cancel(words: readonly string[], { redis }: QueueOptions, session: Session): Promise<number> {
  const { names, common } = readWords('cancel', words);
  await using desk = await openDesk(redis, session);
  const { name } = await oneShot('cancel', names, desk);
  await desk.shots.setState(name, 'cancelled');
  await desk.jobs.remove(name, (await desk.shots.chunks(name)).keys());
  if (!common.quiet) session.reporter.line(`${name} is cancelled; to go on: exrpipe queue resume ${name}`);
  return exitCodes.ok;
}

/** Takes a shot up again: everything that is not done, failures included. */
async function resume(words: readonly string[], options: QueueOptions, session: Session): Promise<number> {
  const { names, common } = readWords('resume', words);
  await using desk = await openDesk(options.redis, session);
  const shot = await oneShot('resume', names, desk);
  const { shots, jobs } = desk;
  const chunks = await shots.chunks(shot.name);
  const progress = await shots.progress(shot.name);
  const open = [...chunks.entries()].filter(([number]) => {
    const known = progress.get(number);
    return !known?.ended || known.failed > 0;
  });
  const numbers = open.map(([number]) => number);
  await jobs.remove(shot.name, numbers);
  for (const number of numbers) await shots.reopen(shot.name, number);
  if ((await shots.state(shot.name)) === 'cancelled') await shots.setState(shot.name, 'going');
  await jobs.add(shot, new Map(open));
  if (options.detach) {
    await writeStdout(`${shot.name}\n`);
    return exitCodes.ok;
  }
  return await wait(shot, await followerOf(shot, desk), common, session);
}
