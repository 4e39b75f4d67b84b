import {
  type Compression,
  codecOf,
  codecs,
  defineFilter,
  ExrError,
  type Header,
  isDeep,
  joinChannelName,
  lossyChannels,
  type Part,
  parseChannelName,
  rankChannels,
} from '../lib/index.js';
import { partLabel } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { listed, selectParts } from './shared/select.js';

/** Every compression that exrpipe writes. Others are passed on, but not written. */
const targets: readonly Compression[] = codecs.flatMap(({ name, encode }) => (encode ? name : []));

/** Those that deep parts can have. */
const deepTargets: readonly Compression[] = codecs.flatMap(({ name, deep }) => (deep ? name : []));

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
  const losing = lossyChannels({ compression: to, channels: part.channels });
  const harmed = part.channels.filter((one) => ranks.has(one.name) && one.type === 'float' && losing.has(one));
  if (part.compression === to || harmed.length === 0) return;
  const names = listed(
    harmed.map(({ name }) => name),
    3,
  );
  throw new ExrError('usage', 'CRYPTOMATTE_LOSSY', `${to} would destroy the Cryptomatte IDs in ${names}`, {
    where,
    hint: `Choose zip or piz${wayOut(part, to)}, or leave the mattes out with "drop --layer '*rypto*'".`,
  });
}

/** DWA looks at names: it keeps components spelled as the Cryptomatte specification spells them. */
function wayOut({ channels }: Part, to: Compression): string {
  const spelled = channels.map((channel) => {
    const { layer, component } = parseChannelName(channel.name);
    return { ...channel, name: joinChannelName(layer, component.toLowerCase()) };
  });
  const keeps = codecOf(to).losesByName && lossyChannels({ compression: to, channels: spelled }).size === 0;
  return keeps ? `, or "rename" their components to r, g, b, a, which ${to} keeps` : '';
}
