import { ExrError, type Header, type Part } from '../../lib/index.js';
import { type Glob, matchesAny } from './glob.js';

/** The parts whose name fits one of the globs; all parts where no glob is given. Throws `usage` when none fits. */
export function selectParts(header: Header, globs: readonly Glob[]): ReadonlySet<Part> {
  if (globs.length === 0) return new Set(header.parts);
  const found = header.parts.filter(({ name }) => matchesAny(globs, name ?? ''));
  if (found.length > 0) return new Set(found);
  const names = header.parts.flatMap(({ name }) => (name === undefined ? [] : [name]));
  throw new ExrError('usage', 'NO_SUCH_PART', `no part is called ${listed(globs.map(({ pattern }) => pattern))}`, {
    hint: names.length > 0 ? `There are: ${listed(names)}.` : 'The file has one part without a name: leave out --part.',
  });
}

/** Names in a message: quoted, and not more of them than a person reads. */
export function listed(names: Iterable<string>, most = 12): string {
  const all = [...names];
  const shown = all.slice(0, most).map((name) => `"${name}"`);
  return all.length > most ? `${shown.join(', ')} and ${all.length - most} more` : shown.join(', ');
}
