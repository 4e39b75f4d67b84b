/** The table of codecs in words, for help and documentation, so that a new row shows up in all of them. */
import { groupBy } from '../model/group-by.js';
import type { Codec } from './codec.js';
import { codecs, deepCodecs } from './table.js';

/** Codecs that can be written. */
const written = codecs.filter(({ encode }) => encode);

/** Which codecs keep every bit, what others change, and which ones old programs do not know. */
export function lossProse(): string {
  const lossless = written.filter(({ lossText }) => lossText === undefined);
  const lossy = groupBy(
    written.filter(({ lossText }) => lossText !== undefined),
    ({ lossText }) => lossText,
  );
  const changes = [...lossy].map(([text, own]) => `${names(own)}: ${text}.`);
  const late = groupBy(
    written.filter(({ since }) => since !== undefined),
    ({ since }) => since?.openExr,
  );
  const warnings = [...late].map(
    ([since, own]) =>
      `${names(own)}: only programs with OpenEXR ${since} or later read ${own.length > 1 ? 'them' : 'it'}.`,
  );
  return [`${names(lossless)} keep every bit.`, ...changes, ...warnings].join(' ');
}

/** The codecs of deep parts. */
export function deepProse(): string {
  return `Deep parts can be ${names(deepCodecs, 'or')}.`;
}

/** The levels of the codecs that have any: `1 to 9 for zip (4 without it), 1 to 22 for zstd (5)`. */
export function levelProse(): string {
  const ranges = groupBy(
    written.filter(({ levels }) => levels !== undefined),
    ({ levels }) => `${levels?.least} to ${levels?.most}`,
  );
  return [...ranges]
    .map(([range, own]) => {
      const usual = groupBy(own, ({ levels }) => levels?.usual);
      return `${range} for ${[...usual].map(([level, same]) => `${names(same)} (${level} without it)`).join(', ')}`;
    })
    .join('; ');
}

function names(list: readonly Codec[], last = 'and'): string {
  const all = list.map(({ name }) => name);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1)}`;
}
