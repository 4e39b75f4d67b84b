import { dirname } from 'node:path';
import type { Import } from './read-imports.js';
import { isInside, isNodeModule, roomOf } from './rooms.js';
import type { Room } from './rules.js';

/** What the rules have against these imports, one line each. */
export function complaints(imports: readonly Import[], rooms: readonly Room[]): string[] {
  const found = imports.flatMap((own) => {
    const why = complaint(own, rooms);
    return why === undefined ? [] : [`${own.file}:${own.line} imports ${own.target}: ${why}`];
  });
  return [...homeless(imports, rooms), ...found];
}

function complaint(own: Import, rooms: readonly Room[]): string | undefined {
  const from = roomOf(own.file, rooms);
  if (!from) return undefined;
  if (own.kind === 'file') return fileComplaint(from, own.target, roomOf(own.target, rooms));
  if (isNodeModule(own.target)) return nodeComplaint(from, rooms);
  return packageComplaint(from, own, rooms);
}

function fileComplaint(from: Room, target: string, to: Room | undefined): string | undefined {
  if (from === to) return undefined;
  if (from.only)
    return from.only.some((path) => isInside(target, path))
      ? undefined
      : `${from.path} may import nothing but ${from.only.join(', ')}`;
  if (from.entries && isInside(target, 'lib') && !from.entries.includes(target))
    return `of lib, ${from.path} may import nothing but ${from.entries.join(', ')}`;
  // A file outside all rooms is reported once, not with everything that imports it.
  if (!to || to.rank < from.rank) return undefined;
  return `${from.path} (${from.rank}) may import from smaller ranks only, and ${to.path} is ${to.rank}`;
}

function nodeComplaint(from: Room, rooms: readonly Room[]): string | undefined {
  if (from.node) return undefined;
  const house = from.path.replace(/\/.*/, '');
  return withHint(
    `${from.path} may not import Node's modules`,
    rooms.filter(({ path, node }) => node && isInside(path, house)),
  );
}

function packageComplaint(from: Room, { target, how }: Import, rooms: readonly Room[]): string | undefined {
  if (from.around) return undefined;
  const allowed = from.packages?.[target];
  if (allowed === 'any' || (allowed === 'types' && how === 'types')) return undefined;
  return withHint(
    `${from.path} may ${allowed === 'types' ? 'import its types only' : 'not import this package'}`,
    rooms.filter(({ packages }) => packages?.[target] === 'any'),
  );
}

function withHint(text: string, others: readonly Room[]): string {
  return others.length === 0 ? text : `${text}; ${others.map(({ path }) => path).join(', ')} may`;
}

/** Folders with files that are in no room. */
function homeless(imports: readonly Import[], rooms: readonly Room[]): string[] {
  const files = imports.flatMap(({ file, target, kind }) => (kind === 'file' ? [file, target] : [file]));
  const folders = files.filter((file) => !roomOf(file, rooms)).map((file) => dirname(file));
  return [...new Set(folders)].map((folder) => `${folder} is in no room of scripts/layers/rules.ts`);
}
