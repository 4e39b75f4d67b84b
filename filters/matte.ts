import { carrySets, type Manifest, mattePlane, namesOfSet } from '../lib/cryptomatte/index.js';
import { defaultLimits, groupBy, listed } from '../lib/format/index.js';
import {
  advise,
  type Channel,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
  type Part,
  sortChannels,
  stepOf,
} from '../lib/index.js';
import {
  type CryptomatteSet,
  cryptomatteSets,
  headerSets,
  nameProblem,
  parseChannelName,
  parseComponent,
  placeOf,
  placesOf,
  type RankLayer,
  withoutSets,
} from '../lib/layers/index.js';
import { channelNames, compileNamePatterns, hasNameToken, type NamePattern } from './shared/name-patterns.js';
import { notFound } from './shared/not-found.js';

/** Adds a channel with the matte of some objects of a Cryptomatte. See docs/reference.md#matte for its options. */
export const matte = defineFilter({
  name: 'matte',
  summary: 'Extract a matte channel from a Cryptomatte by name',
  description: [
    'Adds up the coverage of everything whose name matches, and writes it as one channel with values from 0 to 1. In patterns * and ? match any characters; a pattern between slashes is a regular expression.',
    'Without --layer only one Cryptomatte may have a matching name. The new channel is called "matte", unless --as gives another name. It joins the layer in its name ("Chars.Combined.A" becomes the alpha of the beauty of Chars), with the pixel type of the colour there; otherwise, in a multi-part file, it gets a part of its own.',
    'With {name} in --as each matching name gets a channel of its own: "{name}", or "mattes.{name}" for a layer of them. Dots in names become _ there. In a multi-part file they share a part.',
    '--only removes all other channels; the channel is then called "Y", which every viewer shows as an image. In a stereo file each view gets its own matte.',
    'With --only and an output that ends in .png the matte becomes a grey PNG of the display window: 0 is no coverage, 255 (with --bits 16: 65535) is full coverage, without a curve, rounded to the nearest. "masks" writes one for each name.',
  ].join('\n\n'),
  examples: [
    {
      command: "matte --name 'Hero*' --layer Chars.CryptoObject shot.0001.exr -o shot_matte.0001.exr",
      what: 'one more channel',
    },
    {
      command: "matte --name '/^tree_\\d+$/' --only shot.0001.exr -o trees.0001.exr",
      what: 'a file of its own, as a grey image',
    },
    { command: "matte --name 'Hero*' --only shot.0001.exr -o hero.0001.png", what: 'a grey PNG' },
    {
      command: 'matte --name Hero --as A shot.0001.exr -o hero_alpha.0001.exr',
      what: 'an alpha for an image without one',
    },
    {
      command: "matte --name 'Hero*' --name Dog --as 'mattes.{name}' shot.0001.exr -o mattes.0001.exr",
      what: 'a channel for each name',
    },
  ],
  options: {
    name: { type: 'list', required: true, placeholder: 'GLOB', summary: 'names to take, or /REGEX/ (repeatable)' },
    layer: { type: 'text', placeholder: 'NAME', summary: 'the Cryptomatte to look in' },
    as: {
      type: 'text',
      placeholder: 'CHANNEL',
      summary: 'name of the new channel (default: matte; with --only Y); {name} makes one for each name',
    },
    only: { type: 'flag', summary: 'write the matte and nothing else' },
    bits: { type: 'choice', choices: ['8', '16'], default: '8', summary: 'bits of a PNG' },
  },
  rewritesChunks: () => true,
  check: ({ as }) => {
    const problem = as === undefined ? undefined : nameProblem(as.replaceAll('{name}', 'x'));
    if (problem !== undefined)
      throw new ExrError('usage', 'BAD_NAMES', advise`${optionNamed('as')}: the name "${as ?? ''}" ${problem}`);
  },
  async header(header, { name: patterns, layer, as: asked, only, bits }, context) {
    const { set, names } = await chosenSet(header, layer, compileNamePatterns(patterns), context);
    const as = asked ?? (only ? 'Y' : 'matte');
    const wanted = wantedMattes(as, names, context);
    const what = wanted.length > 1 || hasNameToken(as) ? `${listed(wanted.map((one) => one.as))} are` : `"${as}" is`;
    context.note(
      'MATTE',
      `${what} the coverage of ${names.length} names of "${set.name}": ${listed(names.map(([name]) => name))}`,
    );
    const views = [...groupBy(set.layers, ({ view }) => view)];
    const mattes = views.flatMap(([view, layers]) =>
      wanted.map((one) => matteOf(header, view, layers, one.ids, one.as)),
    );
    if (only) return carrySets(header, alone(header, mattes, bits === '16' ? 16 : 8), context);
    const parts = new Map<string, number>();
    return mattes.reduce((current, one) => added(current, header, one, hasNameToken(as) ? parts : undefined), header);
  },
});

interface WantedMatte {
  readonly as: string;
  readonly ids: ReadonlySet<number>;
}

/** One matte of all names, or one for each. Throws `limit` where that would be more channels than a file may have. */
function wantedMattes(
  as: string,
  names: readonly (readonly [string, number])[],
  { limits }: FilterContext,
): WantedMatte[] {
  if (!hasNameToken(as)) return [{ as, ids: new Set(names.map(([, bits]) => bits)) }];
  const most = (limits ?? defaultLimits).channelsPerPart;
  if (names.length > most)
    throw new ExrError(
      'limit',
      'TOO_MANY_CHANNELS',
      `${names.length} names match, and a part has at most ${most} channels`,
      {
        limit: 'channelsPerPart',
        hint: advise`Use a narrower ${optionNamed('name')}, or ${stepOf('manifest', { prune: true })} first, which keeps only the names in view.`,
      },
    );
  const channels = channelNames(
    as,
    names.map(([name]) => name),
  );
  return names.map(([name, bits]) => ({ as: channels.get(name) ?? name, ids: new Set([bits]) }));
}

/** The matte of one view. */
interface Matte {
  readonly channel: Channel;
  /** Its name without the view. */
  readonly as: string;
  readonly view: string;
  /** The number of the part with its first rank. */
  readonly part: number;
}

function matteOf(
  header: Header,
  view: string,
  layers: readonly RankLayer[],
  ids: ReadonlySet<number>,
  as: string,
): Matte {
  const plane = mattePlane(layers, ids);
  const [rank] = layers.flatMap(({ channels }) => channels);
  // If the ranks of a view have its name, so has its matte.
  const name = rank && placeOf(header, rank).viewSpelt !== undefined ? `${view}.${as}` : as;
  const channel: Channel = { name, type: 'float', xSampling: 1, ySampling: 1, linear: false, plane };
  return { channel, as, view, part: layers[0]?.part ?? 0 };
}

/** Nothing but the mattes: one image, or a part for each view where the views have parts of their own. */
function alone(header: Header, mattes: readonly Matte[], bits: 8 | 16): Header {
  const byPart = [...groupBy(mattes, ({ part }) => part)];
  const several = byPart.length > 1;
  const parts = byPart.map(([number, own]): Part => {
    const [{ as, view }] = own as [Matte];
    const title = own.length > 1 ? parseChannelName(as).layer || 'mattes' : as;
    const name = several ? `${title}-${view}` : undefined;
    const channels = sortChannels(own.map(({ channel }) => channel));
    return { ...(header.parts[number] as Part), name, channels, bits };
  });
  return { ...header, parts, multiPart: several };
}

/**
 * The header with one matte more, in the part that has its layer, or in one of its own; with `parts`, which knows them by their
 * views, in one that it shares with other mattes.
 */
function added(
  current: Header,
  arrived: Header,
  { channel, as, view, part: number }: Matte,
  parts: Map<string, number> | undefined,
): Header {
  const { layer, component } = parseChannelName(as);
  const homes = [...placesOf(arrived).values()].filter(
    (place) => place.layer === layer && place.view === view && (layer !== '' || arrived.parts.length === 1),
  );
  const single = arrived.parts.length === 1;
  const home = single ? 0 : homes[0]?.part;
  const part = current.parts[home ?? number] as Part;
  if (home === undefined) {
    const shared = parts?.get(view);
    if (shared !== undefined) return withChannel(current, shared, current.parts[shared] as Part, channel);
    parts?.set(view, current.parts.length);
    const title = parts ? layer || 'mattes' : as;
    const name = view === '' ? title : `${title}-${view}`;
    const own = withoutSets(part.attributes, cryptomatteSets(part));
    return withChannel(current, current.parts.length, { ...part, name, attributes: own, channels: [] }, channel);
  }
  const name = homes[0]?.speltBy === 'part' ? component : channel.name;
  // An alpha of another type than its colour is misread by viewers; other mattes keep their precision.
  const colour = parseComponent(component) && homes.find((one) => parseComponent(one.component))?.channel.type;
  return withChannel(current, home, part, { ...channel, name, type: colour ?? 'float' });
}

function withChannel(header: Header, number: number, part: Part, channel: Channel): Header {
  if (part.channels.some(({ name }) => name === channel.name))
    throw new ExrError('usage', 'CHANNEL_EXISTS', `there is a channel "${channel.name}" already`, {
      hint: advise`Remove that one first, with ${stepOf('drop', { channel: [channel.name] })}, or choose another name with ${optionNamed('as')}.`,
    });
  const parts = [...header.parts];
  parts[number] = { ...part, channels: sortChannels([...part.channels, channel]) };
  return { ...header, parts };
}

interface Chosen {
  readonly set: CryptomatteSet;
  /** The names that fit, with their IDs. */
  readonly names: readonly (readonly [string, number])[];
}

async function chosenSet(
  header: Header,
  layer: string | undefined,
  patterns: readonly NamePattern[],
  context: FilterContext,
): Promise<Chosen> {
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  const asked = layer === undefined ? sets : sets.filter(({ name }) => name === layer);
  if (asked.length === 0)
    throw new ExrError(
      'usage',
      'NO_SUCH_LAYER',
      layer === undefined ? 'the file has no Cryptomatte with metadata' : `there is no Cryptomatte "${layer}"`,
      {
        hint:
          sets.length > 0
            ? `There are: ${listed(sets.map(({ name }) => name ?? ''))}.`
            : '"inject-manifest" restores lost names.',
      },
    );
  const manifests: Manifest[] = [];
  const fitting: Chosen[] = [];
  for (const set of asked) {
    const manifest = await manifestOf(set, context);
    manifests.push(manifest);
    const names = [...manifest].filter(([name]) => patterns.some((pattern) => pattern.fits(name)));
    if (names.length > 0) fitting.push({ set, names });
  }
  const [only, ...others] = fitting;
  if (!only)
    throw new ExrError('usage', 'NO_SUCH_NAME', `no name matches ${listed(patterns.map(({ text }) => text))}`, {
      hint: manifests.some(({ size }) => size > 0)
        ? `There are: ${listed(new Set(manifests.flatMap((manifest) => [...manifest.keys()])))}.`
        : 'The file has no names; "inject-manifest" restores lost names.',
    });
  if (others.length > 0)
    throw new ExrError('usage', 'SEVERAL_FIT', 'names match in several Cryptomattes', {
      hint: advise`Add ${optionNamed('layer')} with one of: ${listed(fitting.map(({ set }) => set.name ?? ''))}.`,
    });
  const unused = patterns.filter((pattern) => !only.names.some(([name]) => pattern.fits(name)));
  if (unused.length > 0)
    context.warn(
      'NO_MATCH',
      `no name of "${only.set.name}" fits ${notFound(
        unused.map(({ text }) => text),
        manifests.flatMap((manifest) => [...manifest.keys()]),
      )}`,
    );
  return only;
}

function manifestOf(set: CryptomatteSet, { inputs, readSidecar }: FilterContext): Promise<Manifest> {
  const image = inputs[0]?.path;
  return namesOfSet(set, image === undefined ? undefined : (name) => readSidecar(image, name));
}
