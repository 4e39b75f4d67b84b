import { code, table } from '../markdown.js';
import type { Import } from './read-imports.js';
import { isInside, isNodeModule, roomOf } from './rooms.js';
import type { Room } from './rules.js';

const begin = '<!-- rooms: written by `npm run check:layers -- --write` -->';
const end = '<!-- end of rooms -->';

/** The page with what really imports what between its markers. */
export function withRooms(page: string, imports: readonly Import[], rooms: readonly Room[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for the rooms: ${begin} … ${end}`);
  const text = [begin, '', diagram(imports, rooms), roomTable(imports, rooms), ''].join('\n');
  return page.slice(0, from) + text + page.slice(to);
}

function roomTable(imports: readonly Import[], rooms: readonly Room[]): string {
  const rows = inhabited(imports, rooms).map((room) => {
    const own = imports.filter(({ file }) => roomOf(file, rooms) === room);
    return [
      code(room.path),
      String(room.rank),
      `${room.what}${room.portable ? ' (portable)' : ''}`,
      room.around
        ? 'anything'
        : importedRooms(own, room, rooms)
            .map(({ path }) => code(path))
            .join(', '),
      room.around ? 'any' : importedPackages(own).join(', '),
    ];
  });
  return table(['room', 'rank', 'what it is', 'imports', 'packages'], rows);
}

/** Rooms that have files, as far as they import or are imported. */
function inhabited(imports: readonly Import[], rooms: readonly Room[]): Room[] {
  const lived = new Set(
    imports
      .flatMap(({ file, target, kind }) => (kind === 'file' ? [file, target] : [file]))
      .map((file) => roomOf(file, rooms)),
  );
  return rooms.filter((room) => lived.has(room));
}

function importedRooms(imports: readonly Import[], room: Room, rooms: readonly Room[]): Room[] {
  const targets = new Set(imports.filter(({ kind }) => kind === 'file').map(({ target }) => roomOf(target, rooms)));
  return rooms.filter((other) => other !== room && targets.has(other));
}

/** Node's modules are one entry: which of them does not matter here. */
function importedPackages(imports: readonly Import[]): string[] {
  const packages = imports
    .filter(({ kind }) => kind === 'package')
    .map(({ target, how }) => ({ name: isNodeModule(target) ? 'node:' : target, how }));
  const loaded = new Set(packages.filter(({ how }) => how !== 'types').map(({ name }) => name));
  const names = [...new Set(packages.map(({ name }) => name))].sort();
  return names.map((name) => `${code(name)}${loaded.has(name) ? '' : ' (types)'}`);
}

/**
 * The rooms of the product as a graph. An arrow is left out where others lead there too, and where it points up, which the
 * check reports. A room inside another, like those of bin, is drawn as that one.
 */
function diagram(imports: readonly Import[], rooms: readonly Room[]): string {
  const inner = (room: Room): boolean => rooms.some((other) => other !== room && isInside(room.path, other.path));
  const drawn = rooms.filter((room) => !room.around && !inner(room));
  const below = new Map(
    drawn.map((room) => {
      const own = imports.filter(({ file }) => roomOf(file, drawn) === room);
      return [room, importedRooms(own, room, drawn).filter(({ rank }) => rank < room.rank)];
    }),
  );
  const reaches = (from: Room, to: Room): boolean =>
    (below.get(from) ?? []).some((next) => next === to || reaches(next, to));
  const arrows = [...below].flatMap(([from, all]) => {
    const direct = all.filter((to) => !all.some((other) => other !== to && reaches(other, to)));
    return direct.map((to) => ({ from, to }));
  });
  const tied = drawn.filter((room) => arrows.some(({ from, to }) => from === room || to === room));
  return [
    '```mermaid',
    'flowchart TD',
    ...tied.map((room) => `  ${nodeId(room)}["${room.path}"]`),
    ...arrows.map(({ from, to }) => `  ${nodeId(from)} --> ${nodeId(to)}`),
    '```',
    '',
  ].join('\n');
}

/** Mermaid takes no slashes in the names of its nodes. */
function nodeId({ path }: Room): string {
  return path.replaceAll(/[^a-z]/g, '_');
}
