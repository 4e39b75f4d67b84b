/** The table of codecs as the two READMEs have it, between marks. */
import type { Codec } from '../lib/codecs/codec.js';
import { codecs } from '../lib/codecs/table.js';
import { table } from './markdown.js';

const [begin, end] = ['<!-- codecs: written by `npm run docs` -->', '<!-- codecs end -->'];

/** The page with its table as it should be. Throws where the marks are missing. */
export function withCodecsTable(page: string, only: (codec: Codec) => boolean = () => true): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('no place for the table of codecs');
  return `${page.slice(0, from + begin.length)}\n${codecsTable(codecs.filter(only))}${page.slice(to)}`;
}

function codecsTable(list: readonly Codec[]): string {
  const head = ['id', 'codec', 'lines in a chunk', 'pixels', 'channels moved', 'deep', 'loses', 'levels'];
  const rows = list.map(({ id, name, lines, decode, encode, splice, deep, lossText, levels, since }) => [
    String(id),
    since === undefined ? `\`${name}\`` : `\`${name}\` (OpenEXR ${since.openExr})`,
    lines === undefined ? '' : String(lines),
    [decode ? 'read' : '', encode ? 'written' : ''].filter(Boolean).join(', ') || 'passed on',
    splice ? 'yes' : '',
    deep ? 'yes' : '',
    lossText ?? 'nothing',
    levels ? `${levels.least} to ${levels.most} (${levels.usual})` : '',
  ]);
  return table(head, rows);
}
