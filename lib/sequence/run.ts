import { jsonFormat } from '../model/json-format.js';
import { expectListeners } from '../node/signals.js';
import { version } from '../node/version.js';
import { Claims } from './claims.js';
import type { FrameId, SequenceEvent, SequenceSummary } from './events.js';
import { type FrameHost, type FrameResult, readAheadBudget } from './frame.js';
import { formatFrames } from './frames.js';
import { Gate } from './gate.js';
import type { Item } from './items.js';
import { Listener } from './listener.js';
import type { SequenceOptions } from './options.js';
import { RoomWatch } from './room.js';
import type { FrameRunner } from './runner.js';
import { makeRunner, makeSettings, memoryShare, openSource, usualJobs } from './setup.js';
import type { ItemSource } from './source.js';
import { checkSurveys, surveyed } from './survey.js';
import { Tally } from './tally.js';

/** Errors that every further frame would hit as well: continuing would only repeat them. */
const fatalCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'FOLDER_GONE']);

/** Runs a chain over every frame of its inputs. See the module's index for what it throws and what it reports. */
export async function runSequence(given: SequenceOptions): Promise<SequenceSummary> {
  const began = performance.now();
  const listener = new Listener(given);
  const { tell, signal } = listener;
  const options = { ...given, onEvent: tell, signal };
  const { steps, output, dryRun = false } = options;
  checkSurveys(options);
  const settings = await makeSettings(options);
  const claims = new Claims();
  const { source, plan } = await openSource(options, settings, claims);
  const jobs = options.jobs ?? usualJobs();
  let runner = await makeRunner(options, settings, jobs, plan?.items.length);
  let run: Run;
  try {
    const names = steps.map(({ filter }) => filter);
    tell({ type: 'start', format: jsonFormat, version, steps: names, output, jobs, threads: runner.threads, dryRun });
    tell({
      type: 'plan',
      total: plan?.items.length ?? 0,
      frames: formatFrames(plan?.items.flatMap(({ frame }) => frame ?? []) ?? []),
      missing: plan?.missing ?? [],
    });
    const known = await surveyed(options);
    if (known !== steps) {
      // No thread of it has been started yet.
      await runner.close();
      runner = await makeRunner({ ...options, steps: known }, settings, jobs, plan?.items.length);
    }
    run = new Run(options, { claims, source, runner, share: memoryShare(options, jobs), jobs });
    await run.lanes(Math.min(jobs, plan?.items.length ?? jobs));
  } finally {
    await runner.close();
  }
  listener.check();
  const summary = run.summary(performance.now() - began);
  tell({ type: 'summary', ...summary });
  listener.check();
  return summary;
}

interface RunParts {
  readonly claims: Claims;
  readonly source: ItemSource;
  readonly runner: FrameRunner;
  /** Bytes of memory for each frame. */
  readonly share: number;
  readonly jobs: number;
}

class Run {
  readonly #options: SequenceOptions;
  readonly #parts: RunParts;
  readonly #gate: Gate;
  readonly #signal: AbortSignal;
  /** Aborted by whatever ends the run without being a frame's failure. */
  readonly #fault = new AbortController();
  readonly #tally = new Tally();
  readonly #room = new RoomWatch();
  #begun = 0;
  #stopped: SequenceSummary['stopped'];

  constructor(options: SequenceOptions, parts: RunParts) {
    this.#options = options;
    this.#parts = parts;
    this.#gate = new Gate(parts.share * parts.jobs);
    this.#signal = followSignals([this.#fault.signal, ...(options.signal ? [options.signal] : [])]);
  }

  /**
   * Processes all frames, `count` at once. Throws what ends the run without being a frame's failure, once nothing is running: the
   * frames in progress are aborted first, and their temporary files removed.
   */
  async lanes(count: number): Promise<void> {
    const lanes = Array.from({ length: count }, async () => {
      try {
        await this.#lane();
      } catch (error) {
        this.#fault.abort(error);
      }
    });
    await Promise.all(lanes);
    this.#fault.signal.throwIfAborted();
  }

  /** Takes one frame after the other until there are none, or the run is over. A frame's failure is not an error here. */
  async #lane(): Promise<void> {
    while (!this.#isOver()) {
      const item = await this.#parts.source.next();
      if (!item) return;
      if (this.#isOver()) this.#tally.aborted(item);
      else await this.#frame(item);
    }
  }

  summary(milliseconds: number): SequenceSummary {
    this.#isOver();
    const { dryRun = false } = this.#options;
    return { dryRun, ...this.#tally.summary(this.#parts.source.waiting, this.#stopped, milliseconds) };
  }

  #isOver(): boolean {
    if (this.#signal.aborted) this.#stopped ??= 'signal';
    return this.#stopped !== undefined;
  }

  async #frame(item: Item): Promise<void> {
    const { frame, view } = item;
    const id: FrameId = { index: this.#begun++, frame, view, inputs: item.inputs.map(({ path }) => path) };
    const began = performance.now();
    const { claims, runner, share } = this.#parts;
    const { inPlace = false } = this.#options;
    // Every frame begins with its share; only one that needs more has to request it and perhaps wait.
    const lease = this.#gate.lease();
    const giveUp = () => lease.end(this.#signal.reason);
    const host: FrameHost = {
      signal: this.#signal,
      claim: (paths, kind) => claims.claim(paths, kind, id.index, inPlace),
      admit: async (largest) => {
        if (largest > lease.bytes) await lease.take(largest);
        return readAheadBudget(lease.bytes, largest);
      },
      notice: (notice) => this.#emit({ type: 'notice', index: id.index, frame, ...notice }),
      progress: (done, bytes) => this.#emit({ type: 'progress', index: id.index, done, bytes }),
    };
    this.#emit({ type: 'frame-start', ...id });
    this.#signal.addEventListener('abort', giveUp, { once: true });
    let result: FrameResult;
    try {
      await lease.take(share);
      // A list's inputs are known before the first frame; a watching run learns of them one by one.
      if (!inPlace) for (const path of id.inputs) await claims.addInput(path);
      // A signal aborted while the frame waited would not fire again.
      this.#signal.throwIfAborted();
      result = await runner.run(item, host);
    } catch (error) {
      if (this.#signal.aborted) this.#tally.aborted(item);
      else this.#failed(id, error);
      return;
    } finally {
      this.#signal.removeEventListener('abort', giveUp);
      lease.end();
    }
    this.#finished(id, result, performance.now() - began);
    await this.#checkRoom(id, result);
  }

  #finished(id: FrameId, result: FrameResult, milliseconds: number): void {
    const { files } = result;
    if (result.kind === 'existing') {
      this.#tally.existing(id);
      this.#emit({ type: 'frame-skipped', ...id, reason: 'existing', files, error: undefined });
      return;
    }
    const { parts, bytes, inputBytes } = result;
    this.#tally.done(id, bytes);
    this.#emit({ type: 'frame-done', ...id, files, parts, bytes, inputBytes, milliseconds });
  }

  /** A full disk should not be discovered only after hours of work. */
  async #checkRoom({ index, frame }: FrameId, result: FrameResult): Promise<void> {
    const { source, claims } = this.#parts;
    if (result.kind === 'existing' || claims.replaces(index)) return this.#room.stop();
    const message = await this.#room.written(result.files, result.bytes, source.waiting.length);
    if (message !== undefined)
      this.#emit({ type: 'notice', index, frame, level: 'warning', code: 'LITTLE_ROOM', message });
  }

  #failed(id: FrameId, cause: unknown): void {
    const { onError = 'continue' } = this.#options;
    const error = this.#tally.failed(id, cause, onError === 'skip');
    if (onError === 'skip') this.#emit({ type: 'frame-skipped', ...id, reason: 'failed', files: [], error });
    else this.#emit({ type: 'frame-failed', ...id, error });
    if (onError === 'stop' || fatalCodes.has(error.code)) this.#stopped ??= 'error';
  }

  #emit(event: SequenceEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** A signal of the run's own, to which many frames and jobs listen at once. */
function followSignals(signals: readonly AbortSignal[]): AbortSignal {
  const own = AbortSignal.any([...signals]);
  expectListeners(own);
  return own;
}
