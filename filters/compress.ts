import {
  type Compression,
  defineFilter,
  ExrError,
  type Header,
  isDeep,
  isLossy,
  type Part,
  rankChannels,
} from '../lib/index.js';
import { partLabel } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { listed, selectParts } from './shared/select.js';

/** Every compression of OpenEXR that exrpipe writes. HTJ2K is read and passed on, but not written. */
const targets = [
  'none',
  'rle',
  'zips',
  'zip',
  'piz',
  'pxr24',
  'b44',
  'b44a',
  'dwaa',
  'dwab',
] as const satisfies readonly Compression[];

/** What the format allows in deep parts (OpenEXR file layout, "Deep data"). */
const deepTargets: readonly Compression[] = ['none', 'rle', 'zips'];

export const compress = defineFilter({
  name: 'compress',
  summary: 'Store the pixels with another compression',
  description: [
    'none, rle, zips, zip and piz keep every bit. pxr24 rounds float channels to 24 bits; b44 and b44a change half channels; dwaa and dwab change colour channels named R, G, B, Y, BY and RY, and keep all others.',
    'Cryptomatte IDs are bit patterns, so a compression that would change them is refused. Deep parts can be none, rle or zips.',
    'Naming a lossy compression here is your consent to its loss, but only once: pixels that were stored with loss before are not coded with loss again unless you add --allow-lossy.',
  ].join('\n\n'),
  examples: [
    { command: 'compress --to zip render.0001.exr -o render_zip.0001.exr', what: 'for fast reading in a compositor' },
    {
      command: 'compress --to dwaa --part beauty multi.exr -o multi_small.exr',
      what: 'one part small, others untouched',
    },
    {
      command: 'drop --layer "*.Crypto*" then compress --to dwaa shot.0001.exr -o review.0001.exr',
      what: 'a small file for review, without mattes',
    },
  ],
  options: {
    to: { type: 'choice', choices: targets, required: true, placeholder: 'CODEC', summary: 'the compression' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only parts of this name (repeatable)' },
  },
  header(header, { to, part: names }) {
    const selected = selectParts(header, compileGlobs(names));
    for (const [number, part] of header.parts.entries()) if (selected.has(part)) check(header, part, number, to);
    return {
      ...header,
      parts: header.parts.map((part) => (selected.has(part) ? { ...part, compression: to, codecChosen: true } : part)),
    };
  },
});

function check(header: Header, part: Part, number: number, to: Compression): void {
  const where = { part: number };
  if (isDeep(part) && !deepTargets.includes(to))
    throw new ExrError('usage', 'NOT_FOR_DEEP', `${partLabel(part, number)} is deep and cannot be ${to}`, {
      where,
      hint: `Deep parts can be ${deepTargets.join(', ')}.`,
    });
  const ranks = rankChannels(part, header);
  // A rank that is not float has lost its IDs already; a part that has the codec already is not coded again.
  const harmed = part.channels.filter((one) => ranks.has(one.name) && one.type === 'float' && isLossy(to, one));
  if (part.compression === to || harmed.length === 0) return;
  const names = listed(
    harmed.map(({ name }) => name),
    3,
  );
  throw new ExrError('usage', 'CRYPTOMATTE_LOSSY', `${to} would destroy the Cryptomatte IDs in ${names}`, {
    where,
    hint: `Choose zip or piz${wayOut(to)}, or leave the mattes out with "drop --layer '*rypto*'".`,
  });
}

/** DWA looks at names: it keeps components spelled as the Cryptomatte specification spells them. */
function wayOut(to: Compression): string {
  return to === 'dwaa' || to === 'dwab' ? `, or "rename" their components to r, g, b, a, which ${to} keeps` : '';
}
