import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { hasPartTokens, renderPath } from '../io/route.js';
import { defaultMemory } from '../io/write.js';
import { ExrError, withPlace } from '../model/error.js';
import { Claims } from './claims.js';
import { toEventError } from './event-error.js';
import type { EventError, FrameId, SequenceEvent, SequenceSummary, Unfinished } from './events.js';
import { type FrameHost, type FrameResult, type FrameSettings, readAheadBudget, type Target } from './frame.js';
import { FrameThreads } from './frame-threads.js';
import { formatFrames, parseFrames } from './frames.js';
import { Gate } from './gate.js';
import type { Item, ItemPlan } from './items.js';
import type { SequenceOptions } from './options.js';
import { type FrameRunner, localRunner } from './runner.js';
import { type ItemSource, ListSource, listItems } from './source.js';
import { canMakeSteps, moduleAddress, stepData } from './steps.js';
import { version } from './version.js';
import { WatchSource } from './watch.js';

/** Errors that every further frame would meet as well: going on would only repeat them. */
const fatalCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'FOLDER_GONE']);

/** Runs a chain over every frame of its inputs. See the module's index for what it throws and what it reports. */
export async function runSequence(options: SequenceOptions): Promise<SequenceSummary> {
  const began = performance.now();
  const settings = await makeSettings(options);
  const claims = new Claims();
  const { source, plan } = await openSource(options, settings, claims);
  // More would hide a little of the waiting for disks, and cost memory: what is young now would grow old in V8's eyes.
  const jobs = options.jobs ?? availableParallelism();
  const runner = await makeRunner(options, settings, jobs, plan?.items.length);
  const signal = followSignal(options.signal);
  const run = new Run(options, settings, claims, source, runner, jobs, signal);
  try {
    const { steps, output } = options;
    const names = steps.map(({ filter }) => filter);
    options.onEvent?.({ type: 'start', version, steps: names, output, jobs, threads: runner.threads });
    options.onEvent?.({
      type: 'plan',
      total: plan?.items.length ?? 0,
      frames: formatFrames(plan?.items.flatMap(({ frame }) => frame ?? []) ?? []),
      missing: plan?.missing ?? [],
    });
    await Promise.all(Array.from({ length: Math.min(jobs, plan?.items.length ?? jobs) }, () => run.lane()));
  } finally {
    await runner.close();
    await claims.sync();
  }
  const summary = run.summary(performance.now() - began);
  options.onEvent?.({ type: 'summary', ...summary });
  return summary;
}

async function makeSettings(options: SequenceOptions): Promise<FrameSettings> {
  const { inPlace = false, skipExisting = false, mark = true, steps } = options;
  if (inPlace && !mark && skipExisting)
    throw usage('in place, existing results can only be told by their mark', 'Leave mark on, or skipExisting off.');
  if (inPlace && steps.some(({ joins }) => joins)) throw usage('a chain that joins its inputs cannot work in place');
  return {
    target: await makeTarget(options),
    skipExisting,
    mark,
    strict: options.strict ?? false,
    dryRun: options.dryRun ?? false,
    allowLossy: options.allowLossy ?? false,
    level: options.level,
  };
}

async function makeTarget({ inPlace, output }: SequenceOptions): Promise<Target> {
  if (inPlace && output !== undefined) throw usage('an output and "in place" exclude each other');
  if (inPlace) return { kind: 'inPlace' };
  if (output === undefined) throw usage('a sequence needs an output', 'Name a folder or a pattern, or work in place.');
  const isFolder = /[\\/]$/.test(output) || (await stat(output).catch(() => undefined))?.isDirectory();
  return isFolder ? { kind: 'folder', folder: output } : { kind: 'pattern', pattern: output };
}

function usage(message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_SEQUENCE', message, hint === undefined ? {} : { hint });
}

/** Finds the frames, or begins to watch for them. */
async function openSource(
  options: SequenceOptions,
  settings: FrameSettings,
  claims: Claims,
): Promise<{ source: ItemSource; plan: ItemPlan | undefined }> {
  const { inputs, steps, missing = 'fail', watch } = options;
  const frames = options.frames === undefined ? undefined : parseFrames(options.frames);
  const joins = steps.some((step) => step.joins);
  if (watch) {
    const signal = options.signal ?? new AbortController().signal;
    const isOutput = (path: string) => claims.isOutput(path);
    return { source: new WatchSource({ inputs, items: { frames, joins }, watch, signal, isOutput }), plan: undefined };
  }
  const plan = await listItems(inputs, { frames, missing, joins });
  checkTargets(plan.items, settings.target);
  if (settings.target.kind !== 'inPlace')
    for (const item of plan.items) for (const { path } of item.inputs) await claims.addInput(path);
  return { source: new ListSource(plan.items), plan };
}

/** Where the outputs' names do not depend on what is in the files, all can be checked before work starts. */
function checkTargets(items: readonly Item[], target: Target): void {
  if (target.kind === 'inPlace' || (target.kind === 'pattern' && hasPartTokens(target.pattern))) return;
  const users = new Map<string, Item>();
  for (const item of items) {
    const { stem = '', frame } = item.inputs[0] ?? {};
    const path =
      target.kind === 'folder'
        ? item.name
        : renderPath(target.pattern, { stem, ...(frame !== undefined && { frame }) });
    const other = users.get(path);
    if (other)
      throw new ExrError('usage', 'OUTPUT_TWICE', `${items.length} frames, but several would be written to ${path}`, {
        hint: 'Put {frame} (or ####) into the output pattern, and {stem} or {view} where there are several.',
      });
    users.set(path, item);
  }
}

/** Bytes for each frame, when all lanes have one. */
function memoryShare({ memory }: SequenceOptions, jobs: number): number {
  const all = memory ?? defaultMemory * Math.min(jobs, availableParallelism());
  return Math.max(1, Math.floor(all / jobs));
}

/** Whole frames on threads of their own where that is possible and there are enough of them to fill the cores. */
async function makeRunner(
  options: SequenceOptions,
  settings: FrameSettings,
  jobs: number,
  frames = Number.POSITIVE_INFINITY,
): Promise<FrameRunner> {
  const { steps, filters } = options;
  const cores = availableParallelism();
  const address = filters === undefined ? undefined : moduleAddress(filters);
  const enough = jobs > 1 && Math.min(jobs, frames) >= Math.min(cores, jobs);
  if (address === undefined || !enough || !(await canMakeSteps(address, steps))) return localRunner(steps, settings);
  const setup = { filters: address, steps: stepData(steps), settings, share: memoryShare(options, jobs) };
  return new FrameThreads(Math.min(cores, jobs), setup);
}

/** A signal of the run's own: many frames and jobs listen to it at once, which Node takes for a leak when a caller's is used. */
function followSignal(signal: AbortSignal | undefined): AbortSignal {
  const own = signal ? AbortSignal.any([signal]) : new AbortController().signal;
  setMaxListeners(0, own);
  return own;
}

class Run {
  readonly #signal: AbortSignal;
  readonly #options: SequenceOptions;
  readonly #settings: FrameSettings;
  readonly #claims: Claims;
  readonly #source: ItemSource;
  readonly #runner: FrameRunner;
  readonly #gate: Gate;
  readonly #share: number;
  readonly #done: number[] = [];
  readonly #existing: number[] = [];
  readonly #skipped: Unfinished[] = [];
  readonly #failed: Unfinished[] = [];
  readonly #aborted: Item[] = [];
  #doneCount = 0;
  #existingCount = 0;
  #begun = 0;
  #bytes = 0;
  #stopped: SequenceSummary['stopped'];

  constructor(
    options: SequenceOptions,
    settings: FrameSettings,
    claims: Claims,
    source: ItemSource,
    runner: FrameRunner,
    jobs: number,
    signal: AbortSignal,
  ) {
    this.#signal = signal;
    this.#options = options;
    this.#settings = settings;
    this.#claims = claims;
    this.#source = source;
    this.#runner = runner;
    this.#share = memoryShare(options, jobs);
    this.#gate = new Gate(this.#share * jobs);
  }

  /** Takes one frame after the other until there are none, or the run is over. Never throws. */
  async lane(): Promise<void> {
    for (;;) {
      if (this.#signal.aborted) this.#stopped ??= 'signal';
      if (this.#stopped) return;
      const item = await this.#source.next();
      if (!item) return;
      if (this.#stopped || this.#signal.aborted) this.#aborted.push(item);
      else await this.#frame(item);
    }
  }

  async #frame(item: Item): Promise<void> {
    const { frame, view } = item;
    const id: FrameId = { index: this.#begun++, frame, view, inputs: item.inputs.map(({ path }) => path) };
    const began = performance.now();
    // Every frame begins with its share; only one that needs more has to ask and perhaps to wait.
    let taken = this.#share;
    const host: FrameHost = {
      signal: this.#signal,
      claim: (paths) => this.#claims.claim(paths, id.index, this.#settings.target.kind === 'inPlace'),
      admit: async (largest) => {
        if (largest > taken) {
          this.#gate.release(taken);
          await this.#gate.take(largest);
          taken = largest;
        }
        return readAheadBudget(taken, largest);
      },
      notice: (notice) => this.#emit({ type: 'notice', index: id.index, frame, ...notice }),
      progress: (done, bytes) => this.#emit({ type: 'progress', index: id.index, done, bytes }),
    };
    this.#emit({ type: 'frame-start', ...id });
    await this.#gate.take(taken);
    try {
      // A list's inputs are known before the first frame; a watching run hears of them one by one.
      if (this.#settings.target.kind !== 'inPlace') for (const path of id.inputs) await this.#claims.addInput(path);
      const result = await this.#runner.run(item, host);
      this.#finished(id, result, performance.now() - began);
    } catch (error) {
      if (this.#signal.aborted) this.#aborted.push(item);
      else this.#failedFrame(id, error);
    } finally {
      this.#gate.release(taken);
    }
  }

  #finished(id: FrameId, result: FrameResult, milliseconds: number): void {
    const { files } = result;
    if (result.kind === 'existing') {
      this.#existingCount += 1;
      if (id.frame !== undefined) this.#existing.push(id.frame);
      this.#emit({ type: 'frame-skipped', ...id, reason: 'existing', files, error: undefined });
      return;
    }
    this.#doneCount += 1;
    if (id.frame !== undefined) this.#done.push(id.frame);
    this.#bytes += result.bytes;
    const { parts, bytes, inputBytes } = result;
    this.#emit({ type: 'frame-done', ...id, files, parts, bytes, inputBytes, milliseconds });
  }

  #failedFrame(id: FrameId, cause: unknown): void {
    const error = toEventError(id.frame === undefined ? cause : withPlace(cause, { frame: id.frame }));
    const { onError = 'continue' } = this.#options;
    if (onError === 'skip') {
      this.#skipped.push({ ...id, error });
      this.#emit({ type: 'frame-skipped', ...id, reason: 'failed', files: [], error });
    } else {
      this.#failed.push({ ...id, error });
      this.#emit({ type: 'frame-failed', ...id, error });
    }
    if (onError === 'stop' || isFatal(error)) this.#stopped ??= 'error';
  }

  summary(milliseconds: number): SequenceSummary {
    if (this.#signal.aborted) this.#stopped ??= 'signal';
    const left = [...this.#aborted, ...this.#source.waiting];
    return {
      done: this.#doneCount,
      doneFrames: formatFrames(this.#done),
      existing: this.#existingCount,
      existingFrames: formatFrames(this.#existing),
      skipped: this.#skipped,
      failed: this.#failed,
      left: left.length,
      leftFrames: formatFrames(left.flatMap(({ frame }) => frame ?? [])),
      stopped: this.#stopped,
      bytes: this.#bytes,
      milliseconds,
    };
  }

  #emit(event: SequenceEvent): void {
    this.#options.onEvent?.(event);
  }
}

function isFatal({ code }: EventError): boolean {
  return fatalCodes.has(code);
}
