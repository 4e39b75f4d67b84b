import { groupBy, listed } from '../lib/format/index.js';
import { advise, type Channel, defineFilter, type Header, optionNamed } from '../lib/index.js';
import { placesOf, rankChannels } from '../lib/layers/index.js';
import { compileGlobs, type Glob } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { channelLayers, namesIn } from './shared/select.js';
import { idOptions, judgeSuspects } from './shared/suspects.js';

/** Stores channels as half, float or uint. See docs/reference.md#convert for its options. */
export const convert = defineFilter({
  name: 'convert',
  summary: 'Store channels as half or float',
  description: [
    'half takes two bytes for each sample instead of four and is enough for colour. It holds about three digits, values up to 65504 and whole numbers up to 2048. Without --only everything becomes half, with a warning about channels whose names suggest depth, motion, UV, positions (X, Y and Z of one layer, unless it is called normal), IDs or indices: use --only to select what may become half.',
    'Once the pixels are converted, warnings report how many samples became infinite and, in channels with nothing but whole numbers, how many were rounded. With --strict a warning means failure, and no file is written.',
    'Cryptomatte channels always stay as they are, because half would destroy their IDs; channels of whole numbers (uint) stay too. float holds every half value exactly.',
    'Where names do not show what holds IDs (the file or a layer has "crypto" in its name, or Cryptomatte metadata leads to no channels), a few pixels are examined. --ids and --not-ids decide instead.',
  ].join('\n\n'),
  examples: [
    {
      command: 'convert --to half --only "*.Combined" --only "*.DiffCol" shot.0001.exr -o shot_half.0001.exr',
      what: 'colour as half, depth and normals stay float',
    },
    { command: 'convert --to float plate.exr -o plate_float.exr', what: 'everything as float' },
  ],
  options: {
    to: { type: 'choice', choices: ['half', 'float'], required: true, placeholder: 'TYPE', summary: 'the pixel type' },
    only: { type: 'list', placeholder: 'GLOB', summary: 'only channels with this name or in this layer (repeatable)' },
    ...idOptions,
  },
  rewritesChunks: () => true,
  async header(arrived, { to, only, ids, notIds }, context) {
    const globs = compileGlobs(only);
    const harmedIn = (one: Header) => {
      const isMeant = fitting(one, globs);
      return (channel: Channel): boolean => to === 'half' && channel.type === 'float' && isMeant(channel);
    };
    const header = await judgeSuspects(arrived, { ids, notIds }, harmedIn, context);
    const chosen = fitting(header, globs);
    const protectedNames: string[] = [];
    const measured: string[] = [];
    const indices: string[] = [];
    const ranks = rankChannels(header);
    const meanings = meaningsOf(header);
    const parts = header.parts.map((part) => {
      const channels = part.channels.map((channel): Channel => {
        if (channel.type === to || channel.type === 'uint' || !chosen(channel)) return channel;
        if (ranks.has(channel)) {
          protectedNames.push(channel.name);
          return channel;
        }
        const meaning = to === 'half' && globs.length === 0 ? meanings.get(channel) : undefined;
        if (meaning !== undefined) (meaning === 'index' ? indices : measured).push(channel.name);
        return { ...channel, type: to };
      });
      return { ...part, channels };
    });
    const unused = globs.filter((glob) => !header.parts.some(({ channels }) => channels.some(fitting(header, [glob]))));
    if (unused.length > 0)
      context.warn(
        'NO_MATCH',
        `nothing is called ${notFound(
          unused.map(({ pattern }) => pattern),
          namesIn(header),
        )}`,
      );
    if (protectedNames.length > 0)
      context.note(
        'CRYPTOMATTE_KEPT',
        `${protectedNames.length} Cryptomatte channels stay as they are: ${listed(protectedNames, 3)}`,
      );
    if (measured.length > 0)
      context.warn(
        'HALF_TOO_SMALL',
        advise`half may be too coarse or too small for ${listed(measured, 5)}; name what should become half with ${optionNamed('only')}`,
      );
    if (indices.length > 0)
      context.warn(
        'HALF_INDICES',
        advise`half holds whole numbers up to 2048 only, and these seem to be IDs or indices: ${listed(indices, 5)}; name what should become half with ${optionNamed('only')}`,
      );
    return { ...header, parts };
  },
});

/** Which channels are meant: by their own name or that of a layer; without globs all. */
function fitting(header: Header, globs: readonly Glob[]): (channel: Channel) => boolean {
  const layersOf = channelLayers(header);
  const fits = (glob: Glob, channel: Channel): boolean =>
    glob.matches(channel.name) || layersOf(channel).some((layer) => glob.matches(layer));
  return (channel) => globs.length === 0 || globs.some((glob) => fits(glob, channel));
}

/** `measured` in scene units or pixels: beyond the 11 bits and 65504 that half has. An `index` beyond 2048 becomes another. */
type Meaning = 'measured' | 'index';

/** What channels mean that half suits badly, as far as their names tell: looked at layer by layer. */
function meaningsOf(header: Header): ReadonlyMap<Channel, Meaning> {
  const meanings = new Map<Channel, Meaning>();
  const layers = groupBy(placesOf(header).values(), ({ part, view, layer }) => JSON.stringify([part, view, layer]));
  for (const places of layers.values()) {
    const components = new Map(places.map(({ component, channel }) => [component, channel]));
    const pass = places[0]?.layer.split('.').at(-1) ?? '';
    for (const component of measuredComponents(pass, [...components.keys()]))
      meanings.set(components.get(component) as Channel, 'measured');
    for (const [component, channel] of components)
      if (isIndex(pass, component, components.size === 1)) meanings.set(channel, 'index');
  }
  return meanings;
}

/** Components of a layer that are depth, positions, motion or places in a texture. */
function measuredComponents(pass: string, components: readonly string[]): readonly string[] {
  // Directions from -1 to 1, and Blender's mist from 0 to 1, whatever letters they go by.
  if (/normal|^(n|ng|ns|gn|sn|mist)$/i.test(pass)) return [];
  if (/^(z|depth|pos|position|p|pref|pworld|vector|velocity|motion|motionvector|uv|st)$/i.test(pass)) return components;
  const those = (letters: string) => components.filter((component) => letters.includes(component.toLowerCase()));
  if (those('xyz').length === 3) return those('xyz');
  // Y beside U and V is brightness, and they are colour.
  if (those('uv').length === 2 && those('y').length === 0) return those('uv');
  return components.filter((component) => /^z(back)?$/i.test(component));
}

/** `I` beside other components can be an intensity; alone it is an index, as Mitsuba writes it, and so is `IndexOB.X`. */
function isIndex(pass: string, component: string, isAlone: boolean): boolean {
  return namesIndex(component) || (isAlone && (/^i$/i.test(component) || namesIndex(pass)));
}

/** `id`, `object_id`, `instanceId`, `IndexOB`, `Object Index`; not `fluid`. */
function namesIndex(name: string): boolean {
  return /^index|index$|(^|[ _-])ids?$/i.test(name) || /[a-z0-9]I[Dd]s?$/.test(name);
}
