/** The setup of a run before its first frame. */
import { makeLimits } from '../format/limits.js';
import { formatOf } from '../io/formats.js';
import { hasPartTokens, renderPath } from '../io/route.js';
import { defaultMemory } from '../io/write.js';
import { ExrError } from '../model/error.js';
import { isFolder } from '../node/files.js';
import { moduleAddress } from '../node/modules.js';
import { join } from '../node/paths.js';
import { coreCount } from '../node/thread.js';
import { type Claims, outputIsInput, tellApart } from './claims.js';
import type { FrameSettings, Target } from './frame.js';
import { FrameThreads } from './frame-threads.js';
import { parseFrames } from './frames.js';
import type { Item, ItemPlan } from './items.js';
import type { SequenceOptions } from './options.js';
import { type FrameRunner, localRunner } from './runner.js';
import { type ItemSource, ListSource, listItems } from './source.js';
import { canMakeSteps, stepData } from './steps.js';
import { WatchSource } from './watch.js';

/**
 * Checks the options and returns the settings common to all frames.
 *
 * @throws ExrError of kind `usage`.
 */
export async function makeSettings(options: SequenceOptions): Promise<FrameSettings> {
  const { inPlace = false, skipExisting = false, mark = true, steps } = options;
  if (inPlace && !mark && skipExisting)
    throw usage(
      'in place, existing results can only be recognised by their mark',
      'Keep mark on, or turn skipExisting off.',
    );
  if (inPlace && steps.some(({ joins }) => joins)) throw usage('a chain that joins its inputs cannot work in place');
  return {
    target: await makeTarget(options),
    skipExisting,
    mark,
    strict: options.strict ?? false,
    dryRun: options.dryRun ?? false,
    allowLossy: options.allowLossy ?? false,
    for: options.for,
    level: options.level,
    limits: options.limits && makeLimits(options.limits),
    plugins: await Promise.all((options.plugins ?? []).map((name) => moduleAddress(name, '.'))),
  };
}

async function makeTarget({ inPlace, output }: SequenceOptions): Promise<Target> {
  if (inPlace && output !== undefined) throw usage('an output and "in place" exclude each other');
  if (inPlace) return { kind: 'inPlace' };
  if (output === undefined) throw usage('a sequence needs an output', 'Name a folder or a pattern, or work in place.');
  if (/[\\/]$/.test(output) || (await isFolder(output))) return { kind: 'folder', folder: output };
  formatOf(output);
  return { kind: 'pattern', pattern: output };
}

function usage(message: string, hint?: string): ExrError {
  return new ExrError('usage', 'BAD_SEQUENCE', message, hint === undefined ? {} : { hint });
}

/** Finds the frames, or starts watching for them, in which case there is no plan. */
export async function openSource(
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
  if (settings.target.kind !== 'inPlace') {
    await Promise.all(plan.items.flatMap((item) => item.inputs.map(({ path }) => claims.addInput(path))));
    await checkTargets(plan.items, settings.target, claims);
  }
  return { source: new ListSource(plan.items), plan };
}

/**
 * Checks all frames' names before any file is opened: no two write one file, and none overwrites an input. Names that depend on
 * the contents of files are checked only as far as they do not; the rest is checked when each frame claims its files.
 */
async function checkTargets(
  items: readonly Item[],
  target: Exclude<Target, { kind: 'inPlace' }>,
  claims: Claims,
): Promise<void> {
  const spread = hasPartTokens(target.kind === 'pattern' ? target.pattern : target.folder);
  const users = new Map<string, Item>();
  for (const item of items) {
    const path = targetPath(item, target, spread);
    const other = users.get(path);
    // Files with different names may well hold different layers; frames of one sequence hold the same ones.
    if (other && (!spread || (item.frame !== undefined && item.inputs[0]?.stem === other.inputs[0]?.stem)))
      throw new ExrError('usage', 'OUTPUT_TWICE', `${items.length} frames, but several would be written to ${path}`, {
        hint: tellApart,
      });
    users.set(path, item);
  }
  if (spread) return;
  const paths = [...users.keys()];
  const clashes = await Promise.all(paths.map((path) => claims.isInput(path)));
  const first = paths[clashes.indexOf(true)];
  if (first !== undefined) throw outputIsInput(first, clashes.filter(Boolean).length);
}

/** Where a frame goes, as far as that is known; tokens that depend on its file's contents are kept. */
function targetPath(item: Item, target: Exclude<Target, { kind: 'inPlace' }>, spread: boolean): string {
  if (target.kind === 'folder' && !spread) return join(target.folder, item.name);
  const { stem = '', frame } = item.inputs[0] ?? {};
  return renderPath(target.kind === 'folder' ? join(target.folder, item.name) : target.pattern, {
    layer: '{layer}',
    name: '{name}',
    part: '{part}',
    view: item.view ?? '{view}',
    stem,
    ...(frame !== undefined && { frame }),
  });
}

/**
 * Frames in progress at once: half as many again as cores, so that a core has something to do while its frame waits for files.
 * With more, frames take so long that V8 promotes what they hold to the old generation, and memory grows.
 */
export function usualJobs(): number {
  return Math.ceil(coreCount() * 1.5);
}

/** Bytes for each frame when all lanes are busy. */
export function memoryShare({ memory }: SequenceOptions, jobs: number): number {
  const all = memory ?? defaultMemory * Math.min(jobs, coreCount());
  return Math.max(1, Math.floor(all / jobs));
}

/** Whole frames on threads of their own, if possible and if there are enough of them to keep the cores busy. */
export async function makeRunner(
  options: SequenceOptions,
  settings: FrameSettings,
  jobs: number,
  frames = Number.POSITIVE_INFINITY,
): Promise<FrameRunner> {
  const { steps, filters } = options;
  const cores = coreCount();
  const modules = [...(filters === undefined ? [] : [filters]), ...settings.plugins];
  const enough = jobs > 1 && Math.min(jobs, frames) >= Math.min(cores, jobs);
  if (modules.length === 0 || !enough) return localRunner(steps, settings);
  const addresses = await Promise.all(modules.map((name) => moduleAddress(name, '.')));
  if (!(await canMakeSteps(addresses, steps))) return localRunner(steps, settings);
  const setup = { filters: addresses, steps: stepData(steps), settings, share: memoryShare(options, jobs) };
  return new FrameThreads(Math.min(cores, jobs), setup);
}
