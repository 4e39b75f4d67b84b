import { codecOf, codecs, deepProse, listed, lossProse, mostListed } from '../lib/format/index.js';
import {
  type Advice,
  type AdvisedStep,
  advise,
  type Channel,
  type Compression,
  chainOf,
  defineFilter,
  ExrError,
  type Header,
  isDeep,
  lossyChannels,
  optionNamed,
  type Part,
  stepOf,
} from '../lib/index.js';
import { guardedChannels, joinChannelName, parseChannelName, placesOf, rankChannels } from '../lib/layers/index.js';
import { partLabel } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { selectParts } from './shared/select.js';
import { idOptions, judgeSuspects } from './shared/suspects.js';

/** Every compression that exrpipe writes. Others are passed on, but not written. */
const targets: readonly Compression[] = codecs.flatMap(({ name, encode }) => (encode ? name : []));

/** Those that deep parts can have. */
const deepTargets: readonly Compression[] = codecs.flatMap(({ name, deep }) => (deep ? name : []));

/** Stores parts in another compression. See docs/reference.md#compress for its options. */
export const compress = defineFilter({
  name: 'compress',
  summary: 'Store the pixels with another compression',
  description: [
    lossProse(),
    `Cryptomatte IDs are bit patterns, so a compression that would change them is refused. ${deepProse()}`,
    'Where names do not show what holds IDs (the file or a layer has "crypto" in its name, or Cryptomatte metadata leads to no channels), a few pixels are examined. --ids and --not-ids decide instead.',
    'Naming a lossy compression here is your consent to its loss, but only once: pixels that were already stored with loss are not re-encoded with loss unless you add --allow-lossy.',
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
    part: { type: 'list', placeholder: 'GLOB', summary: 'only parts of this name or number (repeatable)' },
    ...idOptions,
  },
  rewritesChunks: () => true,
  async header(arrived, { to, part: names, ids, notIds }, context) {
    const globs = compileGlobs(names);
    const harmedIn = (one: Header) => {
      const harmed = new Set([...selectParts(one, globs)].flatMap((part) => changedFloats(part, to)));
      return (channel: Channel): boolean => harmed.has(channel);
    };
    const header = await judgeSuspects(arrived, { ids, notIds }, harmedIn, context);
    const selected = selectParts(header, globs);
    for (const [number, part] of header.parts.entries()) if (selected.has(part)) checkDeep(part, number, to);
    checkIds(header, selected, to);
    return {
      ...header,
      parts: header.parts.map((part) => (selected.has(part) ? { ...part, compression: to, codecChosen: true } : part)),
    };
  },
});

function checkDeep(part: Part, number: number, to: Compression): void {
  if (!isDeep(part) || deepTargets.includes(to)) return;
  throw new ExrError('usage', 'NOT_FOR_DEEP', `${partLabel(part, number)} is deep and cannot be ${to}`, {
    where: { part: number },
    hint: `Deep parts can be ${deepTargets.join(', ')}.`,
  });
}

function checkIds(header: Header, selected: ReadonlySet<Part>, to: Compression): void {
  const harmed = header.parts.map((part) => (selected.has(part) ? harmedIds(header, part, to) : []));
  const first = harmed.findIndex((channels) => channels.length > 0);
  const part = header.parts[first];
  if (!part) return;
  const names = listed(
    (harmed[first] ?? []).map(({ name }) => name),
    3,
  );
  const drops = leavingOut(header, harmed);
  throw new ExrError('usage', 'CRYPTOMATTE_LOSSY', `${to} would destroy the Cryptomatte IDs in ${names}`, {
    where: { part: first },
    hint: advise`Choose zip or piz${wayOut(part, to)}${drops.length > 0 ? advise`, or remove the mattes with ${chainOf(...drops)}` : ''}${denial(header, harmed)}.`,
  });
}

/** The channels of a part whose IDs its new compression would change. */
function harmedIds(header: Header, part: Part, to: Compression): Channel[] {
  const ranks = rankChannels(header);
  return changedFloats(part, to).filter((one) => ranks.has(one));
}

/** The float channels of a part that its new compression would change. A rank that is not float has lost its IDs already. */
function changedFloats(part: Part, to: Compression): Channel[] {
  // A part that has the codec already is not coded again.
  if (part.compression === to || isDeep(part)) return [];
  const losing = lossyChannels({ compression: to, channels: part.channels });
  return part.channels.filter((one) => one.type === 'float' && losing.has(one));
}

/**
 * Steps that drop the Cryptomattes with harmed channels (a list for each part): by their layers and, where the part has the
 * name, by part. None where that would leave nothing, or other channels would go with them.
 */
function leavingOut(header: Header, harmed: readonly (readonly Channel[])[]): AdvisedStep[] {
  const ranks = rankChannels(header);
  const onlyIds = header.parts.map((part) => {
    return part.channels.every((channel) => ranks.has(channel));
  });
  const layers = new Set(harmed.flat().map(({ name }) => parseChannelName(name).layer));
  const bare = [...header.parts.keys()].filter((number) =>
    harmed[number]?.some(({ name }) => parseChannelName(name).layer === ''),
  );
  if (onlyIds.every(Boolean) || !bare.every((number) => onlyIds[number])) return [];
  layers.delete('');
  const all = header.parts.flatMap(({ channels }) => channels);
  // Where Blender has cut names, mattes and colours may share a layer.
  if (all.some((channel) => layers.has(parseChannelName(channel.name).layer) && !ranks.has(channel))) return [];
  const bearers = bare.map((number) => header.parts[number]?.name ?? '');
  const inShort = header.parts.every(({ name }, number) => onlyIds[number] || !saysCrypto(name ?? ''));
  const layer = layers.size > 0 && [...layers].every(saysCrypto) ? ['*rypto*'] : [...layers];
  const part = bare.length > 1 && inShort && bearers.every(saysCrypto) ? ['*rypto*'] : bearers;
  // Nobody types more.
  if (layer.length + part.length > mostListed) return [];
  return [
    ...(layer.length > 0 ? [stepOf('drop', { layer })] : []),
    ...(part.length > 0 ? [stepOf('drop', { part })] : []),
  ];
}

function saysCrypto(name: string): boolean {
  return name.includes('rypto');
}

/** How to declare that channels hold none, where nothing but their names suggests that they do. */
function denial(header: Header, harmed: readonly (readonly Channel[])[]): string | Advice {
  const evidence = guardedChannels(header);
  const byName = harmed.flat().filter((one) => ['named', 'numbered'].includes(evidence.get(one) ?? ''));
  if (byName.length === 0 || byName.length < harmed.flat().length) return '';
  const places = placesOf(header);
  const layers = new Set(byName.map((one) => places.get(one)?.layer ?? ''));
  return advise`; if they hold no IDs, add ${optionNamed('notIds', layers.size > mostListed ? 'GLOB' : [...layers])}`;
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
