import { lookAt } from '../node/files.js';
import { sleep } from '../node/signals.js';
import { readWholeHeader } from '../node/whole.js';
import { findInput } from './find.js';
import { parseFrames } from './frames.js';
import { type Item, type ItemOptions, planItems } from './items.js';
import type { WatchOptions } from './options.js';
import type { ItemSource } from './source.js';

export interface WatchSetup {
  readonly inputs: readonly string[];
  readonly items: Omit<ItemOptions, 'missing'>;
  readonly watch: WatchOptions;
  readonly signal: AbortSignal;
  /** Whether a file is an output of this run: in a folder that is both read and written, those are not new frames. */
  readonly isOutput: (path: string) => Promise<boolean>;
}

/**
 * Frames as a renderer finishes them. Folders are polled, because notifications do not work across shared storage. A file is
 * finished when two polls find it unchanged and its tables lead to chunks inside it.
 */
export class WatchSource implements ItemSource {
  readonly #setup: WatchSetup;
  readonly #given = new Set<string>();
  /** Size and time of each file in the last poll. */
  #seen: ReadonlyMap<string, string> = new Map();
  #ready: Item[] = [];
  #unfinished: readonly Item[] = [];
  #lastNews = performance.now();
  #turn: Promise<Item | undefined> = Promise.resolve(undefined);

  constructor(setup: WatchSetup) {
    this.#setup = setup;
  }

  get waiting(): readonly Item[] {
    return [...this.#ready, ...this.#unfinished];
  }

  /** One poll at a time, however many callers wait. */
  next(): Promise<Item | undefined> {
    this.#turn = this.#turn.then(() => this.#next());
    return this.#turn;
  }

  async #next(): Promise<Item | undefined> {
    const { watch, signal } = this.#setup;
    while (!signal.aborted) {
      const over = this.#ready.length === 0 && (await this.#look());
      const item = this.#ready.shift();
      if (item) return item;
      if (over || this.#isIdle()) return undefined;
      await sleep((watch.interval ?? 1) * 1000, signal);
    }
    return undefined;
  }

  #isIdle(): boolean {
    const { idle } = this.#setup.watch;
    return idle !== undefined && performance.now() - this.#lastNews > idle * 1000;
  }

  /** Looks for finished frames. True once all expected ones have been handed out. */
  async #look(): Promise<boolean> {
    const { inputs, items } = this.#setup;
    const found = (await Promise.all(inputs.map((input) => findInput(input).catch(() => [])))).flat();
    const present = found.flatMap(({ files }) => files.flatMap(({ frame }) => frame ?? []));
    const frames = items.frames ?? this.#expected(present);
    const plan = planItems(found, { ...items, frames, missing: 'skip' });
    const fresh: Item[] = [];
    for (const item of plan.items) if (!this.#given.has(itemKey(item)) && !(await this.#isOwn(item))) fresh.push(item);
    const seen = await look(fresh);
    const finished = await Promise.all(fresh.map((item) => this.#isFinished(item, seen)));
    this.#ready = fresh.filter((_, at) => finished[at]);
    this.#unfinished = fresh.filter((_, at) => !finished[at]);
    for (const item of this.#ready) this.#given.add(itemKey(item));
    if (this.#ready.length > 0 || [...seen].some(([path, state]) => this.#seen.get(path) !== state))
      this.#lastNews = performance.now();
    this.#seen = seen;
    return frames !== undefined && plan.missing.length === 0 && fresh.length === this.#ready.length && found.length > 0;
  }

  /** With a given last frame, all from the first existing one to that one. */
  #expected(present: readonly number[]): number[] | undefined {
    const { until } = this.#setup.watch;
    if (until === undefined) return undefined;
    return parseFrames(`${present.reduce((a, b) => Math.min(a, b), until)}-${until}`);
  }

  async #isOwn(item: Item): Promise<boolean> {
    for (const { path } of item.inputs) if (await this.#setup.isOutput(path)) return true;
    return false;
  }

  async #isFinished(item: Item, seen: ReadonlyMap<string, string>): Promise<boolean> {
    for (const { path } of item.inputs) {
      const state = seen.get(path);
      if (state === undefined || state !== this.#seen.get(path)) return false;
    }
    for (const { path } of item.inputs) if (!(await readWholeHeader(path).catch(() => undefined))) return false;
    return true;
  }
}

async function look(items: readonly Item[]): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  for (const { inputs } of items)
    for (const { path } of inputs) {
      const stats = await lookAt(path);
      if (stats) seen.set(path, `${stats.size} ${stats.mtimeMs}`);
    }
  return seen;
}

function itemKey({ frame, view, inputs }: Item): string {
  return [frame, view, ...inputs.map(({ path }) => path)].join('\n');
}
