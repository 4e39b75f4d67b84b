/** The files of a check's shots. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/blender/', import.meta.url));
/** Frames that Blender rendered, so that not all of a shot are alike. */
const samples = ['b5_direct_nasty_FG_elements', 'b5_direct_Chars', 'b2_main_dot', 'b3_partial_material_lost'].map(
  (name) => join(fixtures, `${name}.0001.exr`),
);

export class Trouble extends Error {}

export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Trouble(what);
}

export function frameName(frame: number): string {
  return `shot.${String(frame).padStart(4, '0')}.exr`;
}

export function copyFrame(folder: string, frame: number): void {
  cpSync(samples[frame % samples.length] as string, join(folder, frameName(frame)));
}

/** A shot with one damaged and one missing frame. */
export function makeShot(
  folder: string,
  frames: number,
  { damaged, missing }: { damaged: number; missing: number },
): void {
  mkdirSync(folder, { recursive: true });
  for (let frame = 1; frame <= frames; frame++) if (frame !== missing) copyFrame(folder, frame);
  truncateSync(join(folder, frameName(damaged)), 20_000);
}

/** All files below a folder, by their paths in it. */
export function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

/** The same files, byte for byte, and no temporary one. */
export function expectSame(folder: string, other: string): void {
  const [names, others] = [files(folder), files(other)];
  const strays = names.filter((name) => basename(name).startsWith('.'));
  expect(strays.length === 0, `left behind: ${strays.slice(0, 3)}`);
  const lacking = others.filter((name) => !names.includes(name));
  expect(
    names.join() === others.join(),
    `${names.length} files instead of ${others.length}; missing: ${lacking.slice(0, 5)}`,
  );
  for (const name of names)
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(other, name))), `${name} differs`);
}

/** Waits until so many outputs are there. */
export async function outputs(folder: string, count: number): Promise<void> {
  while (files(folder).filter((name) => name.endsWith('.exr') && !basename(name).startsWith('.')).length < count)
    await sleep(20);
}
