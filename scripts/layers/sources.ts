import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Sources } from './read-imports.js';
import type { Room } from './rules.js';

/** The TypeScript sources of the folders that rooms are in. */
export async function readSources(root: string, rooms: readonly Room[]): Promise<Sources> {
  const folders = [...new Set(rooms.map(({ path }) => topFolder(path)))];
  const names = (await Promise.all(folders.map((folder) => sourceNames(root, folder)))).flat().sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(root, name), 'utf8')] as const)),
  );
}

/** Whole folders are read, lib and not its rooms, so that files in no room are found. */
function topFolder(path: string): string {
  return path.startsWith('openexr-wasm/') ? path : path.replace(/\/.*/, '');
}

async function sourceNames(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}
