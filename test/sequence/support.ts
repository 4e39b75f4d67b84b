import { copyFile, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Test } from 'tap';
import { defineFilter, type InputInfo } from '../../lib/index.js';
import { readWholeHeader } from '../../lib/node/whole.js';
import type { SequenceEvent, SequenceSummary } from '../../lib/sequence/index.js';
import { fixturePath } from '../support.js';

/** Filters that frame threads can load. */
export const filtersModule = new URL('../../filters/index.js', import.meta.url);

/** A real frame of 18 kB: one Cryptomatte-less half float part, written by Blender. */
export const smallFrame = fixturePath('blender/b1_direct_half.0001.exr');

/** Copies of a small frame under the names of a sequence. */
export async function makeFrames(
  folder: string,
  frames: readonly number[],
  name: (frame: number) => string = (frame) => `shot.${String(frame).padStart(4, '0')}.exr`,
  from = smallFrame,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const frame of frames) await copyFile(from, join(folder, name(frame)));
}

export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** All files below a folder with their content, by path within it. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const tree: Record<string, string> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    tree[path.slice(folder.length + 1)] = (await readFile(path)).toString('base64');
  }
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Collects events, and picks those of one type. */
export function listener(): {
  readonly onEvent: (event: SequenceEvent) => void;
  readonly events: SequenceEvent[];
  of<Type extends SequenceEvent['type']>(type: Type): Extract<SequenceEvent, { type: Type }>[];
} {
  const events: SequenceEvent[] = [];
  return {
    onEvent: (event) => void events.push(event),
    events,
    of: (type) => events.filter((event): event is Extract<SequenceEvent, { type: typeof type }> => event.type === type),
  };
}

/** A step of no module: makes a warning and a note, and can be told to fail for one frame. */
export const grumble = defineFilter({
  name: 'grumble',
  summary: 'test',
  description: 'test',
  examples: [],
  options: { failAt: { type: 'text', summary: 'frame as written' } },
  header(header, { failAt }, context) {
    context.warn('GRUMBLE', 'something is odd');
    context.note('HUM', 'all is well');
    if (failAt !== undefined && context.inputs[0]?.frame === failAt) throw new Error('this frame is no good');
    return header;
  },
});

/** What became of the frames, by numbers. */
export function outcome(summary: SequenceSummary) {
  const { doneFrames, existingFrames, skipped, failed, leftFrames, stopped } = summary;
  const numbers = (list: SequenceSummary['failed']) => list.map(({ frame, error }) => `${frame} ${error.code}`).sort();
  return {
    ...(doneFrames !== '' && { done: doneFrames }),
    ...(existingFrames !== '' && { existing: existingFrames }),
    ...(skipped.length > 0 && { skipped: numbers(skipped) }),
    ...(failed.length > 0 && { failed: numbers(failed) }),
    ...(leftFrames !== '' && { left: leftFrames }),
    ...(stopped && { stopped }),
  };
}

/** Files that are no outputs: whatever a killed run has left. */
export async function strays(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => basename(name).startsWith('.'));
}

/** Outputs that are cut off or damaged. */
export async function halves(folder: string): Promise<string[]> {
  const bad: string[] = [];
  for (const name of await readdir(folder, { recursive: true }).catch(() => []))
    if (name.endsWith('.exr') && !(await readWholeHeader(join(folder, name)))) bad.push(name);
  return bad;
}

/** A step that does something and changes nothing. */
const doing = (happen: (input: InputInfo | undefined) => void | Promise<void>) =>
  defineFilter({
    name: 'mishap',
    summary: 'test',
    description: 'test',
    examples: [],
    options: {},
    async header(header, _, { inputs }) {
      await happen(inputs[0]);
      return header;
    },
  })({});

/** One that does something to the files of one frame. */
export const mishap = (frame: string, happen: (path: string) => void | Promise<void>) =>
  doing((input) => (input?.frame === frame ? happen(input.path ?? '') : undefined));

/** The same for a single frame. */
export const mishapAlways = (happen: () => void | Promise<void>) => doing(() => happen());

type Write = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** What all open files write with, to be replaced. */
export async function fileHandles(): Promise<{ write: Write }> {
  const handle = await open(smallFrame);
  await handle.close();
  return Object.getPrototypeOf(handle) as { write: Write };
}

/** Has something happen before bytes are next written to a file, once it was asked for: when a frame's output is open. */
export async function beforeWriting(t: Test): Promise<(happen: () => void | Promise<void>) => void> {
  const prototype = await fileHandles();
  const { write } = prototype;
  let armed: (() => void | Promise<void>) | undefined;
  t.intercept(prototype, 'write', {
    async value(this: unknown, ...args: unknown[]) {
      const happen = armed;
      armed = undefined;
      await happen?.();
      return write.apply(this, args);
    },
  });
  return (happen) => {
    armed = happen;
  };
}
