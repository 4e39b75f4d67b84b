/** `exrpipe queue CHAIN`: a shot becomes chunks in the queue, and somebody waits for it. */

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../lib/format/index.js';
import { type ExrError, type MissingFrames, version } from '../../lib/index.js';
import { type Item, type ItemSource, planShot, sha256 } from '../../lib/program.js';
import { type SequenceChain, sequenceOptionsOf } from '../chain/sequence.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { type CommonOptions, commonOptions } from '../words/common-options.js';
import { usageError } from '../words/usage.js';
import { type Chunk, chunkSize, cut } from './chunk.js';
import { type OpenDesk, openDesk } from './desk.js';
import { feed, isKnown } from './feed.js';
import { Follower } from './follow.js';
import type { QueueOptions } from './options.js';
import type { Shot } from './shot.js';
import { wait } from './wait.js';
import { readChain, takeOwn } from './words.js';

/** Options of a run that concern the one who waits for it, or that the queue always sets. */
const { report, progress, quiet, dryRun, explain, skipExisting } = commonOptions;
const showingOptions = { report, progress, quiet, dryRun, explain, skipExisting };

/** Submits the shot of these words, and waits for it unless it is to be left alone. Gives the exit code. */
export async function submit(typed: readonly string[], options: QueueOptions, given: Session): Promise<number> {
  const { chain, session } = await readChain(typed, given);
  // How somebody looks at a shot does not make it another one.
  const { words } = takeOwn(typed, showingOptions, await session.filters());
  const { common } = chain;
  session.reporter.configure(common);
  refuseWhatDoesNotFit(chain, options);
  const { source, plan } = await planShot({ ...sequenceOptionsOf(chain, session), signal: session.signal });
  const shot = makeShot(words, chain, options, plan?.missing ?? []);
  const inputs = { given: chain.inputs, joins: chain.steps.some(({ joins }) => joins) };
  const surveys = chain.steps.some(({ beginSurvey }) => beginSurvey !== undefined);
  const first = plan?.items[0];
  const size =
    options.chunk ?? chunkSize({ total: plan?.items.length ?? 100, bytes: first ? await sizeOf(first) : 0, surveys });
  const chunks = cut(plan?.items ?? [], inputs, size);
  if (common.dryRun) {
    const total = plan?.items.length ?? 0;
    for (const { input, frames } of plan?.missing ?? [])
      session.reporter.line(printable(`missing: ${input}: ${frames}`));
    session.reporter.line(`${total} frames in ${chunks.length} chunks would be submitted (dry run)`);
    return exitCodes.ok;
  }
  await using desk = await openDesk(options.redis, session);
  const state = plan ? 'going' : 'feeding';
  const follower = await place(shot, chunks, state, desk);
  if (!common.quiet) await introduce(shot, plan?.items.length, chunks.length, desk, session);
  if (options.detach) {
    await writeStdout(`${shot.name}\n`);
    return exitCodes.ok;
  }
  if (plan) return await wait(shot, follower, common, session);
  const known = isKnown(await desk.shots.chunks(shot.name));
  const add = (items: readonly Item[]): Promise<void> => {
    const fresh = items.filter((item) => !known(item));
    return follower.add(cut(fresh, inputs, size));
  };
  return await waitAndFeed(source, size, add, { shot, follower, common }, session);
}

/** Waits for a shot that takes frames as they come. What keeps it from taking more ends the waiting, and is thrown. */
async function waitAndFeed(
  source: ItemSource,
  size: number,
  add: (items: readonly Item[]) => Promise<void>,
  { shot, follower, common }: { readonly shot: Shot; readonly follower: Follower; readonly common: CommonOptions },
  session: Session,
): Promise<number> {
  const end = new AbortController();
  const signal = AbortSignal.any([session.signal, end.signal]);
  // Others may wait for the shot too. Redis may be away, and who ends this run waits for nothing.
  const close = (): Promise<unknown> =>
    Promise.race([follower.close(), ...(signal.aborted ? [sleep(1000, undefined, { ref: false })] : [])]);
  const feeding = feed(source, size, add, signal).finally(close);
  feeding.catch(() => end.abort());
  try {
    return await wait(shot, follower, common, { ...session, signal });
  } catch (error) {
    if (end.signal.aborted && !session.signal.aborted) await feeding;
    throw error;
  }
}

function refuseWhatDoesNotFit({ common }: SequenceChain, { detach, json }: QueueOptions): void {
  if (json) throw usageError('--json is for "exrpipe queue status"');
  if (common.explain)
    throw usageError('--explain is for a run on one machine', 'Use --dry-run without "queue" to see the plan.');
  if (detach && common.watch)
    throw usageError('--detach leaves nobody to watch for frames', 'Remove --detach or --watch.');
  if (detach && common.report !== undefined)
    throw usageError(
      '--detach leaves nobody to write the report',
      'Write it later: exrpipe queue status NAME --report FILE.',
    );
}

/** Puts a shot into the queue, or finds it there: the same command line again goes on with what it began. */
async function place(
  shot: Shot,
  chunks: readonly Chunk[],
  state: 'going' | 'feeding',
  { shots, jobs }: OpenDesk,
): Promise<Follower> {
  const { name } = shot;
  const old = await shots.read(name);
  if (old) {
    const known = await shots.chunks(name);
    const progress = await shots.progress(name);
    const open = known.filter((_, number) => !progress.get(number)?.ended);
    const isActive = (await shots.state(name)) !== 'cancelled' && (open.length > 0 || state === 'feeding');
    if (isActive && isSame(old, shot)) {
      await shots.setState(name, state);
      return new Follower(old, known, state, { shots, jobs });
    }
    if (isActive && open.length > 0) throw nameTaken(name);
    await jobs.remove(name, known.keys());
  }
  await shots.create(shot, chunks, state);
  await jobs.add(shot, new Map(chunks.entries()));
  return new Follower(shot, chunks, state, { shots, jobs });
}

function isSame(one: Shot, other: Shot): boolean {
  const key = ({ words, folder, version: of }: Shot) => JSON.stringify([words, folder, of]);
  return key(one) === key(other);
}

function nameTaken(name: string): ExrError {
  return usageError(
    `a shot called "${name}" is in the queue, with another command line`,
    `Choose another --name, or end it: exrpipe queue cancel ${name}.`,
  );
}

function makeShot(
  words: readonly string[],
  chain: SequenceChain,
  { name, retries }: QueueOptions,
  missing: readonly MissingFrames[],
): Shot {
  const folder = process.cwd();
  if (name !== undefined && !/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u.test(name))
    throw usageError(`"${name}" is not a name for a shot`, 'Use letters, digits, dots, dashes and underscores.');
  return {
    name: name ?? usualName(chain.inputs[0] ?? 'shot', [folder, ...words]),
    version,
    folder,
    words,
    attempts: retries + 1,
    stopsAtFailure: chain.common.onError === 'stop',
    submitted: new Date().toISOString(),
    steps: chain.steps.map(({ filter }) => filter),
    output: chain.common.output,
    missing,
  };
}

/** A name that people recognise, and that the same words in the same folder get again. */
function usualName(input: string, words: readonly string[]): string {
  const stem = basename(input)
    .replace(/\.exr$/i, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${stem || 'shot'}-${sha256(JSON.stringify(words)).slice(0, 6)}`;
}

async function sizeOf({ inputs }: Item): Promise<number> {
  const sizes = await Promise.all(inputs.map(async ({ path }) => (await stat(path).catch(() => undefined))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function introduce(
  { name }: Shot,
  frames: number | undefined,
  chunks: number,
  { jobs, durable, url }: OpenDesk,
  { reporter }: Session,
): Promise<void> {
  const what = frames === undefined ? 'fed with frames as they come' : `${frames} frames in ${chunks} chunks`;
  reporter.line(`shot ${name}: ${what}`);
  if (!durable)
    reporter.line(
      'note: this Redis forgets the queue when it restarts (appendonly is off); this run submits again what is lost',
    );
  if ((await jobs.workers()) === 0)
    reporter.line(printable(`note: no worker is there yet; start some with: exrpipe worker --redis ${url}`));
}
