import type { Room } from './rules.js';

/** Whether a path is this one or lies inside it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The innermost room a file is in. */
export function roomOf(file: string, rooms: readonly Room[]): Room | undefined {
  return rooms
    .filter(({ path }) => isInside(file, path))
    .reduce<Room | undefined>((best, room) => (best && best.path.length > room.path.length ? best : room), undefined);
}

/** `node:fs`, also when it is written as `fs`. */
export { isBuiltin as isNodeModule } from 'node:module';
