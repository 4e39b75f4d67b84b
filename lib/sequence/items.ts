import type { NamedInput } from '../io/pipeline.js';
import { ExrError } from '../model/error.js';
import { firstFew } from '../model/listed.js';
import { basename } from '../node/paths.js';
import type { MissingFrames } from './events.js';
import type { FoundFile, FoundSequence } from './find.js';
import { formatFrames, parseFrames } from './frames.js';
import type { MissingPolicy } from './options.js';

/** One frame to process: its files with the names that patterns and donors take from them. */
export interface Item {
  readonly frame: number | undefined;
  readonly view: string | undefined;
  readonly inputs: readonly NamedInput[];
  /** File name where outputs keep the names of their inputs. */
  readonly name: string;
}

export interface ItemPlan {
  readonly items: readonly Item[];
  readonly missing: readonly MissingFrames[];
}

export interface ItemOptions {
  /** In the requested order; by default all that exist. */
  readonly frames: readonly number[] | undefined;
  readonly missing: MissingPolicy;
  /** Whether a step joins the inputs: then they are matched frame by frame. */
  readonly joins: boolean;
}

/**
 * Turns what was found into frames.
 *
 * @throws ExrError of kind `usage` when frames are missing under `fail`.
 */
export function planItems(found: readonly FoundSequence[], options: ItemOptions): ItemPlan {
  const groups = options.joins ? [found] : found.map((sequence) => [sequence]);
  const wanted = options.frames && new Set(options.frames);
  const plans = groups.map((group) =>
    group.every(isConstant) ? planConstants(group, wanted) : planFrames(group, wanted, options.missing),
  );
  const missing = plans.flatMap((plan) => plan.missing);
  if (options.missing === 'fail' && missing.length > 0) throw framesMissing(missing);
  return { items: plans.flatMap(({ items }) => items), missing };
}

/** A single file, or one without a number: the same for every frame when inputs are joined. */
function isConstant({ kind, files }: FoundSequence): boolean {
  return kind === 'file' || (kind === 'listing' && files.every(({ frame }) => frame === undefined));
}

/** Inputs that are not sequences form one frame together; a range of frames excludes it if its number is not in the range. */
function planConstants(group: readonly FoundSequence[], wanted: ReadonlySet<number> | undefined): ItemPlan {
  const files = group.flatMap((sequence) => sequence.files);
  const [first] = files;
  if (!first || (wanted && (first.frame === undefined || !wanted.has(first.frame)))) return { items: [], missing: [] };
  return { items: [{ ...makeItem(files, undefined, undefined), frame: first.frame }], missing: [] };
}

/** One input's files for one view: by frame, or one file for every frame. */
interface Track {
  readonly input: string;
  readonly constant: FoundFile | undefined;
  readonly byFrame: ReadonlyMap<number, FoundFile>;
  readonly missing: number[];
}

/** Frames of inputs side by side, views within frames. */
function planFrames(
  group: readonly FoundSequence[],
  wanted: ReadonlySet<number> | undefined,
  policy: MissingPolicy,
): ItemPlan {
  const frames = wanted ? [...wanted] : framesThere(group);
  // A folder may hold more than the requested frames.
  const strangers = group.every(({ kind }) => kind === 'listing') && !group.some((one) => hasAny(one, frames));
  if (strangers) return { items: [], missing: [] };
  const views = viewsOf(group).map((view) => ({ view, tracks: group.map((sequence) => makeTrack(sequence, view)) }));
  const items: Item[] = [];
  for (const frame of frames)
    for (const { view, tracks } of views) {
      const files = tracks.map((track) => takeFrame(track, frame, policy)).filter((file) => file !== undefined);
      if (files.length === tracks.length) items.push(makeItem(files, frame, view));
    }
  const missing = views.flatMap(({ view, tracks }) =>
    tracks
      .filter((track) => track.missing.length > 0)
      .map(({ input, missing }) => ({
        input,
        view,
        frames: formatFrames(missing),
        policy: policy === 'hold' ? ('hold' as const) : ('skip' as const),
      })),
  );
  return { items, missing };
}

/** For a pattern every frame from the first to the last; for listings those that exist. */
function framesThere(group: readonly FoundSequence[]): readonly number[] {
  const there = new Set<number>();
  for (const sequence of group)
    if (!isConstant(sequence)) for (const { frame } of sequence.files) if (frame !== undefined) there.add(frame);
  const sorted = [...there].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || group.every(({ kind }) => kind !== 'pattern')) return sorted;
  return parseFrames(`${first}-${last}`);
}

function hasAny({ files }: FoundSequence, frames: readonly number[]): boolean {
  const wanted = new Set(frames);
  return files.some(({ frame }) => frame !== undefined && wanted.has(frame));
}

function viewsOf(group: readonly FoundSequence[]): (string | undefined)[] {
  const views = new Set(group.flatMap(({ files }) => files.flatMap(({ view }) => view ?? [])));
  return views.size > 0 ? [...views].sort() : [undefined];
}

function makeTrack(sequence: FoundSequence, view: string | undefined): Track {
  const own = sequence.files.filter((file) => file.view === undefined || file.view === view);
  return {
    input: sequence.input,
    constant: isConstant(sequence) ? own[0] : own.find(({ frame }) => frame === undefined),
    byFrame: new Map(own.flatMap((file) => (file.frame === undefined ? [] : [[file.frame, file]]))),
    missing: [],
  };
}

function takeFrame(track: Track, frame: number, policy: MissingPolicy): FoundFile | undefined {
  const file = track.constant ?? track.byFrame.get(frame);
  if (file) return file;
  track.missing.push(frame);
  return policy === 'hold' ? heldFile(track, frame) : undefined;
}

/** The nearest earlier frame, or the first one if there is none. */
function heldFile({ byFrame }: Track, frame: number): FoundFile | undefined {
  const numbers = [...byFrame.keys()];
  const held = numbers.findLast((number) => number < frame) ?? numbers[0];
  return held === undefined ? undefined : byFrame.get(held);
}

function makeItem(files: readonly FoundFile[], frame: number | undefined, view: string | undefined): Item {
  const inputs = files.map((file) => nameInput(file, frame, view));
  const [first] = files;
  const [named] = inputs;
  const name = basename(first?.path ?? '');
  return {
    frame,
    view,
    inputs,
    name: first?.digits && named?.frame ? replaceLast(name, first.digits, named.frame) : name,
  };
}

/** A held file takes the number of the frame it stands in for, padded like its own. */
function nameInput(file: FoundFile, frame: number | undefined, view: string | undefined): NamedInput {
  const { path, stem, digits } = file;
  const own = frame === undefined || digits === undefined || frame === file.frame;
  const number = own ? (digits ?? (frame === undefined ? undefined : String(frame))) : padLike(digits, frame);
  return { path, stem, frame: number, view: file.view ?? view };
}

function padLike(digits: string, frame: number): string {
  return (frame < 0 ? '-' : '') + String(Math.abs(frame)).padStart(digits.replace('-', '').length, '0');
}

function replaceLast(text: string, old: string, by: string): string {
  const at = text.lastIndexOf(old);
  return at < 0 ? text : text.slice(0, at) + by + text.slice(at + old.length);
}

function framesMissing(missing: readonly MissingFrames[]): ExrError {
  const list = missing.map(({ input, view, frames }) => `${input}${view === undefined ? '' : ` (${view})`}: ${frames}`);
  return new ExrError('usage', 'FRAMES_MISSING', `frames are missing: ${firstFew(list, '; ')}`, {
    hint: "Skip them (missing: 'skip'), hold the previous frame in their place (missing: 'hold'), or list the frames to process.",
  });
}
