import { isInside } from './rooms.js';
import type { Room } from './rules.js';

/** How tsconfig.portable.json, which keeps Node's globals away, differs from the portable rooms that have files. */
export function portableComplaints(tsconfig: string, files: readonly string[], rooms: readonly Room[]): string[] {
  const { include, exclude = [] } = JSON.parse(tsconfig) as { include: readonly string[]; exclude?: readonly string[] };
  const portable = rooms
    .filter((room) => room.portable && files.some((file) => isInside(file, room.path)))
    .map(({ path }) => path);
  return [
    ...portable.filter((path) => !include.includes(path)).map((path) => `does not include ${path}, which is portable`),
    ...include.filter((path) => !portable.includes(path)).map((path) => `includes ${path}, which is no portable room`),
    ...exclude.map((path) => `excludes ${path}`),
  ].map((text) => `tsconfig.portable.json ${text}`);
}
